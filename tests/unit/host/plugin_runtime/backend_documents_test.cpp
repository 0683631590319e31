#include "plugin_runtime/backend_documents.hpp"

namespace oscar::plugin_runtime::documents {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(BackendDocuments, WriteASpecExactly) {
  ports::RunSpec spec;
  spec.run_id = "r1";
  spec.argv = {"/usr/bin/pt", "--alter", "a \"b\"\n;$(x)", ""};
  spec.files = {{"my.cnf", "[client]\npassword='{run_dir}'", true, 0600}};
  const std::string expected =
      R"({"run_id":"r1","argv":["/usr/bin/pt","--alter",)"
      R"j("a \"b\"\n;$(x)",""],"files":[{"name":"my.cnf",)j"
      R"("content":"[client]\npassword='{run_dir}'","mode":384,"expand_run_dir":true}]})";
  EXPECT_EQ(writeSpec(spec), expected);
}

TEST(BackendDocuments, RefuseTextThatJsonWouldAlter) {
  ports::RunSpec spec;
  spec.argv = {"\xff"};
  EXPECT_THROW(writeSpec(spec), ports::BackendError);
  EXPECT_THROW(writeSet(ports::Control::kChunkTime, "\xc3("), ports::BackendError);
}

TEST(BackendDocuments, WriteControls) {
  EXPECT_EQ(writeSet(ports::Control::kPause, ""), R"({"set":"pause","value":""})");
  EXPECT_EQ(writeSet(ports::Control::kChunkTime, "0.25"), R"({"set":"chunk-time","value":"0.25"})");
  EXPECT_EQ(writeSet(ports::Control::kStop, ""), R"({"set":"stop","value":""})");
  EXPECT_EQ(writeClear(ports::Control::kHoldCutover), R"({"clear":"hold-cutover"})");
}

TEST(BackendDocuments, ReadAProbeReport) {
  const auto report = readProbeReport(
      R"({"ready":true,"tool":{"path":"/p","version":"3.7.1","options":["a","b"]},"new":1})");
  ASSERT_TRUE(report) << report.error();
  EXPECT_TRUE(report.value().ready);
  EXPECT_TRUE(report.value().reason.empty());
  EXPECT_EQ(report.value().tool.path, "/p");
  EXPECT_EQ(report.value().tool.version_number, 30701);
  EXPECT_THAT(report.value().tool.options, ElementsAre("a", "b"));
}

TEST(BackendDocuments, JoinReasonAndRemedyInEitherForm) {
  const auto plain = readProbeReport(R"({"ready":false,"reason":"gone.","remedy":"install it."})");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain.value().reason, sameText("gone. install it."));
  const auto both = readProbeReport(
      R"({"ready":false,"reason":{"zh":"没有。","en":"gone."},"remedy":{"zh":"装。","en":"do."}})");
  ASSERT_TRUE(both);
  EXPECT_EQ(both.value().reason, (Text{"没有。 装。", "gone. do."}));
  const auto silent = readProbeReport(R"({"ready":false})");
  ASSERT_TRUE(silent);
  EXPECT_THAT(silent.value().reason.en, HasSubstr("gave no reason"));
}

TEST(BackendDocuments, RefuseBadReports) {
  for (const char* bad : {"", "[]", "{}", R"({"ready":"yes"})", R"({"ready":true,"tool":5})"}) {
    EXPECT_FALSE(readProbeReport(bad)) << bad;
  }
  for (const char* bad : {"", "{}", R"({"state":"dead"})", R"({"state":5})",
                          R"({"state":"exited","exit_code":"0"})"}) {
    EXPECT_FALSE(readStatusReport(bad)) << bad;
  }
}

TEST(BackendDocuments, ReadAStatus) {
  const auto exited = readStatusReport(R"({"state":"exited","exit_code":0,"signal":null})");
  ASSERT_TRUE(exited);
  EXPECT_EQ(exited.value().state, ports::RunState::kExited);
  EXPECT_EQ(exited.value().exit_code, 0);
  EXPECT_EQ(exited.value().signal, std::nullopt);
  EXPECT_EQ(exited.value().ended_at, std::nullopt);
  EXPECT_EQ(readStatusReport(R"({"state":"exited","ended_at":1767225600123})").value().ended_at,
            fromMillis(1767225600123));
  EXPECT_EQ(readStatusReport(R"({"state":"exited","ended_at":null})").value().ended_at,
            std::nullopt);
  const auto killed = readStatusReport(R"({"state":"exited","exit_code":null,"signal":9})");
  ASSERT_TRUE(killed);
  EXPECT_EQ(killed.value().signal, 9);
  EXPECT_EQ(readStatusReport(R"({"state":"lost"})").value().state, ports::RunState::kLost);
  EXPECT_EQ(readStatusReport(R"({"state":"running"})").value().state, ports::RunState::kRunning);
}

TEST(BackendDocuments, CompareVersionsAsNumbers) {
  EXPECT_EQ(versionNumber("3.2.1"), 30201);
  EXPECT_EQ(versionNumber("3.10.0"), 31000);
  EXPECT_EQ(versionNumber("3.7.1-2"), 30701);
  EXPECT_EQ(versionNumber("3.2"), 0);
  EXPECT_EQ(versionNumber(""), 0);
  EXPECT_EQ(versionNumber("x.y.z"), 0);
  EXPECT_EQ(versionNumber("3.2.100"), 0);
}

}  // namespace
}  // namespace oscar::plugin_runtime::documents
