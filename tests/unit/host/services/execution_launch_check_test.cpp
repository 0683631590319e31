#include "services/execution_launch_check.hpp"

#include "domain/error.hpp"
#include "support/execution_lab.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace oscar::services {
namespace {

using test::ExecutionLab;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

/// Submits, lets `change` happen while the execution waits, and asks whether it may start.
struct Waiting {
  ExecutionLab lab;
  ports::LaunchCheck::GoesOn goes_on = [] { return true; };

  Text refusalAfter(const std::string& ddl, const std::function<void(ExecutionLab&)>& change,
                    const std::function<void(ExecutionRequest&)>& ask = {}) {
    auto service = lab.service();
    auto request = ExecutionLab::request(ddl);
    request.confirm_text = "shop.orders";
    if (ask) ask(request);
    const Execution stored = *lab.executions.find(service.submit(lab.principal, request).id);
    change(lab);
    auto later = lab.service();  // settings may have changed with a restart
    return SurveyingLaunchCheck{later}.refusal(stored, goes_on);
  }
};

void addColumn(ExecutionLab& lab, const char* name) {
  lab.orders().columns.push_back({name, "int(11)", true, "", ""});
}

TEST(LaunchCheck, WhatIsAsItWasMayStart) {
  for (const char* ddl :
       {"", "ADD COLUMN a INT", "DROP COLUMN note", "ADD UNIQUE KEY u (email)",
        "MODIFY email VARCHAR(20)", "CHANGE note remark TEXT", "MODIFY sn VARCHAR(64) NOT NULL"}) {
    EXPECT_EQ(Waiting{}.refusalAfter(ddl, [](ExecutionLab&) {}).en, "") << ddl;
  }
}

TEST(LaunchCheck, HarmlessChangesDoNotKeepItFromStarting) {
  const auto grown = [](ExecutionLab& lab) { lab.orders().facts.rows = 1'000'000'000; };
  EXPECT_EQ(Waiting{}.refusalAfter("ADD COLUMN a INT", grown).en, "");
  const auto other_column = [](ExecutionLab& lab) { addColumn(lab, "unrelated"); };
  EXPECT_EQ(Waiting{}.refusalAfter("MODIFY email VARCHAR(20)", other_column).en, "");
  const auto leftover = [](ExecutionLab& lab) {
    lab.targets.databases["shop"]["_orders_new"].facts.name = "_orders_new";
  };
  EXPECT_EQ(Waiting{}.refusalAfter("ADD COLUMN a INT", leftover).en, "");
}

struct Change {
  const char* name;
  const char* ddl;
  std::function<void(ExecutionLab&)> change;
  const char* reason;
};

class ChangedSince : public testing::TestWithParam<Change> {};

TEST_P(ChangedSince, IsRefusedWithTheReasonAndTheRemedy) {
  const Text refusal = Waiting{}.refusalAfter(GetParam().ddl, GetParam().change);
  EXPECT_THAT(refusal.en, HasSubstr(GetParam().reason));
  EXPECT_THAT(refusal.en, HasSubstr("submit again"));
  EXPECT_THAT(refusal.zh, HasSubstr("重新提交"));
}

INSTANTIATE_TEST_SUITE_P(
    Reasons, ChangedSince,
    testing::Values(
        Change{"Duplicates", "ADD UNIQUE KEY u (email)",
               [](ExecutionLab& lab) {
                 lab.targets.duplicates = ports::Duplicates{1, {"'a@b.c' ×2"}};
               },
               "'a@b.c' ×2"},
        Change{"DuplicatesThatNobodyCouldCount", "ADD UNIQUE KEY u (email)",
               [](ExecutionLab& lab) { lab.targets.duplicates.reset(); }, "did not end within"},
        Change{"NarrowingThatWasNone", "MODIFY email VARCHAR(100)",
               [](ExecutionLab& lab) { lab.orders().columns[2].column_type = "varchar(200)"; },
               "email"},
        Change{"NarrowingFromSomethingElse", "MODIFY email VARCHAR(20)",
               [](ExecutionLab& lab) { lab.orders().columns[2].column_type = "varchar(200)"; },
               "email"},
        Change{"ColumnGone", "DROP COLUMN note",
               [](ExecutionLab& lab) { lab.orders().columns.pop_back(); }, "no column note"},
        Change{"ColumnThereAlready", "ADD COLUMN a INT",
               [](ExecutionLab& lab) { addColumn(lab, "a"); }, "exists already"},
        Change{"TableGone", "ADD COLUMN a INT",
               [](ExecutionLab& lab) { lab.targets.databases["shop"].erase("orders"); },
               "no table orders"},
        Change{"TriggerOfTheApplication", "ADD COLUMN a INT",
               [](ExecutionLab& lab) { lab.orders().triggers = {"audit"}; }, "preserve-triggers"},
        Change{"TriggerOfAnotherRun", "ADD COLUMN a INT",
               [](ExecutionLab& lab) { lab.orders().triggers = {"pt_osc_shop_orders_del"}; },
               "triggers of pt-osc"},
        Change{"UniqueKeyOnTheColumn", "MODIFY qty BIGINT",
               [](ExecutionLab& lab) {
                 lab.orders().indexes.push_back({"uk_qty", true, {"qty"}});
               },
               "unique key"},
        Change{"AnotherServer", "ADD COLUMN a INT",
               [](ExecutionLab& lab) { lab.targets.server.server_key = "server-2"; },
               "leads to another server"},
        Change{"OtherDefaults", "ADD COLUMN a INT",
               [](ExecutionLab& lab) { lab.settings.default_max_load = "Threads_running=7"; },
               "would now have --max-load=Threads_running=7"},
        Change{"OtherAddress", "ADD COLUMN a INT",
               [](ExecutionLab& lab) { lab.directory.addresses["c1"].host = "db2"; }, "h=db2"}),
    [](const auto& param) { return std::string{param.param.name}; });

TEST(LaunchCheck, WhatWasConfirmedAtSubmissionIsNotAskedAgain) {
  Waiting waiting;
  waiting.lab.targets.duplicates.reset();  // not countable, then as now
  EXPECT_EQ(waiting.refusalAfter("ADD UNIQUE KEY u (email)", [](ExecutionLab&) {}).en, "");
}

TEST(LaunchCheck, WhatCannotBeLookedAtIsAnErrorAndNoVerdict) {
  const auto unreachable = [](ExecutionLab& lab) {
    lab.targets.connect_error = ports::TargetError{2002, "no route"};
  };
  try {
    Waiting{}.refusalAfter("ADD COLUMN a INT", unreachable);
    FAIL() << "gave a verdict";
  } catch (const ServiceError& error) {
    EXPECT_EQ(error.code(), ErrorCode::kConnectionFailed);
  }
}

TEST(LaunchCheck, TheRowsAreWatchedWhereAUniqueKeyIsConcerned) {
  const auto known = [](const char* ddl) {
    ExecutionLab lab;
    auto service = lab.service();
    auto request = ExecutionLab::request(ddl);
    request.confirm_text = "shop.orders";
    return service.submit(lab.principal, request).known_findings;
  };
  const std::string watch{ports::kRowCountCheck};
  for (const char* ddl :
       {"ADD UNIQUE KEY u (email)", "ADD COLUMN a INT UNIQUE", "MODIFY sn VARCHAR(64) NOT NULL",
        "DROP PRIMARY KEY, ADD PRIMARY KEY (id, sn)", "MODIFY id BIGINT UNSIGNED NOT NULL",
        "CHANGE sn sn VARCHAR(40) NOT NULL"}) {
    EXPECT_THAT(known(ddl), Contains(watch)) << ddl;
  }
  for (const char* ddl : {"", "ADD COLUMN a INT", "ADD INDEX i (email)", "MODIFY qty BIGINT",
                          "DROP INDEX uk_sn", "COMMENT='unique'"}) {
    EXPECT_THAT(known(ddl), Not(Contains(watch))) << ddl;
  }
}

TEST(LaunchCheck, FindingsAreToldApartByWhatTheyAreAbout) {
  const auto preview =
      ExecutionLab{}.service().preview(ExecutionLab::request("DROP COLUMN note, DROP COLUMN qty"));
  std::vector<std::string> keys;
  for (const auto& finding : preview.findings) keys.push_back(findingKey(finding));
  EXPECT_THAT(keys, Contains("drop_column:note"));
  EXPECT_THAT(keys, Contains("drop_column:qty"));
}

TEST(LaunchCheck, IsInterruptedBeforeTheNextLongQuestion) {
  const std::string ddl =
      "ADD UNIQUE KEY u (email), ADD UNIQUE KEY v (qty), MODIFY note TEXT NOT NULL";
  for (const int answers : {0, 1, 2}) {
    Waiting waiting;
    auto& targets = waiting.lab.targets;
    int asked = 0;
    waiting.goes_on = [&] { return asked++ < answers; };
    const auto forget = [](ExecutionLab& lab) {
      lab.targets.duplicate_questions.clear();
      lab.targets.row_questions.clear();
    };
    EXPECT_THROW(waiting.refusalAfter(ddl, forget), ports::LaunchCheck::Interrupted) << answers;
    EXPECT_EQ(targets.duplicate_questions.size(), static_cast<std::size_t>(answers));
    for (const auto& question : targets.row_questions) {
      EXPECT_NE(question.columns.front(), "note") << answers;
    }
  }
}

TEST(LaunchCheck, LooksThroughAConnectionOfItsOwn) {
  Waiting waiting;
  auto& targets = waiting.lab.targets;
  std::size_t connections = 0;
  waiting.refusalAfter("ADD COLUMN a INT", [&](ExecutionLab& lab) {
    EXPECT_EQ(lab.targets.borrowed, 1) << "a preview may borrow";
    connections = lab.targets.connections.size();
  });
  EXPECT_EQ(targets.borrowed, 1);
  EXPECT_EQ(targets.connections.size(), connections + 1);
}

}  // namespace
}  // namespace oscar::services
