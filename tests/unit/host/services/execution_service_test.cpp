#include "support/execution_lab.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace oscar::services {
namespace {

using test::ExecutionLab;
using test::findingOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

ServiceError errorOf(const std::function<void()>& call) {
  try {
    call();
  } catch (const ServiceError& error) {
    EXPECT_FALSE(error.message().zh.empty());
    EXPECT_FALSE(error.message().en.empty());
    return error;
  }
  ADD_FAILURE() << "nothing was thrown";
  return ServiceError{ErrorCode::kInternal, {"无", "nothing"}};
}

TEST(ExecutionPreview, ShowsWhatWouldRun) {
  ExecutionLab lab;
  const auto preview = lab.service().preview(ExecutionLab::request("ADD COLUMN tax INT"));
  EXPECT_THAT(preview.argv, Contains("--alter=ADD COLUMN tax INT"));
  EXPECT_THAT(preview.argv.back(), HasSubstr("D=shop,t=orders"));
  EXPECT_THAT(preview.command, HasSubstr("--user=*** --password=***"));
  EXPECT_THAT(preview.command, HasSubstr("--alter='ADD COLUMN tax INT'"));
  EXPECT_THAT(preview.command, Not(HasSubstr("s3cret")));
  EXPECT_EQ(preview.ddl_type, DdlType::kAddColumn);
  EXPECT_EQ(preview.estimated_rows, 1000);
  EXPECT_EQ(preview.table_bytes, (1 << 20) + (1 << 18));
  EXPECT_EQ(preview.server_key, "server-1");
  EXPECT_TRUE(lab.executions.all().empty());
  EXPECT_TRUE(lab.events.events().empty());
}

TEST(ExecutionPreview, FragmentRebuilds) {
  ExecutionLab lab;
  const auto preview = lab.service().preview(ExecutionLab::request(""));
  EXPECT_THAT(preview.argv, Contains("--alter=ENGINE=InnoDB"));
  EXPECT_EQ(preview.ddl_type, DdlType::kFragment);
}

TEST(ExecutionPreview, EstimatesRowsWhenStatisticsSayNone) {
  ExecutionLab lab;
  lab.orders().facts.rows = 0;
  lab.orders().estimated_rows = 77;
  EXPECT_EQ(lab.service().preview(ExecutionLab::request("")).estimated_rows, 77);
}

struct WrongCase {
  ErrorCode code;
  std::string words;  ///< in the English message
  std::function<void(ExecutionLab&, ExecutionRequest&)> spoil;
};

TEST(ExecutionPreview, SaysWhatIsWrong) {
  const std::vector<WrongCase> cases{
      {ErrorCode::kNotFound, "no such connection", [](auto&, auto& r) { r.connection_id = "c2"; }},
      {ErrorCode::kNotFound, "no database nope", [](auto&, auto& r) { r.database_name = "nope"; }},
      {ErrorCode::kNotFound, "no table nope", [](auto&, auto& r) { r.table_name = "nope"; }},
      {ErrorCode::kNotFound, "column nope",
       [](auto&, auto& r) { r.original_ddl = "DROP COLUMN nope"; }},
      {ErrorCode::kNotFound, "column nope",
       [](auto&, auto& r) { r.original_ddl = "DROP COLUMN /* if exists */ nope"; }},
      {ErrorCode::kNotFound, "column nope",
       [](auto&, auto& r) { r.original_ddl = "ADD INDEX i (qty, nope)"; }},
      {ErrorCode::kNotFound, "column nope",
       [](auto&, auto& r) { r.original_ddl = "ADD a INT AFTER nope"; }},
      {ErrorCode::kNotFound, {}, [](auto&, auto& r) { r.original_ddl = "ADD a INT AFTER a"; }},
      {ErrorCode::kNotFound, "column nope",
       [](auto&, auto& r) { r.original_ddl = "ALTER COLUMN nope SET DEFAULT 1"; }},
      {ErrorCode::kNotFound, "column qty",
       [](auto&, auto& r) { r.original_ddl = "DROP COLUMN qty, ADD INDEX i (qty)"; }},
      {ErrorCode::kNotFound, "index nope",
       [](auto&, auto& r) { r.original_ddl = "DROP INDEX nope"; }},
      {ErrorCode::kNotFound, "foreign key nope",
       [](auto&, auto& r) { r.original_ddl = "DROP FOREIGN KEY nope"; }},
      {ErrorCode::kBadRequest, "column QTY, which exists already",
       [](auto&, auto& r) { r.original_ddl = "ADD COLUMN QTY INT"; }},
      {ErrorCode::kBadRequest, "column sn, which exists already",
       [](auto&, auto& r) { r.original_ddl = "CHANGE qty sn INT"; }},
      {ErrorCode::kBadRequest, "index ix_qty, which exists already",
       [](auto&, auto& r) { r.original_ddl = "ADD INDEX ix_qty (sn)"; }},
      {ErrorCode::kBadRequest, "primary key, which exists already",
       [](auto&, auto& r) { r.original_ddl = "ADD PRIMARY KEY (sn)"; }},
      {ErrorCode::kDdlSyntax, "", [](auto&, auto& r) { r.original_ddl = "ADD COLUMN"; }},
      {ErrorCode::kDdlSyntax, "", [](auto&, auto& r) { r.original_ddl = "--execute"; }},
      {ErrorCode::kBadRequest, "original_ddl",
       [](auto&, auto& r) {
         r.original_ddl = std::string{"ADD a INT\0", 10};
       }},
      {ErrorCode::kBadRequest, "original_ddl", [](auto&, auto& r) { r.original_ddl = "a\xff"; }},
      {ErrorCode::kBadRequest, "original_ddl",
       [](auto&, auto& r) { r.original_ddl = std::string(70'000, 'x'); }},
      {ErrorCode::kBadRequest, "original_ddl", [](auto&, auto& r) { r.fragment = true; }},
      {ErrorCode::kBadRequest, "original_ddl", [](auto&, auto& r) { r.original_ddl = ""; }},
      {ErrorCode::kBadRequest, "table_name", [](auto&, auto& r) { r.table_name = "a\nb"; }},
      {ErrorCode::kBadRequest, "table_name", [](auto&, auto& r) { r.table_name = ""; }},
      {ErrorCode::kBadRequest, "table_name", [](auto&, auto& r) { r.table_name = "\xff"; }},
      {ErrorCode::kBadRequest, "table_name", [](auto&, auto& r) { r.table_name = "x' OR '1"; }},
      {ErrorCode::kBadRequest, "database_name",
       [](auto&, auto& r) { r.database_name = "a;mysql_socket=/x"; }},
      {ErrorCode::kBadRequest, "system schema", [](auto&, auto& r) { r.database_name = "MySQL"; }},
      {ErrorCode::kBadRequest, "connection_id", [](auto&, auto& r) { r.connection_id = ""; }},
      {ErrorCode::kBadRequest, "backend", [](auto&, auto& r) { r.backend = "a\x01"; }},
      {ErrorCode::kBadRequest, "is a view",
       [](auto& lab, auto&) { lab.orders().facts.engine = ""; }},
      {ErrorCode::kBadRequest, "execution_params.chunk_size",
       [](auto&, auto& r) { r.params.chunk_size = -1; }},
      {ErrorCode::kBadRequest, "execution_params.extra.password",
       [](auto&, auto& r) { r.params.extra["password"] = "x"; }},
      {ErrorCode::kBadRequest, "no backend ssh", [](auto&, auto& r) { r.backend = "ssh"; }},
      {ErrorCode::kUnavailable, "too old",
       [](auto& lab, auto&) {
         lab.backend.report = {false, {"太旧", "too old"}, {}};
       }},
      {ErrorCode::kUnavailable, "broken",
       [](auto& lab, auto&) {
         lab.backend.probe_error =
             ports::BackendError{ports::BackendError::Kind::kInternal, "broken"};
       }},
      {ErrorCode::kConnectionFailed, "Access denied for user 'app'",
       [](auto& lab, auto&) {
         lab.targets.connect_error = ports::TargetError{1045, "Access denied for user 'app'"};
       }},
      {ErrorCode::kConnectionFailed, "gone away",
       [](auto& lab, auto&) {
         lab.targets.query_error = ports::TargetError{2006, "server has gone away"};
       }},
  };
  for (const auto& c : cases) {
    ExecutionLab lab;
    auto request = ExecutionLab::request("ADD COLUMN a INT");
    c.spoil(lab, request);
    const auto error = errorOf([&] { lab.service().preview(request); });
    EXPECT_EQ(error.code(), c.code) << error.message().en;
    EXPECT_THAT(error.message().en, HasSubstr(c.words));
  }
}

TEST(ExecutionPreview, SyntaxErrorsCarryThePosition) {
  ExecutionLab lab;
  const auto error =
      errorOf([&] { lab.service().preview(ExecutionLab::request("ADD COLUMN\n  INT")); });
  EXPECT_EQ(error.code(), ErrorCode::kDdlSyntax);
  EXPECT_THAT(error.details(), HasSubstr("\"line\":2"));
  EXPECT_THAT(error.details(), HasSubstr("\"expected\":["));
}

TEST(ExecutionPreview, NothingIsAskedOfTheServerForBadText) {
  ExecutionLab lab;
  errorOf([&] { lab.service().preview(ExecutionLab::request("DROP")); });
  EXPECT_TRUE(lab.targets.connections.empty());
}

TEST(ExecutionSubmit, StoresEverythingThatIsNeededLater) {
  ExecutionLab lab;
  auto request = ExecutionLab::request("ADD COLUMN tax INT;");
  request.params.chunk_size = 8000;
  const auto made = lab.service().submit(lab.principal, request);
  EXPECT_EQ(made.number, 1);
  const auto stored = lab.executions.find(made.id);
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->status, ExecutionStatus::kPending);
  EXPECT_EQ(stored->connection_name, "shop prod");
  EXPECT_EQ(stored->environment, Environment::kProd);
  EXPECT_EQ(stored->server_key, "server-1");
  EXPECT_EQ(stored->database_name, "shop");
  EXPECT_EQ(stored->original_ddl, "ADD COLUMN tax INT;");
  EXPECT_EQ(stored->alter_text, "ADD COLUMN tax INT");
  EXPECT_THAT(stored->argv, Contains("--chunk-size=8000"));
  EXPECT_THAT(stored->generated_command, HasSubstr("--password=***"));
  EXPECT_EQ(stored->params, request.params);
  EXPECT_EQ(stored->backend, "local");
  EXPECT_EQ(stored->run.total_rows, 1000);
  EXPECT_EQ(stored->created_by, "alice");
  EXPECT_EQ(stored->created_at, lab.clock.now());
  const auto events = lab.events.of<ExecutionSubmitted>();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].execution_id, made.id);
}

TEST(ExecutionSubmit, DangerNeedsTheExactWords) {
  for (const char* typed : {"", "orders", "shop.orders ", "SHOP.ORDERS", "shop.Orders"}) {
    ExecutionLab lab;
    auto request = ExecutionLab::request("DROP COLUMN qty");
    request.confirm_text = typed;
    const auto error = errorOf([&] { lab.service().submit(lab.principal, request); });
    EXPECT_EQ(error.code(), ErrorCode::kBadRequest) << typed;
    EXPECT_THAT(error.details(), HasSubstr("\"confirm_text\":\"shop.orders\""));
    EXPECT_THAT(error.details(), HasSubstr("\"code\":\"drop_column\""));
    EXPECT_TRUE(lab.executions.all().empty());
    EXPECT_TRUE(lab.events.events().empty());
  }
  ExecutionLab lab;
  auto request = ExecutionLab::request("DROP COLUMN qty");
  request.confirm_text = "shop.orders";
  EXPECT_EQ(lab.service().submit(lab.principal, request).ddl_type, DdlType::kDropColumn);
}

TEST(ExecutionSubmit, RefusedIsNotConfirmable) {
  ExecutionLab lab;
  auto request = ExecutionLab::request("RENAME COLUMN qty TO quantity");
  request.confirm_text = "shop.orders";
  const auto error = errorOf([&] { lab.service().submit(lab.principal, request); });
  EXPECT_EQ(error.code(), ErrorCode::kConflict);
  EXPECT_THAT(error.details(), HasSubstr("rename_column_unsupported"));
  EXPECT_TRUE(lab.executions.all().empty());
  // There is nothing to confirm, even when something else would have to be.
  const auto both = errorOf([&] {
    lab.service().submit(lab.principal,
                         ExecutionLab::request("DROP COLUMN note, RENAME COLUMN qty TO quantity"));
  });
  EXPECT_THAT(both.details(), HasSubstr("\"code\":\"drop_column\""));
  EXPECT_THAT(both.details(), Not(HasSubstr("confirm_text")));
}

TEST(ExecutionSubmit, DetailsSpeakTheLanguageOfTheRequest) {
  ExecutionLab lab;
  auto request = ExecutionLab::request("DROP COLUMN qty");
  request.language = Language::kEn;
  auto error = errorOf([&] { lab.service().submit(lab.principal, request); });
  EXPECT_THAT(error.details(), HasSubstr("\"text\":\"qty: Dropping a column"));
  request.language = Language::kZh;
  error = errorOf([&] { lab.service().submit(lab.principal, request); });
  EXPECT_THAT(error.details(), HasSubstr("\"text\":\"qty：删除列"));
  request.original_ddl = "DROP COLUMN";
  error = errorOf([&] { lab.service().submit(lab.principal, request); });
  EXPECT_THAT(error.details(), HasSubstr("\"message\":\""));
}

TEST(ExecutionPreview, NamesAllWrongFieldsAtOnce) {
  ExecutionLab lab;
  auto request = ExecutionLab::request("");
  request.table_name = "a\nb";
  request.original_ddl = "ADD a INT";
  request.params.chunk_size = -1;
  request.params.max_load = "Threads_running=x";
  request.params.extra["password"] = "x";
  const auto error = errorOf([&] { lab.service().preview(request); });
  std::vector<std::string> fields;
  for (const auto& field : error.fields()) fields.push_back(field.field);
  EXPECT_THAT(fields, testing::UnorderedElementsAre(
                          "table_name", "original_ddl", "execution_params.chunk_size",
                          "execution_params.max_load", "execution_params.extra.password"));
  EXPECT_TRUE(lab.targets.connections.empty());
}

TEST(ExecutionPreview, NamesLimitsThatTheServerDoesNotKnow) {
  ExecutionLab lab;
  auto request = ExecutionLab::request("ADD a INT");
  request.params.max_load = "Threads_running=9,Foo=3";
  request.params.critical_load = "Bar=4";
  const auto error = errorOf([&] { lab.service().preview(request); });
  ASSERT_EQ(error.fields().size(), 2U);
  EXPECT_EQ(error.fields()[0].field, "execution_params.max_load");
  EXPECT_THAT(error.fields()[0].reason.en, HasSubstr("Foo"));
  EXPECT_EQ(error.fields()[1].field, "execution_params.critical_load");
}

TEST(ExecutionSubmit, OneLiveExecutionPerTable) {
  ExecutionLab lab;
  auto service = lab.service();
  const auto first = service.submit(lab.principal, ExecutionLab::request(""));
  // What its run put on the table must not be taken for leftovers.
  lab.orders().triggers = {"pt_osc_shop_orders_del"};
  const auto error =
      errorOf([&] { service.submit(lab.principal, ExecutionLab::request("ADD a INT")); });
  EXPECT_EQ(error.code(), ErrorCode::kConflict);
  EXPECT_THAT(error.details(), HasSubstr(first.id));
  EXPECT_THAT(error.message().en, HasSubstr("#1"));
  lab.orders().triggers = {};
  lab.executions.edit(first.id, [](Execution& e) { e.status = ExecutionStatus::kFailed; });
  EXPECT_EQ(service.submit(lab.principal, ExecutionLab::request("")).number, 2);
}

TEST(ExecutionSubmit, NoSecretIsStored) {
  ExecutionLab lab;
  const auto made = lab.service().submit(lab.principal, ExecutionLab::request(""));
  std::string all = made.generated_command;
  for (const auto& argument : made.argv) all += argument + "\n";
  EXPECT_THAT(all, Not(HasSubstr("s3cret")));
  EXPECT_THAT(all, Not(HasSubstr("app")));
}

// Shell metacharacters and option-like text in every field reach their place in argv, or nothing.
TEST(ExecutionSubmit, HostileTextReachesOnlyItsPlace) {
  const std::string evil = "$(touch x)`id`;|&> --execute --password=x";
  ExecutionLab lab;
  const std::string table = "t " + evil;
  lab.targets.databases["db \"$(x)\" -D"][table] = lab.orders();
  auto request = ExecutionLab::request("ADD COLUMN a INT COMMENT '" + evil + "\n--dry-run\n\"'");
  request.database_name = "db \"$(x)\" -D";
  request.table_name = table;
  const auto made = lab.service().submit(lab.principal, request);
  EXPECT_THAT(made.argv, Contains("--alter=" + request.original_ddl));
  EXPECT_EQ(made.argv.back(),
            "F={run_dir}/my.cnf,h=db1,P=3306,A=utf8mb4,D=db \"$(x)\" -D,t=" + table);
  int mentions = 0;
  for (const auto& argument : made.argv) {
    mentions += argument.find("touch") != argument.npos ? 1 : 0;
  }
  EXPECT_EQ(mentions, 2);
  for (const auto& spoil : std::vector<std::function<void(ExecutionRequest&)>>{
           [&](auto& r) { r.params.max_load = evil; },
           [&](auto& r) { r.params.critical_load = evil; },
           [&](auto& r) { r.params.charset = evil; },
           [&](auto& r) { r.params.extra["set-vars"] = evil; },
           [&](auto& r) { r.params.extra["recursion-method"] = evil; },
           [&](auto& r) { r.params.extra[evil] = ""; },
           [&](auto& r) { r.params.extra["tries"] = evil; }}) {
    ExecutionLab other;
    auto spoiled = ExecutionLab::request("");
    spoil(spoiled);
    EXPECT_EQ(errorOf([&] { other.service().submit(other.principal, spoiled); }).code(),
              ErrorCode::kBadRequest);
    EXPECT_TRUE(other.executions.all().empty());
  }
}

TEST(ExecutionSubmit, BackendOfTheConnectionIsPreferred) {
  ExecutionLab lab;
  test::FakeBackend docker;
  docker.report.tool.path = "/opt/pt-osc";
  lab.backends.backends["docker"] = &docker;
  auto row = *lab.connections.find("c1");
  row.connection.backend = "docker";
  lab.connections.update(row);
  const auto made = lab.service().submit(lab.principal, ExecutionLab::request(""));
  EXPECT_EQ(made.backend, "docker");
  EXPECT_EQ(made.argv.front(), "/opt/pt-osc");
}

TEST(ExecutionSubmit, StoreFailureIsNotHidden) {
  ExecutionLab lab;
  lab.executions.unavailable = true;
  EXPECT_THROW(lab.service().submit(lab.principal, ExecutionLab::request("")), StoreUnavailable);
  EXPECT_TRUE(lab.events.events().empty());
}

TEST(ExecutionFind, ByNumberAndUuid) {
  ExecutionLab lab;
  auto service = lab.service();
  const auto made = service.submit(lab.principal, ExecutionLab::request(""));
  std::string shouted = made.id;
  for (char& c : shouted) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  for (const std::string& id : {std::string{"1"}, std::string{"#1"}, made.id, shouted}) {
    EXPECT_EQ(service.get(id).id, made.id) << id;
  }
  for (const char* id : {"", "#", "2", "-1", "1x", "0", "99999999999999999999", "' OR 1=1",
                         "00000000-0000-4000-8000-000000000000"}) {
    EXPECT_EQ(errorOf([&] { service.get(id); }).code(), ErrorCode::kNotFound) << id;
  }
}

TEST(ExecutionLog, PagesFromALine) {
  ExecutionLab lab;
  auto service = lab.service();
  const auto made = service.submit(lab.principal, ExecutionLab::request(""));
  lab.executions.appendLog(made.id, {{1, {}, "one"}, {2, {}, "two"}, {3, {}, "three"}});
  const auto page = service.log("#1", 2, 1, "");
  ASSERT_EQ(page.lines.size(), 1U);
  EXPECT_EQ(page.lines[0].text, "two");
  EXPECT_EQ(page.last_line, 3);
  EXPECT_EQ(service.log("1", 1, 10, "three").lines.size(), 1U);
  EXPECT_EQ(errorOf([&] { service.log("1", 0, 0, ""); }).fields().size(), 2U);
  EXPECT_EQ(service.log("1", 1, 5000, "").lines.size(), 3U);
  EXPECT_EQ(errorOf([&] { service.log("1", 1, 5001, ""); }).fields().size(), 1U);
}

TEST(ExecutionStop, DependsOnWhereItIs) {
  struct StopCase {
    ExecutionStatus status;
    Stage stage;
    bool allowed;
    ExecutionStatus after;
  };
  for (const auto& c : std::vector<StopCase>{
           {ExecutionStatus::kPending, Stage::kNone, true, ExecutionStatus::kCancelled},
           {ExecutionStatus::kRunning, Stage::kCopyingData, true, ExecutionStatus::kRunning},
           {ExecutionStatus::kRunning, Stage::kAwaitingCutover, true, ExecutionStatus::kRunning},
           {ExecutionStatus::kRunning, Stage::kSwappingTables, false, ExecutionStatus::kRunning},
           {ExecutionStatus::kRunning, Stage::kDroppingTriggers, false, ExecutionStatus::kRunning},
           {ExecutionStatus::kCompleted, Stage::kDone, false, ExecutionStatus::kCompleted},
           {ExecutionStatus::kCancelled, Stage::kNone, false, ExecutionStatus::kCancelled}}) {
    ExecutionLab lab;
    auto service = lab.service();
    const auto made = service.submit(lab.principal, ExecutionLab::request(""));
    lab.executions.edit(made.id, [&](Execution& e) {
      e.status = c.status;
      e.run.stage = c.stage;
    });
    if (!c.allowed) {
      EXPECT_EQ(errorOf([&] { service.stop("1"); }).code(), ErrorCode::kConflict);
      EXPECT_FALSE(lab.executions.find(made.id)->stop_requested);
      continue;
    }
    EXPECT_EQ(service.stop("1").status, c.after);
    EXPECT_TRUE(lab.executions.find(made.id)->stop_requested);
    const bool cancelled = c.after == ExecutionStatus::kCancelled;
    EXPECT_EQ(lab.events.of<ExecutionChanged>().size(), cancelled ? 1U : 0U);
    EXPECT_EQ(lab.events.of<StopRequested>().size(), cancelled ? 0U : 1U);
  }
}

TEST(ExecutionRetry, SubmitsTheSameAgainAndChecksAnew) {
  ExecutionLab lab;
  auto service = lab.service();
  auto request = ExecutionLab::request("DROP COLUMN qty");
  request.params.max_load = "Threads_running=10";
  request.confirm_text = "shop.orders";
  const auto first = service.submit(lab.principal, request);
  EXPECT_EQ(errorOf([&] { service.retry(lab.principal, "1", "shop.orders"); }).code(),
            ErrorCode::kConflict);
  lab.executions.edit(first.id, [](Execution& e) { e.status = ExecutionStatus::kFailed; });
  EXPECT_EQ(errorOf([&] { service.retry(lab.principal, "1", ""); }).code(), ErrorCode::kBadRequest);
  const auto second = service.retry(lab.principal, "1", "shop.orders");
  EXPECT_EQ(second.number, 2);
  EXPECT_EQ(second.retry_of, first.id);
  EXPECT_EQ(second.params, first.params);
  EXPECT_EQ(second.argv, first.argv);
  lab.executions.edit(second.id, [](Execution& e) { e.status = ExecutionStatus::kCompleted; });
  lab.orders().columns.erase(lab.orders().columns.begin() + 3);
  EXPECT_EQ(errorOf([&] { service.retry(lab.principal, "2", "shop.orders"); }).code(),
            ErrorCode::kNotFound);
}

TEST(ExecutionRetry, NamesTheConnectionThatIsGone) {
  ExecutionLab lab;
  auto service = lab.service();
  const auto first = service.submit(lab.principal, ExecutionLab::request(""));
  lab.executions.edit(first.id, [](Execution& e) { e.status = ExecutionStatus::kFailed; });
  lab.connections.remove("c1", lab.clock.now());
  const auto error = errorOf([&] { service.retry(lab.principal, "1", ""); });
  EXPECT_EQ(error.code(), ErrorCode::kNotFound);
  EXPECT_THAT(error.message().en, HasSubstr("shop prod"));
  EXPECT_THAT(error.message().zh, HasSubstr("shop prod"));
  EXPECT_EQ(service.get("1").connection_name, "shop prod");
}

TEST(ExecutionRetry, FragmentStaysAFragment) {
  ExecutionLab lab;
  auto service = lab.service();
  const auto first = service.submit(lab.principal, ExecutionLab::request(""));
  lab.executions.edit(first.id, [](Execution& e) { e.status = ExecutionStatus::kCancelled; });
  EXPECT_EQ(service.retry(lab.principal, first.id, "").ddl_type, DdlType::kFragment);
}

TEST(Preview, ABrokenBackendIsExplainedInTheLanguageOfTheReader) {
  ExecutionLab lab;
  lab.backend.probe_error =
      ports::BackendError{ports::BackendError::Kind::kUnavailable, Text{"坏了", "broken"}};
  const auto request = ExecutionLab::request("ADD COLUMN a INT");
  const auto error = errorOf([&] { lab.service().preview(request); });
  EXPECT_THAT(error.message().zh, HasSubstr("坏了"));
  EXPECT_THAT(error.message().zh, Not(HasSubstr("broken")));
  EXPECT_THAT(error.message().en, HasSubstr("broken"));
}

}  // namespace
}  // namespace oscar::services
