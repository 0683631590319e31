#include "local_run.hpp"

namespace oscar::backend_local {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct BadCase {
  const char* name;
  std::string text;
  const char* reason;
};

void PrintTo(const BadCase& bad, std::ostream* out) {
  *out << bad.name;
}

class BadSpecTest : public LocalRunTest, public ::testing::WithParamInterface<BadCase> {};

TEST_P(BadSpecTest, IsRefusedAndLeavesNothing) {
  EXPECT_EQ(tryStart(GetParam().text), Status::kRefused);
  EXPECT_THAT(error_.text(), HasSubstr(GetParam().reason));
  EXPECT_EQ(error_.text().find("hunter2"), std::string::npos) << "the error tells a secret";
  EXPECT_EQ(handle_.text(), "");
  std::error_code none;
  EXPECT_TRUE(!exists(root_) || std::filesystem::is_empty(root_, none));
  EXPECT_FALSE(exists(folder_ + "/escaped"));
}

std::string withId(const std::string& id) {
  return R"({"run_id":")" + id + R"(","argv":["/bin/true"],"files":[]})";
}

std::string withFile(const std::string& file) {
  return R"({"run_id":"0f8fad5b-d9cb-469f-a165-70867728950e","argv":["/bin/true"],"files":[)" +
         file + "]}";
}

std::string withArgv(const std::string& argv) {
  return R"({"run_id":"0f8fad5b-d9cb-469f-a165-70867728950e","argv":)" + argv + R"(,"files":[]})";
}

INSTANTIATE_TEST_SUITE_P(
    Specs, BadSpecTest,
    ::testing::Values(
        BadCase{"empty", "", "not a JSON object"}, BadCase{"array", "[]", "not a JSON object"},
        BadCase{"cut off", R"({"files":[{"content":"hunter2")", "not a JSON object"},
        BadCase{"no id", R"({"argv":["/bin/true"],"files":[]})", "run_id"},
        BadCase{"id is a number", R"({"run_id":5,"argv":["/bin/true"],"files":[]})", "run_id"},
        BadCase{"empty id", withId(""), "not a UUID"},
        BadCase{"parent", withId("../escaped"), "not a UUID"},
        BadCase{"parent of a UUID's length", withId("../../../../../../../../../escaped12"),
                "UUID"},
        BadCase{"slash", withId("0f8fad5b/d9cb-469f-a165-70867728950e"), "not a UUID"},
        BadCase{"upper case", withId("0F8FAD5B-D9CB-469F-A165-70867728950E"), "not a UUID"},
        BadCase{"longer", withId("0f8fad5b-d9cb-469f-a165-70867728950e0"), "not a UUID"},
        BadCase{"NUL in the id", withId("0f8fad5b-d9cb-469f-a165-7086772895\\u00000"), "UUID"},
        BadCase{"no argv", R"({"run_id":"x","files":[]})", "argv"},
        BadCase{"empty argv", withArgv("[]"), "no program"},
        BadCase{"empty program", withArgv(R"([""])"), "no program"},
        BadCase{"argv of numbers", withArgv("[1]"), "argv"},
        BadCase{"NUL in argv", withArgv(R"(["/bin/true","a\u0000b"])"), "NUL"},
        BadCase{"no files", R"({"run_id":"x","argv":["/bin/true"]})", "files"},
        BadCase{"file outside", withFile(R"({"name":"../escaped","content":""})"), "plain"},
        BadCase{"absolute file", withFile(R"({"name":"/tmp/x","content":""})"), "plain"},
        BadCase{"hidden file", withFile(R"({"name":".x","content":""})"), "plain"},
        BadCase{"no file name", withFile(R"({"content":"hunter2"})"), "name"},
        BadCase{"own file", withFile(R"({"name":"pid","content":"1 1 x"})"), "own"},
        BadCase{"own folder", withFile(R"({"name":"control","content":""})"), "own"},
        BadCase{"temporary file", withFile(R"({"name":"exit.tmp","content":""})"), "plain"},
        BadCase{"content is a number", withFile(R"({"name":"a","content":1})"), "content"},
        BadCase{"mode is text", withFile(R"({"name":"a","content":"","mode":"0600"})"), "mode"}));

TEST_F(LocalRunTest, HostileTextReachesOnlyItsPlaceInArgv) {
  const std::vector<std::string> hostile = {"; touch escaped",
                                            "$(touch escaped)",
                                            "`touch escaped`",
                                            "--execute",
                                            "-",
                                            "",
                                            "a\nb",
                                            "'\"\\",
                                            "*",
                                            "订单😀",
                                            "%s%n",
                                            "{run_dir"};
  std::vector<std::string> argv = {"/usr/bin/printf", "[%s]"};
  argv.insert(argv.end(), hostile.begin(), hostile.end());
  ASSERT_EQ(tryStart(specOf(argv, kRunId)), Status::kOk) << error_.text();
  std::string expected;
  for (const std::string& text : hostile) expected += '[' + text + ']';
  EXPECT_EQ(outputOf(handle_.text()), expected);
  EXPECT_FALSE(exists(path("escaped")));
}

TEST_F(LocalRunTest, PermissionsOfFilesNeverReachOthers) {
  const std::string files = R"([{"name":"open","content":"x","mode":511}])";
  const std::string handle = start("stat -c %a $1/open", kRunId, files);
  EXPECT_EQ(outputOf(handle), "700\n");
}

TEST_F(LocalRunTest, ControlsAreFilesThatAreThereOrNot) {
  const std::string handle = start("sleep 300");
  const auto command = [&](const std::string& json) {
    sdk::testing::FakeTextSink error;
    return backend().control(handle, json, error);
  };
  for (const char* name : {"pause", "stop", "hold-cutover"}) {
    const std::string file = path(std::string{"control/"} + name);
    EXPECT_EQ(command(std::string{R"({"set":")"} + name + R"("})"), Status::kOk);
    EXPECT_TRUE(exists(file));
    EXPECT_EQ(command(std::string{R"({"clear":")"} + name + R"("})"), Status::kOk);
    EXPECT_EQ(command(std::string{R"({"clear":")"} + name + R"("})"), Status::kOk);
    EXPECT_FALSE(exists(file));
  }
  EXPECT_EQ(command(R"({"set":"chunk-time","value":"0.25"})"), Status::kOk);
  EXPECT_EQ(slurp(path("control/chunk-time")), "0.25\n");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator{path("control")}, {}), 1);
}

class BadControlTest : public LocalRunTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(BadControlTest, IsRefused) {
  const std::string handle = start("sleep 300");
  EXPECT_EQ(backend().control(handle, GetParam(), error_), Status::kRefused);
  EXPECT_TRUE(std::filesystem::is_empty(path("control")));
}

INSTANTIATE_TEST_SUITE_P(
    Commands, BadControlTest,
    ::testing::Values(
        "", "{}", "[]", R"({"set":"reboot"})", R"({"set":"../pid","value":"x"})",
        R"({"set":"","value":""})", R"({"clear":"../output.log"})",
        R"({"set":"pause","clear":"pause"})", R"({"set":5})", R"({"set":"chunk-time"})",
        R"({"set":"chunk-time","value":""})", R"({"set":"chunk-time","value":"0"})",
        R"({"set":"chunk-time","value":"0.000"})", R"({"set":"chunk-time","value":"-1"})",
        R"({"set":"chunk-time","value":"1e3"})", R"({"set":"chunk-time","value":"1.2.3"})",
        R"({"set":"chunk-time","value":"1\n2"})",
        R"({"set":"chunk-time","value":"99999999999999"})", R"({"set":"chunk-time","value":0.5})"));

class BadConfigurationTest : public LocalRunTest,
                             public ::testing::WithParamInterface<const char*> {};

TEST_P(BadConfigurationTest, IsRefusedWithAReason) {
  EXPECT_THROW((LocalBackend{host_.api(), GetParam()}), BadDocument);
}

INSTANTIATE_TEST_SUITE_P(Configurations, BadConfigurationTest,
                         ::testing::Values("", "[]", "{}", R"({"run_root":"relative"})",
                                           R"({"run_root":""})", R"({"run_root":7})",
                                           R"({"run_root":"/r","tool":""})",
                                           R"({"run_root":"/r","tool":"./tool"})",
                                           R"({"run_root":"/r","runner":"runner"})",
                                           R"({"run_root":"/r","tool_env":{"A=B":"x"}})",
                                           R"({"run_root":"/r","tool_env":{"A":5}})"));

TEST_F(LocalRunTest, ToolEnvironmentIsAdded) {
  LocalBackend other{host_.api(), config(R"(,"tool_env":{"PERL5LIB":"/opt/perl"})")};
  const std::string spec = specOf({"/bin/sh", "-c", "echo $PERL5LIB"}, kRunId);
  ASSERT_EQ(other.start(spec, handle_, error_), Status::kOk) << error_.text();
  EXPECT_EQ(outputOf(handle_.text()), "/opt/perl\n");
}

TEST(RunIdTest, IsALowerCaseUuid) {
  EXPECT_TRUE(isRunId("0f8fad5b-d9cb-469f-a165-70867728950e"));
  EXPECT_FALSE(isRunId("0f8fad5b-d9cb-469f-a165-70867728950"));
  EXPECT_FALSE(isRunId("0f8fad5bxd9cb-469f-a165-70867728950e"));
  EXPECT_FALSE(isRunId("gf8fad5b-d9cb-469f-a165-70867728950e"));
}

}  // namespace
}  // namespace oscar::backend_local
