#include "local_run.hpp"

#include <sys/stat.h>

namespace oscar::backend_local {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

struct VersionCase {
  const char* output;
  const char* version;
};

class ToolVersionTest : public ::testing::TestWithParam<VersionCase> {};

TEST_P(ToolVersionTest, IsFound) {
  EXPECT_EQ(parseToolVersion(GetParam().output), GetParam().version);
}

INSTANTIATE_TEST_SUITE_P(Outputs, ToolVersionTest,
                         ::testing::Values(VersionCase{"pt-online-schema-change 3.2.1\n", "3.2.1"},
                                           VersionCase{"pt-online-schema-change 3.7.1-2", "3.7.1"},
                                           VersionCase{"warning: 5.36\ntool 3.10.12", "3.10.12"},
                                           VersionCase{"1.2.", ""}, VersionCase{"", ""},
                                           VersionCase{"none", ""}));

TEST(ToolOptionsTest, AreReadFromTheHelp) {
  EXPECT_THAT(parseToolOptions("Options:\n\n"
                               "  --alter=s         The schema change, see --execute\n"
                               "                    and --not-an-option\n"
                               "  --[no]check-plan  Check\n"
                               "  --ask-pass        Ask\n"
                               "\nOptions and values after processing arguments:\n\n"
                               "  --alter           (No value)\n"),
              ElementsAre("alter", "ask-pass", "check-plan"));
  EXPECT_THAT(parseToolOptions(""), ElementsAre());
}

/// A fake tool whose every call leaves a line in `calls`.
class ToolProbeTest : public LocalRunTest {
 protected:
  std::string makeTool(const std::string& version_command, const std::string& name = "tool") {
    const std::string file = folder_ + '/' + name;
    spit(file, "#!/bin/sh\necho $1 >> " + folder_ + "/calls\ncase $1 in\n--version) " +
                   version_command + ";;\n--help) printf '\\n  --alter=s  x\\n';;\nesac\n");
    ::chmod(file.c_str(), 0700);
    return file;
  }

  std::string probe(const std::string& tool) {
    LocalBackend other{host_.api(), config(R"(,"tool":)" + jsonText(tool))};
    sdk::testing::FakeTextSink report;
    EXPECT_EQ(other.probe(report, error_), Status::kOk);
    return report.text();
  }
};

TEST_F(ToolProbeTest, ReportsPathVersionAndOptions) {
  const std::string tool = makeTool("echo tool 3.5.7");
  EXPECT_EQ(probe(tool), R"({"ready":true,"tool":{"options":["alter"],"path":)" + jsonText(tool) +
                             R"(,"version":"3.5.7"}})");
}

TEST_F(ToolProbeTest, AsksOnceUntilTheFileChanges) {
  ToolProbe probe{makeTool("echo 3.5.7"), {{"PATH", "/usr/bin:/bin"}}};
  EXPECT_EQ(probe.report().version, "3.5.7");
  EXPECT_EQ(probe.report().version, "3.5.7");
  EXPECT_EQ(slurp(folder_ + "/calls"), "--version\n--help\n");
  makeTool("echo tool version 3.6.0");
  EXPECT_EQ(probe.report().version, "3.6.0");
}

TEST_F(ToolProbeTest, LooksInThePathItsRunsWillHave) {
  makeTool("echo 3.5.7", "pt-fake");
  ToolProbe found{"pt-fake", {{"PATH", "/nonexistent:" + folder_ + ":/usr/bin:/bin"}}};
  EXPECT_EQ(found.report().path, folder_ + "/pt-fake");
  ToolProbe missing{"pt-fake", {{"PATH", "/nonexistent"}}};
  const ToolReport report = missing.report();
  EXPECT_FALSE(report.ready);
  EXPECT_THAT(report.reason.en, HasSubstr("pt-fake was not found"));
  EXPECT_THAT(report.remedy.en, HasSubstr("percona-toolkit"));
  EXPECT_THAT(report.reason.zh, HasSubstr("找不到"));
}

TEST_F(ToolProbeTest, ToldWhyAToolIsNotUsable) {
  EXPECT_THAT(probe(makeTool("echo 2.2.14")), HasSubstr("too old"));
  EXPECT_THAT(probe(makeTool("echo cannot locate DBI >&2; exit 2")),
              HasSubstr("cannot locate DBI"));
  EXPECT_THAT(probe(makeTool("echo no number")), HasSubstr(R"("ready":false)"));
  EXPECT_THAT(probe("/nonexistent/tool"), HasSubstr("was not found"));
}

TEST_F(ToolProbeTest, AHangingToolIsKilled) {
  const auto begin = std::chrono::steady_clock::now();
  const CommandResult result =
      runCommand({"/bin/sh", "-c", "echo begun; sleep 300 & sleep 300"},
                 {{"PATH", "/usr/bin:/bin"}}, std::chrono::milliseconds{300});
  EXPECT_TRUE(result.timed_out);
  EXPECT_EQ(result.output, "begun\n");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds{3});
}

TEST_F(ToolProbeTest, AMissingRunnerIsTold) {
  LocalBackend other{host_.api(), R"({"run_root":"/r","runner":"/nonexistent/runner","tool":)" +
                                      jsonText(makeTool("echo 3.5.7")) + "}"};
  EXPECT_EQ(other.probe(handle_, error_), Status::kOk);
  EXPECT_THAT(handle_.text(), HasSubstr("/nonexistent/runner is missing"));
}

TEST_F(ToolProbeTest, AFolderThatTheToolCannotBeToldIsNotUsed) {
  for (const std::string folder : {"/a,d=8/runs", "/a#b", "/it's", "/a\"b", "/a\\b"}) {
    const std::string tool = makeTool("echo 3.5.7");
    LocalBackend other{host_.api(), R"({"runner":"/bin/true","run_root":)" + jsonText(folder) +
                                        R"(,"tool":)" + jsonText(tool) + "}"};
    sdk::testing::FakeTextSink report;
    EXPECT_EQ(other.probe(report, error_), Status::kOk);
    EXPECT_THAT(report.text(), HasSubstr(R"("ready":false)")) << folder;
    EXPECT_THAT(report.text(), HasSubstr("Use a data folder without")) << folder;
  }
}

TEST_F(ToolProbeTest, KnowsTheInstalledTool) {
  ToolProbe probe{"pt-online-schema-change", {{"PATH", "/usr/bin:/bin"}, {"HOME", folder_}}};
  const ToolReport report = probe.report();
  if (report.path.empty()) GTEST_SKIP() << "percona-toolkit is not installed";
  EXPECT_TRUE(report.ready) << report.reason.en;
  EXPECT_THAT(report.options, Contains("alter"));
  EXPECT_THAT(report.options, Contains("check-plan"));
  EXPECT_THAT(report.options, Contains("plugin"));
  EXPECT_THAT(report.options, Not(Contains("")));
  EXPECT_GT(report.options.size(), 50u);
}

}  // namespace
}  // namespace oscar::backend_local
