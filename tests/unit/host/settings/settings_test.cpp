#include "json/reader.hpp"
#include "settings/settings_loader.hpp"
#include "support/temp_folder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

namespace oscar::settings {
namespace {

std::string readSource(const std::string& path) {
  std::ifstream in{std::string{OSCAR_SOURCE_DIR} + "/" + path};
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// The problems that a text has, as "where: english reason" lines.
std::vector<std::string> problemsOf(const std::string& yaml, const Variables& variables = {}) {
  try {
    parseSettings(yaml, "test.yaml", variables);
  } catch (const SettingsError& error) {
    std::vector<std::string> lines;
    for (const Problem& problem : error.problems()) {
      EXPECT_FALSE(problem.reason.zh.empty());
      lines.push_back(problem.where + ": " + problem.reason.en);
    }
    return lines;
  }
  return {};
}

TEST(Settings, OfAnEmptyFileAreTheDefaults) {
  const auto defaults = listSettings(Settings{});
  EXPECT_EQ(listSettings(parseSettings("", "x", {})), defaults);
  EXPECT_EQ(listSettings(parseSettings("# nothing\nhttp:\n", "x", {})), defaults);
}

TEST(Settings, FileInTheRepositoryHoldsEveryKeyWithItsDefault) {
  const std::string yaml = readSource("config/oscar.yaml");
  ASSERT_FALSE(yaml.empty());
  EXPECT_EQ(listSettings(parseSettings(yaml, "oscar.yaml", {})), listSettings(Settings{}));
  // Each key stands there literally, in the order of the table: nothing is left to be guessed.
  std::size_t position = 0;
  for (const auto& [path, value] : listSettings(Settings{})) {
    const std::string name = path.substr(path.rfind('.') + 1);
    const std::string line = (path == name ? "\n" : "\n  ") + name + ": " + value + "\n";
    const auto found = yaml.find(line, position);
    EXPECT_NE(found, std::string::npos) << path << " = " << value;
    if (found != std::string::npos) position = found + 1;
  }
  EXPECT_NE(yaml.find("\n  configuration: {}\n"), std::string::npos);
}

TEST(Settings, SchemaDescribesEveryKeyWithItsDefault) {
  const std::string schema = readSource("config/schema/oscar.schema.json");
  json::FieldErrors errors;
  auto root = json::Reader::parse(schema, errors);
  ASSERT_TRUE(root);
  const auto properties = root.value().object("properties");
  ASSERT_TRUE(properties);
  std::size_t described = 0;
  for (const auto& [path, value] : listSettings(Settings{})) {
    json::Reader node = *properties;
    const auto dot = path.find('.');
    if (dot != std::string::npos) {
      auto section = node.object(path.substr(0, dot));
      ASSERT_TRUE(section) << path;
      EXPECT_EQ(section->boolean("additionalProperties"), false) << path;
      node = *section->object("properties");
    }
    auto key = node.object(dot == std::string::npos ? path : path.substr(dot + 1));
    ASSERT_TRUE(key) << path;
    EXPECT_TRUE(key->string("description", 1)) << path;
    const std::string text = value == "zh" ? "\"zh\"" : value;
    EXPECT_EQ(key->rawText("default"), text) << path;
    ++described;
  }
  std::size_t in_schema = 0;
  for (const std::string& name : properties->keys()) {
    auto section = json::Reader{*properties}.object(name);
    if (!section->has("properties")) {
      ++in_schema;
    } else {
      in_schema += section->object("properties")->keys().size();
    }
  }
  EXPECT_EQ(in_schema, described + 1);  // plugins.configuration is free-form
}

TEST(Settings, TakeValuesOfEveryKind) {
  const Settings s = parseSettings(R"(
data_dir: /var/lib/oscar
language: en
http:
  bind: "::"
  port: 0
  allowed_origins: ["https://dba.example.com", "http://[::1]:8080"]
  trusted_proxies: [127.0.0.1]
  tls_certificate: /etc/oscar/cert.pem
  tls_key: /etc/oscar/key.pem
store: {url: "mysql://oscar@db.internal:3306/oscar", pool_size: 20}
auth: {bcrypt_cost: 10}
executions:
  big_table_rows: 5000000000
  default_chunk_time: 1.5
  default_max_load: "Threads_connected:12000, Threads_running=25"
  auto_cleanup: false
plugins:
  paths: [/usr/lib/oscar/plugins/local]
log: {level: debug, format: json}
)",
                                   "x", {});
  EXPECT_EQ(s.data_dir, "/var/lib/oscar");
  EXPECT_EQ(s.language, Language::kEn);
  EXPECT_EQ(s.http.port, 0);
  EXPECT_EQ(s.http.allowed_origins.size(), 2U);
  EXPECT_EQ(s.http.trusted_proxies, std::vector<std::string>{"127.0.0.1"});
  EXPECT_EQ(s.store.pool_size, 20);
  EXPECT_EQ(s.executions.big_table_rows, 5'000'000'000);
  EXPECT_DOUBLE_EQ(s.executions.default_chunk_time, 1.5);
  EXPECT_FALSE(s.executions.auto_cleanup);
  EXPECT_EQ(s.plugins.paths, std::vector<std::string>{"/usr/lib/oscar/plugins/local"});
  EXPECT_EQ(s.log.format, "json");
}

struct Wrong {
  const char* yaml;
  const char* where;   ///< how the problem's place begins
  const char* reason;  ///< what its reason contains
};

class WrongSettings : public testing::TestWithParam<Wrong> {};

TEST_P(WrongSettings, AreNamedWithTheirPlace) {
  const auto problems = problemsOf(GetParam().yaml);
  ASSERT_EQ(problems.size(), 1U) << testing::PrintToString(problems);
  EXPECT_TRUE(problems[0].starts_with(GetParam().where)) << problems[0];
  EXPECT_NE(problems[0].find(GetParam().reason), std::string::npos) << problems[0];
}

INSTANTIATE_TEST_SUITE_P(
    All, WrongSettings,
    testing::Values(
        Wrong{"http:\n  prot: 80", "http.prot (test.yaml:2)", "did you mean http.port?"},
        Wrong{"htpp: {port: 80}", "htpp (test.yaml:1)", "did you mean http?"},
        Wrong{"executions: {max_concurent: 3}", "executions.max_concurent",
              "did you mean executions.max_concurrent?"},
        Wrong{"something_else_entirely: 1", "something_else_entirely", "is not a known key"},
        Wrong{"http: {port: eighty}", "http.port", "whole number from 0 to 65535, is eighty"},
        Wrong{"http: {port: 65536}", "http.port", "is 65536"},
        Wrong{"http: {port: -1}", "http.port", "is -1"},
        Wrong{"http: {port: 80.5}", "http.port", "whole number"},
        Wrong{"http: {port: 99999999999999999999}", "http.port", "whole number"},
        Wrong{"http: {port: [80]}", "http.port", "single value"},
        Wrong{"http: {port: {a: 1}}", "http.port", "single value"},
        Wrong{"http:\n  port:\n", "http.port (test.yaml:2)", "has no value"},
        Wrong{"http: 8080", "http", "must be a map"}, Wrong{"- http", "test.yaml", "must be a map"},
        Wrong{"just text", "test.yaml", "must be a map"},
        Wrong{"http: {bind: localhost}", "http.bind", "IP address"},
        Wrong{"http: {allowed_origins: https://a}", "http.allowed_origins", "list"},
        Wrong{"http: {allowed_origins: [\"https://a\", \"https://b/path\"]}",
              "http.allowed_origins", "element 2"},
        Wrong{"http: {trusted_proxies: [proxy]}", "http.trusted_proxies", "IP address"},
        Wrong{"http: {tls_key: /k.pem}", "http.tls_certificate, http.tls_key", "both"},
        Wrong{"language: de", "language", "zh or en"}, Wrong{"data_dir: \"\"", "data_dir", "empty"},
        Wrong{"auth: {bcrypt_cost: 9}", "auth.bcrypt_cost", "from 10 to 16"},
        Wrong{"executions: {default_chunk_time: .inf}", "executions.default_chunk_time",
              "a number from 0 to 60"},
        Wrong{"executions: {default_chunk_time: nan}", "executions.default_chunk_time", "a number"},
        Wrong{"executions: {auto_cleanup: maybe}", "executions.auto_cleanup", "true or false"},
        Wrong{"executions: {default_max_load: \"Threads_running\"}", "executions.default_max_load",
              "Threads_running=50"},
        Wrong{"executions: {default_max_load: \"\"}", "executions.default_max_load", "number"},
        Wrong{"executions: {default_critical_load: \"a=1,\"}", "executions.default_critical_load",
              "number"},
        Wrong{"executions: {default_backend: \"Local; rm\"}", "executions.default_backend",
              "type of a backend"},
        Wrong{"store: {url: postgres://x}", "store.url", "sqlite or mysql://"},
        Wrong{"store: {url: \"mysql://root@host\"}", "store.url", "sqlite or mysql://"},
        Wrong{"store: {url: \"mysql://root@host:99999/oscar\"}", "store.url", "mysql://"},
        Wrong{"store: {url: \"mysql://root:hunter2@host/oscar\"}", "store.url",
              "OSCAR_STORE_PASSWORD"},
        Wrong{"store: {password: hunter2}", "store.password", "OSCAR_STORE_PASSWORD"},
        Wrong{"plugins: {paths: [plugins/local]}", "plugins.paths", "absolute path"},
        Wrong{"plugins: {configuration: [a]}", "plugins.configuration", "map"},
        Wrong{"plugins: {configuration: {local: 5}}", "plugins.configuration.local", "map"},
        Wrong{"plugins: {configuration: {\"Bad Id\": {}}}", "plugins.configuration.Bad Id",
              "plugin id"},
        Wrong{"log: {level: verbose}", "log.level", "debug, info, warn or error"},
        Wrong{"log: {format: xml}", "log.format", "text or json"},
        Wrong{"http: {port: 1}\nhttp: {port: 2}", "http (test.yaml:2)", "occurs twice"},
        Wrong{"http: {port: 1, port: 2}", "http.port", "occurs twice"},
        Wrong{"http: {port: 1", "test.yaml:", "is not YAML"},
        Wrong{"a: 1\n--- \nb: 2", "test.yaml", "one YAML document"}));

TEST(Settings, ReportAllProblemsAtOnce) {
  const auto problems = problemsOf("http: {port: x, bindd: y}\nauth: {max_failures: 0}\n",
                                   {{"OSCAR_LOG_LEVEL", "loud"}});
  EXPECT_EQ(problems.size(), 4U) << testing::PrintToString(problems);
}

TEST(Settings, NeverRepeatAPasswordInAMessage) {
  for (const char* yaml : {"store: {url: \"mysql://root:hunter2@host/oscar\"}",
                           "store: {password: hunter2}", "sotre: {pasword: hunter2}"}) {
    for (const std::string& line : problemsOf(yaml)) {
      EXPECT_EQ(line.find("hunter2"), std::string::npos) << line;
    }
  }
}

TEST(Settings, OfTheEnvironmentWin) {
  const std::string yaml =
      "data_dir: a\nhttp: {port: 1, bind: 127.0.0.1}\nstore: {url: sqlite}\nlog: {level: info}";
  const Settings s = parseSettings(yaml, "x",
                                   {{"OSCAR_DATA_DIR", "/data"},
                                    {"OSCAR_HTTP_PORT", "9090"},
                                    {"OSCAR_HTTP_BIND", "0.0.0.0"},
                                    {"OSCAR_STORE_URL", "mysql://o@db/oscar"},
                                    {"OSCAR_STORE_PASSWORD", "p@:/word"},
                                    {"OSCAR_LOG_LEVEL", "debug"},
                                    {"OSCAR_ADMIN_PASSWORD", "not ours"}});
  EXPECT_EQ(s.data_dir, "/data");
  EXPECT_EQ(s.http.port, 9090);
  EXPECT_EQ(s.http.bind, "0.0.0.0");
  EXPECT_EQ(s.store.url, "mysql://o@db/oscar");
  EXPECT_EQ(s.store.password, "p@:/word");
  EXPECT_EQ(s.log.level, "debug");
  for (const auto& [path, value] : listSettings(s)) {
    EXPECT_EQ(value.find("p@:/word"), std::string::npos) << path;
  }
}

TEST(Settings, OfTheEnvironmentAreCheckedAndEmptyOnesDoNotCount) {
  EXPECT_TRUE(problemsOf("", {{"OSCAR_HTTP_PORT", ""}}).empty());
  const auto problems =
      problemsOf("", {{"OSCAR_HTTP_PORT", "99999"}, {"OSCAR_STORE_URL", "mysql://u:p@h/d"}});
  ASSERT_EQ(problems.size(), 2U);
  EXPECT_TRUE(problems[0].starts_with("OSCAR_HTTP_PORT")) << problems[0];
  EXPECT_TRUE(problems[1].starts_with("OSCAR_STORE_URL")) << problems[1];
}

TEST(Settings, GivePluginsTheirSectionAsJson) {
  const Settings s = parseSettings(R"(
plugins:
  configuration:
    backend_local:
      tool: /usr/bin/pt-online-schema-change
      slots: 4
      ratio: 1.5
      on: true
      off: "true"
      none: null
      version: "3.7"
      leading: 007
      list: [1, two, {three: 3}]
      text: "line\n\"quoted\""
    empty: {}
)",
                                   "x", {});
  ASSERT_EQ(s.plugins.configuration.size(), 2U);
  EXPECT_EQ(s.plugins.configuration[0].first, "backend_local");
  EXPECT_EQ(s.plugins.configuration[0].second,
            R"({"tool":"/usr/bin/pt-online-schema-change","slots":4,"ratio":1.5,"on":true,)"
            R"("off":"true","none":null,"version":"3.7","leading":"007",)"
            R"("list":[1,"two",{"three":3}],"text":"line\n\"quoted\""})");
  EXPECT_EQ(s.plugins.configuration[1].second, "{}");
}

TEST(Settings, RefusePluginSectionsNestedTooDeeply) {
  std::string yaml = "plugins: {configuration: {deep: {a: ";
  yaml += std::string(60, '[') + std::string(60, ']') + "}}}";
  const auto problems = problemsOf(yaml);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_NE(problems[0].find("too deeply"), std::string::npos);
}

TEST(Settings, AreLoadedFromTheFileThatIsNamed) {
  const test::TempFolder folder;
  const std::string one = folder.write("one.yaml", "http: {port: 1}").string();
  const std::string two = folder.write("two.yaml", "http: {port: 2}").string();
  const std::string empty = folder.write("empty.yaml", "").string();
  EXPECT_EQ(loadSettings(one, {{"OSCAR_CONFIG", two}}).http.port, 1);
  EXPECT_EQ(loadSettings(std::nullopt, {{"OSCAR_CONFIG", two}}).http.port, 2);
  EXPECT_EQ(loadSettings(empty, {}).http.port, 8080);
  EXPECT_EQ(loadSettings(std::nullopt, {}).http.port, 8080);
  EXPECT_THROW(loadSettings(folder.path().string() + "/none.yaml", {}), SettingsError);
  EXPECT_THROW(loadSettings(folder.path().string(), {}), SettingsError);
}

TEST(Settings, ErrorSaysEverythingInBothLanguages) {
  try {
    parseSettings("http: {port: x}\nlog: {level: y}", "test.yaml", {});
    FAIL();
  } catch (const SettingsError& error) {
    EXPECT_NE(std::string{error.what()}.find("http.port"), std::string::npos);
    EXPECT_NE(std::string{error.what()}.find("log.level"), std::string::npos);
    EXPECT_NE(error.text().zh.find("http.port"), std::string::npos);
  }
}

TEST(ProcessVariables, AreOnlyOurs) {
  ASSERT_EQ(::setenv("OSCAR_TEST_MARKER", "a=b", 1), 0);
  const Variables variables = processVariables();
  EXPECT_EQ(variables.at("OSCAR_TEST_MARKER"), "a=b");
  EXPECT_TRUE(std::all_of(variables.begin(), variables.end(),
                          [](const auto& v) { return v.first.starts_with("OSCAR_"); }));
}

}  // namespace
}  // namespace oscar::settings
