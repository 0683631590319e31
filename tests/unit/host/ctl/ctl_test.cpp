#include "ctl/api_client.hpp"
#include "ctl/arguments.hpp"
#include "ctl/commands.hpp"
#include "ctl/help.hpp"
#include "ctl/render.hpp"
#include "ctl/session_file.hpp"
#include "ctl/terminal.hpp"
#include "ctl/watch.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <sys/stat.h>

namespace oscar::ctl {
namespace {

const CommandSpec kRun{
    "run",
    "A B [C]",
    2,
    3,
    {"", ""},
    {{"watch", 'w', "", {"", ""}}, {"set", 0, "N=V", {"", ""}}, {"size", 's', "N", {"", ""}}}};

TEST(Arguments, OptionsMayStandAnywhere) {
  const auto a = parseArguments(kRun, {"x", "--set", "a=1", "y", "-w", "--set=b=2", "-s", "5"});
  EXPECT_EQ(a.operands(), (std::vector<std::string>{"x", "y"}));
  EXPECT_TRUE(a.has("watch"));
  EXPECT_EQ(a.all("set"), (std::vector<std::string>{"a=1", "b=2"}));
  EXPECT_EQ(a.number("size"), 5);
}

TEST(Arguments, BehindTwoDashesEverythingIsAnOperand) {
  const auto a = parseArguments(kRun, {"-w", "--", "x", "--set", "-y"});
  EXPECT_EQ(a.operands(), (std::vector<std::string>{"x", "--set", "-y"}));
}

TEST(Arguments, RefusesWhatDoesNotFit) {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"x"},
                                                {"a", "b", "c", "d"},
                                                {"x", "y", "--nope"},
                                                {"x", "y", "--set"}}) {
    EXPECT_THROW(parseArguments(kRun, words), CtlError);
  }
  EXPECT_THROW(static_cast<void>(parseArguments(kRun, {"x", "y", "-s", "5x"}).number("size")),
               CtlError);
}

TEST(Commands, HaveUniqueNamesAndHelpInBothLanguages) {
  std::set<std::string> names;
  for (const auto& command : commands()) {
    EXPECT_TRUE(names.insert(command.spec.name).second) << command.spec.name;
    EXPECT_FALSE(command.spec.help.zh.empty());
    EXPECT_FALSE(command.spec.help.en.empty());
    for (const auto& option : command.spec.options) {
      EXPECT_FALSE(option.help.zh.empty()) << option.name;
      EXPECT_FALSE(option.help.en.empty()) << option.name;
    }
  }
}

TEST(Arguments, ExplainInTheLanguageOfTheCaller) {
  for (const auto& [language, word] :
       {std::pair{Language::kZh, "未知选项"}, std::pair{Language::kEn, "unknown option"}}) {
    try {
      parseArguments(kRun, {"x", "y", "--nope"});
      ADD_FAILURE() << "no error";
    } catch (const CtlError& e) {
      EXPECT_EQ(e.exit(), Exit::kUsage);
      EXPECT_NE(e.message().in(language).find(word), std::string::npos) << e.what();
    }
  }
}

TEST(Commands, CoverTheWholeApi) {
  std::set<std::string> names;
  for (const auto& command : commands()) names.insert(command.spec.name);
  // operationId of host/api/openapi.yaml → command; the home page, its style sheet and the
  // WebSocket ticket are for browsers.
  const std::map<std::string, std::string> expected{{"health", "health"},
                                                    {"openapi", "openapi"},
                                                    {"login", "login"},
                                                    {"logout", "logout"},
                                                    {"profile", "whoami"},
                                                    {"changePassword", "password"},
                                                    {"listUsers", "users"},
                                                    {"createUser", "user-add"},
                                                    {"getUser", "user"},
                                                    {"updateUser", "user-update"},
                                                    {"listConnections", "connections"},
                                                    {"createConnection", "connection-add"},
                                                    {"testUnsavedConnection", "connection-test"},
                                                    {"getConnection", "connection"},
                                                    {"updateConnection", "connection-update"},
                                                    {"deleteConnection", "connection-delete"},
                                                    {"testConnection", "connection-test"},
                                                    {"listDatabases", "databases"},
                                                    {"listTables", "tables"},
                                                    {"parseDdl", "parse"},
                                                    {"previewExecution", "preview"},
                                                    {"submitExecution", "run"},
                                                    {"listExecutions", "history"},
                                                    {"executionStatistics", "statistics"},
                                                    {"getExecution", "status"},
                                                    {"executionLogs", "logs"},
                                                    {"downloadExecutionLogs", "logs"},
                                                    {"stopExecution", "stop"},
                                                    {"retryExecution", "retry"},
                                                    {"listAuditLogs", "audit"},
                                                    {"listPlugins", "plugins"},
                                                    {"executionDefaults", "defaults"}};
  for (const auto& [operation, name] : expected) {
    EXPECT_TRUE(names.contains(name)) << operation << ": " << name;
  }
}

TEST(Commands, HaveNoOptionThatTakesASecret) {
  for (const auto& command : commands()) {
    for (const auto& option : command.spec.options) {
      if (option.name.find("password") != std::string::npos) {
        EXPECT_EQ(option.value, "") << command.spec.name;
      }
    }
  }
}

TEST(ExecutionNumber, IsTakenAsPeopleWriteIt) {
  EXPECT_EQ(executionPath("1247"), "/api/v1/executions/1247");
  EXPECT_EQ(executionPath("#1247"), "/api/v1/executions/1247");
  const std::string uuid = "0b6a3e0e-6c43-4f6f-9d5c-3b1f8f0c1a2B";
  EXPECT_EQ(executionPath(uuid), "/api/v1/executions/" + uuid);
  for (const char* wrong : {"", "#", "abc", "12a", "1/../2", "-1", "0b6a3e0e"}) {
    try {
      executionPath(wrong);
      ADD_FAILURE() << wrong;
    } catch (const CtlError& e) {
      EXPECT_EQ(e.exit(), Exit::kUsage) << wrong;
    }
  }
}

TEST(Seconds, AreANumberOrAreExplained) {
  EXPECT_EQ(secondsOf("chunk-time", "0.5"), 0.5);
  EXPECT_EQ(secondsOf("chunk-time", "2"), 2);
  for (const char* wrong : {"", "abc", "2s", "1e999", "inf", "nan"}) {
    try {
      secondsOf("chunk-time", wrong);
      ADD_FAILURE() << wrong;
    } catch (const CtlError& e) {
      EXPECT_EQ(e.exit(), Exit::kUsage) << wrong;
      EXPECT_NE(e.message().en.find("--chunk-time takes a number of seconds"), std::string::npos);
      EXPECT_NE(e.message().zh.find("--chunk-time 须为秒数"), std::string::npos);
    }
  }
}

TEST(ChosenLanguage, IsTheOptionsBeforeTheEnvironments) {
  setenv("OSCAR_LANG", "en", 1);
  EXPECT_EQ(chosenLanguage({"history"}), Language::kEn);
  EXPECT_EQ(chosenLanguage({"history", "--lang", "zh-CN"}), Language::kZh);
  EXPECT_EQ(chosenLanguage({"--lang=zh", "help"}), Language::kZh);
  EXPECT_EQ(chosenLanguage({"run", "--", "--lang=zh"}), Language::kEn);
  EXPECT_THROW(chosenLanguage({"--lang", "fr"}), CtlError);
  setenv("OSCAR_LANG", "zh_CN.UTF-8", 1);
  EXPECT_EQ(chosenLanguage({"history"}), Language::kZh);
  unsetenv("OSCAR_LANG");
}

TEST(CommandFirst, PutsWhatEveryCommandTakesBehindTheCommand) {
  using Words = std::vector<std::string>;
  const std::vector<std::pair<Words, Words>> cases{
      {{"history"}, {"history"}},
      {{"--lang", "en", "history", "--db", "x"}, {"history", "--lang", "en", "--db", "x"}},
      {{"--lang=en", "--json", "status", "1"}, {"status", "--lang=en", "--json", "1"}},
      {{"--help"}, {"--help"}},
      {{"--lang", "en", "--help"}, {"--help", "--lang", "en"}},
      {{"--lang", "en"}, {"--lang", "en"}},
      {{"--lang"}, {"--lang"}},
      {{}, {}},
  };
  for (const auto& [words, expected] : cases) EXPECT_EQ(commandFirst(words), expected);
}

TEST(Password, ComesFromTheEnvironmentOrAFile) {
  const auto path =
      std::filesystem::temp_directory_path() / ("oscarctl-secret-" + std::to_string(getpid()));
  std::ofstream{path} << "from-file\nsecond line\n";
  setenv("OSCARCTL_TEST_FILE", path.c_str(), 1);
  EXPECT_EQ(passwordFrom("OSCARCTL_TEST", "").reveal(), "from-file");
  setenv("OSCARCTL_TEST", "from-environment", 1);
  EXPECT_EQ(passwordFrom("OSCARCTL_TEST", "").reveal(), "from-environment");
  unsetenv("OSCARCTL_TEST");
  std::filesystem::remove(path);
  EXPECT_THROW(passwordFrom("OSCARCTL_TEST", ""), CtlError);
  unsetenv("OSCARCTL_TEST_FILE");
}

TEST(Render, NumbersAndDurations) {
  EXPECT_EQ(withThousands(0), "0");
  EXPECT_EQ(withThousands(1234567), "1,234,567");
  EXPECT_EQ(withThousands(-123456), "-123,456");
  EXPECT_EQ(renderBytes(512), "512 B");
  EXPECT_EQ(renderBytes(2469606195), "2.3 GiB");
  EXPECT_EQ(renderDuration(512, Language::kEn), "8 m 32 s");
  EXPECT_EQ(renderDuration(512, Language::kZh), "8 分 32 秒");
  EXPECT_EQ(renderDuration(3600, Language::kEn), "1 h 0 m 0 s");
}

TEST(Render, TablesAlignByDisplayWidth) {
  const std::vector<Text> heading{{"名称", "NAME"}, {"行数", "ROWS"}};
  const std::vector<Row> rows{{"ab", "1,000"}, {"订单表", "2"}};
  EXPECT_EQ(renderTable(heading, rows, Language::kZh),
            "名称    行数\nab      1,000\n订单表      2\n");
  EXPECT_EQ(renderTable(heading, rows, Language::kEn),
            "NAME    ROWS\nab      1,000\n订单表      2\n");
  EXPECT_EQ(displayWidth("订单ab"), 6U);
}

TEST(Outcome, ExitStatusTellsIt) {
  EXPECT_EQ(exitForStatus("completed"), Exit::kOk);
  EXPECT_EQ(exitForStatus("failed"), Exit::kFailed);
  EXPECT_EQ(exitForStatus("cancelled"), Exit::kCancelled);
}

TEST(Commands, AnUnknownOneIsAnsweredByTheNearest) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"hsitory", "history"}, {"statu", "status"}, {"conections", "connections"},
      {"stpo", "stop"},       {"wacth", "watch"},  {"user-ad", "user-add"},
      {"frobnicate", ""},     {"x", ""},           {"", ""}};
  for (const auto& [word, nearest] : cases) {
    EXPECT_EQ(nearestCommand(word), nearest) << word;
    for (const auto language : {Language::kZh, Language::kEn}) {
      const std::string said = unknownCommand(word).in(language);
      EXPECT_EQ(said.find('\n'), std::string::npos) << said;
      EXPECT_NE(said.find(nearest), std::string::npos) << said;
    }
  }
}

TEST(Help, FitsTheTerminal) {
  for (const auto language : {Language::kZh, Language::kEn}) {
    std::string all = overview(language, 80);
    for (const auto& command : commands()) all += usageOf(command.spec, language, 80);
    std::istringstream lines{all};
    for (std::string line; std::getline(lines, line);) {
      EXPECT_LE(displayWidth(line), 80U) << line;
    }
    for (const auto& command : commands()) {
      EXPECT_NE(all.find("\n  " + command.spec.name + " "), std::string::npos) << command.spec.name;
    }
  }
}

TEST(Arguments, SayWhichOperandIsMissing) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases{
      {{}, "missing: A B\n"}, {{"x"}, "missing: B\n"}, {{"x", "y", "z", "w"}, "too many: w\n"}};
  for (const auto& [words, said] : cases) {
    try {
      parseArguments(kRun, words);
      ADD_FAILURE() << said;
    } catch (const CtlError& e) {
      EXPECT_EQ(e.exit(), Exit::kUsage);
      EXPECT_NE(e.message().en.find(said), std::string::npos) << e.message().en;
      EXPECT_EQ(std::count(e.message().en.begin(), e.message().en.end(), '\n'), 2);
    }
  }
}

TEST(Url, EncodesWhatCouldBeMistaken) {
  EXPECT_EQ(urlEncode("a/b?c#d%e f"), "a%2Fb%3Fc%23d%25e%20f");
}

TEST(SessionFile, IsPrivateAndReadBack) {
  const auto folder =
      std::filesystem::temp_directory_path() / ("oscarctl-test-" + std::to_string(getpid()));
  setenv("OSCAR_SESSION", (folder / "s.json").c_str(), 1);
  EXPECT_FALSE(loadSession());
  saveSession({"http://127.0.0.1:1", "token"});
  struct stat info {};
  ASSERT_EQ(stat((folder / "s.json").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  EXPECT_EQ(loadSession()->token, "token");
  removeSession();
  EXPECT_FALSE(loadSession());
  unsetenv("OSCAR_SESSION");
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace oscar::ctl
