#include "ddl/ptosc_arguments.hpp"

#include "support/real_ptosc.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <string>
#include <vector>

namespace oscar::ddl {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

PtoscRequest request() {
  PtoscRequest r;
  r.database = "shop";
  r.table = "orders";
  r.alter_text = "ENGINE=InnoDB";
  r.tool = {"/usr/bin/pt-online-schema-change", 30201, {}};
  r.server = {true, 101119, false};
  r.endpoint = {"db1", 3306, "utf8mb4"};
  return r;
}

PtoscCommand build(const PtoscRequest& r) {
  const auto command = buildPtoscCommand(r);
  if (!command.ok()) {
    for (const auto& e : command.error()) ADD_FAILURE() << e.field << ": " << e.reason.en;
    return {};
  }
  return command.value();
}

std::vector<std::string> wrongFields(const PtoscRequest& r) {
  const auto command = buildPtoscCommand(r);
  std::vector<std::string> fields;
  if (!command.ok()) {
    for (const auto& e : command.error()) {
      EXPECT_FALSE(e.reason.zh.empty());
      EXPECT_FALSE(e.reason.en.empty());
      fields.push_back(e.field);
    }
  }
  return fields;
}

bool noted(const PtoscCommand& command, std::string_view code) {
  return std::any_of(command.notes.begin(), command.notes.end(),
                     [&](const PtoscNote& note) { return note.code == code; });
}

TEST(PtoscArguments, DefaultCommand) {
  const auto command = build(request());
  EXPECT_EQ(command.argv, (std::vector<std::string>{
                              "/usr/bin/pt-online-schema-change",
                              "--config=/dev/null",
                              "--execute",
                              "--print",
                              "--statistics",
                              "--progress=time,5",
                              "--no-version-check",
                              "--plugin={run_dir}/observer.pm",
                              "--alter=ENGINE=InnoDB",
                              "--chunk-time=0.5",
                              "--max-load=Threads_running=50",
                              "--critical-load=Threads_running=200",
                              "--set-vars=lock_wait_timeout=60,max_error_count=65535",
                              "--recursion-method=processlist",
                              "F={run_dir}/my.cnf,h=db1,P=3306,A=utf8mb4,D=shop,t=orders",
                          }));
  EXPECT_TRUE(noted(command, "credentials"));
  EXPECT_TRUE(noted(command, "charset"));
}

TEST(PtoscArguments, ChunkSizeAndTime) {
  struct Case {
    std::optional<std::int64_t> size;
    std::optional<double> time;
    std::int64_t default_size;
    std::string argument;
    std::string note;
  };
  const std::vector<Case> cases{
      {std::nullopt, std::nullopt, 0, "--chunk-time=0.5", "chunk_by_time"},
      {8000, std::nullopt, 0, "--chunk-size=8000", "chunk_fixed"},
      {std::nullopt, 1.5, 0, "--chunk-time=1.5", "chunk_by_time"},
      {8000, 1.5, 0, "--chunk-time=1.5", "chunk_size_ignored"},
      {8000, 0.0, 0, "--chunk-size=8000", "chunk_fixed"},
      {std::nullopt, 0.0, 0, "--chunk-time=0", "chunk_fixed"},
      {std::nullopt, std::nullopt, 2000, "--chunk-size=2000", "chunk_fixed"},
      {std::nullopt, 1.0, 2000, "--chunk-time=1", "chunk_by_time"},
  };
  for (const auto& c : cases) {
    auto r = request();
    r.params.chunk_size = c.size;
    r.params.chunk_time = c.time;
    r.defaults.default_chunk_size = c.default_size;
    const auto command = build(r);
    EXPECT_THAT(command.argv, Contains(c.argument));
    EXPECT_EQ(std::count_if(command.argv.begin(), command.argv.end(),
                            [](const std::string& a) { return a.starts_with("--chunk-"); }),
              1);
    EXPECT_TRUE(noted(command, c.note)) << c.argument;
  }
}

TEST(PtoscArguments, LoadsAreNormalised) {
  auto r = request();
  r.params.max_load = "Threads_connected:12000";
  r.params.critical_load = "Threads_running=12000";
  const auto command = build(r);
  EXPECT_THAT(command.argv, Contains("--max-load=Threads_connected=12000"));
  EXPECT_THAT(command.argv, Contains("--critical-load=Threads_running=12000"));
}

TEST(PtoscArguments, ExplainFormatIsSetWhereTheServerHasIt) {
  auto r = request();
  r.server = {false, 90700, true};
  r.params.lock_wait_timeout = 100;
  r.params.extra["set-vars"] = "wait_timeout=10000";
  const auto command = build(r);
  EXPECT_THAT(command.argv, Contains("--set-vars=explain_format='TRADITIONAL',lock_wait_timeout="
                                     "100,max_error_count=65535,wait_timeout=10000"));
  EXPECT_TRUE(noted(command, "explain_format"));
}

TEST(PtoscArguments, WarningsAreKeptWhereTheAccountMay) {
  auto r = request();
  EXPECT_TRUE(noted(build(r), "max_error_count"));
  r.server.sets_error_count = false;
  const auto command = build(r);
  EXPECT_THAT(command.argv, Contains("--set-vars=lock_wait_timeout=60"));
  EXPECT_FALSE(noted(command, "max_error_count"));
}

// Measured with 3.2.1 and 3.7.1 on MariaDB 10.11 and MySQL 9.7, with and without a replica.
TEST(PtoscArguments, ReplicaDiscoveryDependsOnToolServerAndRights) {
  struct Case {
    int tool;
    bool mariadb;
    int server;
    int port;
    std::string rights;  ///< of p(rocesses), h(osts), s(tatus)
    std::string method;
  };
  const std::vector<Case> cases{
      {30201, true, 101119, 3306, "phs", "processlist"},
      {30201, true, 101119, 3306, "ps", "processlist"},
      {30201, true, 101119, 3307, "phs", "hosts"},
      {30201, true, 101119, 3307, "ps", "processlist"},
      {30201, true, 101119, 3307, "s", "none"},
      {30201, true, 101119, 3306, "hs", "none"},
      {30201, true, 101119, 3306, "ph", "none"},
      {30201, true, 110400, 3306, "phs", "processlist"},
      {30701, true, 101119, 3306, "phs", "none"},
      {30201, false, 80036, 3306, "phs", "processlist"},
      {30201, false, 80400, 3306, "phs", "none"},
      {30201, false, 90700, 3306, "", "none"},
      {30701, false, 90700, 3306, "phs", "processlist"},
      {30701, false, 90700, 3307, "ps", "processlist"},
      {30701, false, 90700, 3307, "hs", "none"},
      {0, false, 90700, 3306, "phs", "processlist"},
  };
  for (const auto& c : cases) {
    const auto has = [&](char right) { return c.rights.find(right) != std::string::npos; };
    auto r = request();
    r.tool.version_number = c.tool;
    r.endpoint.port = c.port;
    r.server = {c.mariadb, c.server, false, has('p'), has('h'), has('s')};
    const auto command = build(r);
    const auto name = std::to_string(c.tool) + " " + std::to_string(c.server) + " " +
                      std::to_string(c.port) + " " + c.rights;
    EXPECT_EQ(
        std::count(command.argv.begin(), command.argv.end(), "--recursion-method=" + c.method), 1)
        << name;
    EXPECT_TRUE(noted(command, "recursion_method")) << name;
  }
}

TEST(PtoscArguments, UserRecursionMethodIsKeptWhereItCanWork) {
  struct Case {
    int tool;
    bool mariadb;
    int server;
    bool refused;
  };
  for (const auto& c : std::vector<Case>{{30201, false, 90700, true},
                                         {30701, true, 101119, true},
                                         {30701, false, 90700, false},
                                         {30201, true, 101119, false}}) {
    auto r = request();
    r.tool.version_number = c.tool;
    r.server = {c.mariadb, c.server, false};
    r.params.extra["recursion-method"] = "none";
    const auto command = build(r);
    EXPECT_EQ(std::count(command.argv.begin(), command.argv.end(), "--recursion-method=none"), 1);
    EXPECT_FALSE(noted(command, "recursion_method"));
    r.params.extra["recursion-method"] = "hosts";
    if (c.refused) {
      EXPECT_THAT(wrongFields(r), Contains("execution_params.extra.recursion-method")) << c.server;
    } else {
      EXPECT_THAT(build(r).argv, Contains("--recursion-method=hosts")) << c.server;
    }
  }
}

TEST(PtoscArguments, NewToolNeedsTheReplicationStatus) {
  auto r = request();
  r.tool.version_number = 30701;
  r.server = {false, 90700, true, true, true, false};
  EXPECT_THAT(wrongFields(r), Contains("connection_id"));
}

TEST(PtoscArguments, DropSwapIsRefusedBeforeTheCopy) {
  auto r = request();
  for (const char* method : {"drop_swap", "auto"}) {
    r.params.extra["alter-foreign-keys-method"] = method;
    r.server = {false, 80036, false};
    EXPECT_THAT(wrongFields(r), Contains("execution_params.extra.alter-foreign-keys-method"));
    r.server = {false, 50744, false};
    EXPECT_THAT(build(r).argv, Contains("--alter-foreign-keys-method=" + std::string{method}));
  }
}

TEST(PtoscArguments, ChecksAreSkippedOnlyWhenAsked) {
  auto r = request();
  EXPECT_THAT(build(r).argv, Not(Contains(StartsWith("--no-check"))));
  r.checks = {true, true, {"已检查", "checked"}};
  auto command = build(r);
  EXPECT_THAT(command.argv, Contains("--no-check-alter"));
  EXPECT_THAT(command.argv, Contains("--no-check-unique-key-change"));
  EXPECT_TRUE(noted(command, "own_checks"));
  r.tool.options = {"check-alter"};
  EXPECT_THAT(build(r).argv, Not(Contains("--no-check-unique-key-change")));
}

TEST(PtoscArguments, OptionsThatTheToolLacksAreRefused) {
  auto r = request();
  r.tool.options = {"max-lag"};
  r.params.extra = {{"max-lag", "5"}, {"sleep", "1"}};
  EXPECT_THAT(wrongFields(r), testing::ElementsAre("execution_params.extra.sleep"));
}

TEST(PtoscArguments, CharsetIsAlwaysUtf8mb4AndNothingChineseIsRefused) {
  for (const int tool : {30201, 30701}) {
    for (const std::string wanted : {"", "utf8", "utf8mb4", "gbk", "latin1"}) {
      auto r = request();
      r.tool.version_number = tool;
      r.params.charset = wanted;
      r.database = "数据库";
      r.table = "订单";
      r.alter_text = "ADD COLUMN `渠道` INT COMMENT '渠道'";
      const auto command = build(r);
      EXPECT_EQ(command.argv.back(), "F={run_dir}/my.cnf,h=db1,P=3306,A=utf8mb4,D=数据库,t=订单")
          << wanted;
      const auto text = std::find_if(command.notes.begin(), command.notes.end(),
                                     [](const PtoscNote& n) { return n.code == "charset"; });
      ASSERT_NE(text, command.notes.end());
      const bool replaced = !wanted.empty() && wanted != "utf8mb4";
      EXPECT_EQ(text->text.en.find(wanted + " is not used") != std::string::npos, replaced);
    }
  }
}

TEST(PtoscArguments, LocalhostIsReachedByItsPort) {
  auto r = request();
  r.endpoint.host = "localhost";
  const auto command = build(r);
  EXPECT_THAT(command.argv.back(), HasSubstr(",h=127.0.0.1,"));
  EXPECT_TRUE(noted(command, "localhost"));
}

TEST(PtoscArguments, WrongFieldsAreNamed) {
  struct Case {
    std::string field;
    std::function<void(PtoscRequest&)> spoil;
  };
  const std::vector<Case> cases{
      {"database_name", [](auto& r) { r.database = "a;mysql_local_infile=1"; }},
      {"table_name", [](auto& r) { r.table = "a\nb"; }},
      {"connection_id", [](auto& r) { r.endpoint.host = "h;mysql_socket=/x"; }},
      {"connection_id", [](auto& r) { r.endpoint.charset = "utf8;x=1"; }},
      {"original_ddl", [](auto& r) { r.alter_text = ""; }},
      {"original_ddl", [](auto& r) { r.alter_text = "--execute"; }},
      {"original_ddl",
       [](auto& r) {
         r.alter_text = std::string{"ADD a INT\0", 10};
       }},
      {"original_ddl", [](auto& r) { r.alter_text = "COMMENT='{run_dir}'"; }},
      {"execution_params.chunk_size", [](auto& r) { r.params.chunk_size = 0; }},
      {"execution_params.chunk_size", [](auto& r) { r.params.chunk_size = 10'000'001; }},
      {"execution_params.chunk_time", [](auto& r) { r.params.chunk_time = -1; }},
      {"execution_params.chunk_time", [](auto& r) { r.params.chunk_time = 61; }},
      {"execution_params.chunk_time",
       [](auto& r) { r.params.chunk_time = std::numeric_limits<double>::quiet_NaN(); }},
      {"execution_params.max_load", [](auto& r) { r.params.max_load = "Threads_running=x"; }},
      {"execution_params.critical_load", [](auto& r) { r.params.critical_load = "x;y"; }},
      {"execution_params.critical_load",
       [](auto& r) { r.params.max_load = "Threads_running=300"; }},
      {"execution_params.critical_load",
       [](auto& r) { r.params.critical_load = "threads_running=10"; }},
      {"executions.default_max_load", [](auto& r) { r.defaults.default_max_load = "?"; }},
      {"execution_params.charset", [](auto& r) { r.params.charset = "utf8,p=x"; }},
      {"execution_params.lock_wait_timeout", [](auto& r) { r.params.lock_wait_timeout = 0; }},
      {"execution_params.extra.set-vars",
       [](auto& r) { r.params.extra["set-vars"] = "sql_log_bin=0"; }},
      {"execution_params.extra.set-vars",
       [](auto& r) {
         r.params.lock_wait_timeout = 5;
         r.params.extra["set-vars"] = "lock_wait_timeout=6";
       }},
      {"execution_params.extra.password", [](auto& r) { r.params.extra["password"] = "x"; }},
      {"execution_params.extra.sleep", [](auto& r) { r.params.extra["sleep"] = "x"; }},
  };
  for (const auto& c : cases) {
    auto r = request();
    c.spoil(r);
    EXPECT_THAT(wrongFields(r), Contains(c.field));
  }
}

TEST(PtoscArguments, AllWrongFieldsAtOnce) {
  auto r = request();
  r.database = "";
  r.params.chunk_size = -5;
  r.params.extra = {{"nope", ""}, {"sleep", "x"}};
  EXPECT_EQ(wrongFields(r).size(), 4U);
}

// Whatever is typed as ALTER text arrives in --alter, and nowhere else, in the real option parser.
TEST(PtoscArguments, RealToolReadsHostileTextAsAlterOnly) {
  if (!test::hasRealPtosc()) GTEST_SKIP() << "pt-online-schema-change is not installed";
  const std::string script = R"(
    my $o = OptionParser->new;
    $o->get_specs('/usr/bin/pt-online-schema-change');
    $o->get_opts;
    print join("\0", $o->get('alter'), join('+', @{$o->errors}), scalar @ARGV,
      join('+', sort grep { $o->got($_) } keys %{{$o->opts}}), join('+', @{$o->get('config')})), "\0";
  )";
  const std::vector<std::string> texts{
      "ADD COLUMN a INT",
      "ADD COLUMN a INT COMMENT '; rm -rf / #'",
      "ADD COLUMN a INT COMMENT '$(reboot) `id` \"x\" \\' '",
      "-- --execute\nADD COLUMN a INT",
      "ADD COLUMN a INT\n--password=x\n--dry-run",
      "ADD COLUMN a INT COMMENT ' --plugin=/tmp/x '",
      "ADD COLUMN `--help` INT",
      "ADD COLUMN 备注 TEXT COMMENT '1不含税报价，2含税报价'",
      "ADD COLUMN a INT COMMENT '100% %T a=b,c=d'",
      "\tADD COLUMN a INT",
  };
  for (const auto& text : texts) {
    auto r = request();
    r.alter_text = text;
    const auto command = build(r);
    const auto run = test::runInsidePtosc(script, {command.argv.begin() + 1, command.argv.end()});
    ASSERT_EQ(run.status, 0) << run.output;
    EXPECT_EQ(test::splitAtNul(run.output),
              (std::vector<std::string>{
                  text, "", "1",
                  "alter+chunk-time+config+critical-load+execute+max-load+"
                  "plugin+print+progress+recursion-method+set-vars+statistics+version-check",
                  "/dev/null"}))
        << text;
  }
}

TEST(PtoscArguments, EveryTextStaysInItsPlace) {
  auto r = request();
  const std::string hostile = "x --execute $(id) `id` ' \" \n;";
  r.alter_text = "ADD " + hostile;
  r.table = "--defaults-file=x,F=y $(id) \"";
  const auto command = build(r);
  EXPECT_EQ(std::count(command.argv.begin(), command.argv.end(), "--execute"), 1);
  EXPECT_THAT(command.argv, Contains("--alter=ADD " + hostile));
  EXPECT_EQ(command.argv.back(),
            "F={run_dir}/my.cnf,h=db1,P=3306,A=utf8mb4,D=shop,t=--defaults-file=x\\,F=y $(id) \"");
}

}  // namespace
}  // namespace oscar::ddl
