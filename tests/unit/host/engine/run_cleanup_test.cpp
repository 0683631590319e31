#include "engine/run_cleanup.hpp"

#include "engine/table_definition.hpp"
#include "engine_lab.hpp"

#include <gtest/gtest.h>

namespace oscar::engine {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace): the lab's names read as words here

/// A target with what a run of shop.orders may leave behind.
struct Leftovers : testing::Test {
  EngineLab lab;
  Evidence evidence;
  OutputState& output = evidence.output;
  std::map<std::string, FakeTable>& tables = lab.targets.databases["shop"];

  void SetUp() override {
    evidence.database = "shop";
    evidence.table = "orders";
    evidence.end = {ports::RunState::kExited, {}, 15, {}};
    output.stage = Stage::kCopyingData;
    output.new_table = "_orders_new";
    output.triggers_begun = true;
    lab.addTable("_orders_new");
    tables["orders"].triggers = {"audit_orders", "pt_osc_shop_orders_del",
                                 "pt_osc_shop_orders_ins"};
  }
  TargetAftermath inspect() { return inspectAftermath(*lab.targets.connect({}), evidence); }
  TargetAftermath remove() {
    auto aftermath = inspect();
    removeLeftovers(*lab.targets.connect({}), evidence, aftermath, lab.log);
    return aftermath;
  }
};

TEST_F(Leftovers, AreFound) {
  const auto a = inspect();
  EXPECT_TRUE(a.table_exists);
  EXPECT_TRUE(a.new_table_exists);
  EXPECT_FALSE(a.old_table_exists);
  EXPECT_EQ(a.triggers,
            (std::vector<std::string>{"pt_osc_shop_orders_del", "pt_osc_shop_orders_ins"}));
}

TEST_F(Leftovers, AreRemovedTriggersFirst) {
  const auto a = remove();
  EXPECT_EQ(lab.targets.dropped, (std::vector<std::string>{"trigger shop.pt_osc_shop_orders_del",
                                                           "trigger shop.pt_osc_shop_orders_ins",
                                                           "table shop._orders_new"}));
  EXPECT_TRUE(a.triggers.empty());
  EXPECT_FALSE(a.new_table_exists);
  EXPECT_EQ(tables["orders"].triggers, std::vector<std::string>{"audit_orders"});
}

TEST_F(Leftovers, TriggersThatTheRunDidNotReachAreNotItsOwn) {
  output.triggers_begun = false;
  output.stage = Stage::kAlteringNewTable;
  remove();
  EXPECT_EQ(lab.targets.dropped, std::vector<std::string>{"table shop._orders_new"});
}

TEST_F(Leftovers, OfTriggersThatTheObserverNamedOnlyThoseAreOwn) {
  output.triggers = {"pt_osc_shop_orders_del"};
  EXPECT_EQ(inspect().triggers, std::vector<std::string>{"pt_osc_shop_orders_del"});
}

TEST_F(Leftovers, ATableThatTheRunDidNotCreateStays) {
  output.new_table = "";
  tables["orders"].triggers.clear();
  remove();
  EXPECT_TRUE(lab.targets.dropped.empty());
}

TEST_F(Leftovers, TheOldTableIsNeverDropped) {
  lab.addTable("_orders_old").triggers = {"pt_osc_shop_orders_upd"};
  tables["orders"].triggers.clear();
  output.stage = Stage::kSwappingTables;
  output.old_table = "_orders_old";
  const auto a = remove();
  EXPECT_EQ(lab.targets.dropped, std::vector<std::string>{"trigger shop.pt_osc_shop_orders_upd"});
  EXPECT_TRUE(a.old_table_exists);
  EXPECT_TRUE(a.new_table_exists);  // with an old table about, nobody knows which one is which
}

TEST_F(Leftovers, AnOldTableOfBeforeIsNotThisRuns) {
  lab.addTable("_orders_old");
  output.old_table = "_orders_old";
  EXPECT_FALSE(inspect().old_table_exists);
}

TEST_F(Leftovers, AfterTheSwapATableCalledNewIsSomebodyElses) {
  output.stage = Stage::kDroppingOldTable;
  output.swapped = true;
  tables["orders"].triggers.clear();
  EXPECT_FALSE(inspect().new_table_exists);
  remove();
  EXPECT_TRUE(lab.targets.dropped.empty());
}

using Swap = TargetAftermath::Swap;

TEST_F(Leftovers, ATableThatPtOscDoesNotNameSoStays) {
  for (const char* other : {"customers", "orders", "_customers_new", "_orders_old"}) {
    lab.addTable(other);
    output.new_table = other;
    tables["orders"].triggers.clear();
    remove();
    EXPECT_TRUE(lab.targets.dropped.empty()) << other;
  }
  EXPECT_TRUE(lab.log.contains("pt-osc gives no such names"));
}

TEST_F(Leftovers, ATriggerThatPtOscDoesNotNameSoStays) {
  tables["orders"].triggers = {"pt_osc_audit", "pt_osc_shop_customers_del"};
  output.triggers = {"pt_osc_audit"};
  EXPECT_TRUE(inspect().triggers.empty());
  output.triggers.clear();
  EXPECT_TRUE(inspect().triggers.empty());
}

/// The RENAME was on its way when pt-osc died.
struct AfterTheRename : Leftovers {
  void SetUp() override {
    Leftovers::SetUp();
    output.stage = Stage::kSwappingTables;
    output.swap_attempted = true;
    output.old_tables_before = std::vector<std::string>{"_orders_old"};
    lab.addTable("_orders_old");  // of an earlier run
  }
  void carryOut() {
    FakeTable& old = lab.addTable("__orders_old");
    std::swap(old.triggers, tables["orders"].triggers);
    tables.erase("_orders_new");
  }
};

TEST_F(AfterTheRename, ASwapThatTookPlaceIsSeenAtTheServer) {
  carryOut();
  tables["__orders_old"].referenced_by = {"shop.items.fk"};
  const auto a = remove();
  EXPECT_EQ(a.swap, Swap::kYes);
  EXPECT_EQ(a.old_table, "__orders_old");
  EXPECT_EQ(a.old_table_referenced_by, std::vector<std::string>{"shop.items.fk"});
  EXPECT_TRUE(a.triggers.empty());
  EXPECT_EQ(lab.targets.dropped, (std::vector<std::string>{"trigger shop.pt_osc_shop_orders_del",
                                                           "trigger shop.pt_osc_shop_orders_ins"}));
}

TEST_F(AfterTheRename, TheTriggersProveItWhereTheOldTablesAreNotKnown) {
  carryOut();
  output.old_tables_before.reset();
  EXPECT_EQ(inspect().old_table, "__orders_old");
  EXPECT_EQ(inspect().swap, Swap::kYes);
}

TEST_F(AfterTheRename, ASwapThatDidNotTakePlaceIsSeenToo) {
  EXPECT_EQ(inspect().swap, Swap::kNo);  // all is still there
  const auto a = remove();
  EXPECT_EQ(a.swap, Swap::kNo);
  EXPECT_FALSE(a.old_table_exists);
  EXPECT_EQ(lab.targets.dropped.size(), 3u);
}

TEST_F(AfterTheRename, NothingLeftTellsOnlyWhatPtOscKnew) {
  tables["orders"].triggers.clear();
  tables.erase("_orders_new");
  evidence.end.exit_code = 14;
  evidence.end.signal.reset();
  EXPECT_EQ(inspect().swap, Swap::kNo);
  evidence.end.exit_code = 0;
  EXPECT_EQ(inspect().swap, Swap::kUnknown);
  evidence.end = {ports::RunState::kExited, {}, 9, {}};
  EXPECT_EQ(inspect().swap, Swap::kUnknown);
  EXPECT_EQ(inspect().definition_changed, std::nullopt);
  output.definition_before = definitionNumber("as it was");
  tables["orders"].create_table = "as it was";
  EXPECT_EQ(inspect().definition_changed, false);
  tables["orders"].create_table = "with a column";
  EXPECT_EQ(inspect().definition_changed, true);
}

TEST_F(AfterTheRename, AnOriginalThatIsGoneIsInDoubt) {
  tables.erase("orders");
  EXPECT_EQ(remove().swap, Swap::kUnknown);
  EXPECT_TRUE(lab.targets.dropped.empty());
}

TEST_F(Leftovers, WhatALockHoldsIsToldAndNotTriedAgainAtOnce) {
  lab.targets.drop_error = ports::TargetError{1205, "Lock wait timeout exceeded"};
  const auto a = remove();
  EXPECT_EQ(a.blocked_by, 1205);
  EXPECT_EQ(a.triggers.size(), 2u);
  EXPECT_TRUE(a.new_table_exists);
  lab.targets.drop_error = ports::TargetError{1142, "DROP command denied"};
  EXPECT_EQ(remove().blocked_by, 0);
}

TEST_F(Leftovers, TheNewTableStaysWhenTheOriginalIsGone) {
  tables.erase("orders");
  output.triggers_begun = false;
  remove();
  EXPECT_TRUE(lab.targets.dropped.empty());
}

TEST_F(Leftovers, TheNewTableStaysWhileATriggerWritesIntoIt) {
  auto aftermath = inspect();
  const auto session = lab.targets.connect({});
  lab.targets.query_error = ports::TargetError{1142, "DROP command denied"};
  removeLeftovers(*session, evidence, aftermath, lab.log);
  EXPECT_EQ(aftermath.triggers.size(), 2u);
  EXPECT_TRUE(aftermath.new_table_exists);
  EXPECT_TRUE(lab.log.contains("could not drop trigger pt_osc_shop_orders_del"));
  EXPECT_FALSE(lab.log.contains("could not drop table"));
}

/// pt-osc --preserve-triggers has moved the application's triggers, and died before the swap.
struct MovedTriggers : Leftovers {
  void SetUp() override {
    Leftovers::SetUp();
    output.stage = Stage::kSwappingTables;
    output.copied = true;
    tables["orders"].triggers = {"pt_osc_shop_orders_del"};
    tables["_orders_new"].triggers = {"app_a", "app_b"};
  }
  const std::vector<std::string> both_{"app_a", "app_b"};
};

TEST_F(MovedTriggers, KeepTheTableThatHasThem) {
  const auto a = remove();
  EXPECT_EQ(lab.targets.dropped, std::vector<std::string>{"trigger shop.pt_osc_shop_orders_del"});
  EXPECT_TRUE(a.new_table_exists);
  EXPECT_EQ(a.moved_triggers, both_);
  EXPECT_EQ(tables["_orders_new"].triggers, both_);
  EXPECT_TRUE(lab.log.contains("triggers of the application"));
}

TEST_F(MovedTriggers, AreAlsoThoseThatOnlyLookLikePtOscs) {
  for (const char* name : {"pt_osc_mine", "pt_osc_shop_customers_del", "pt_osc_shop_orders_upd"}) {
    tables["_orders_new"].triggers = {name};
    output.triggers = {"pt_osc_shop_orders_del"};
    EXPECT_TRUE(remove().new_table_exists) << name;
  }
}

TEST_F(MovedTriggers, OfThisRunItselfKeepNothing) {
  tables["_orders_new"].triggers = {"pt_osc_shop_orders_upd"};
  EXPECT_FALSE(remove().new_table_exists);
}

TEST_F(MovedTriggers, ThatComeAtTheLastMomentAreSeen) {
  tables["_orders_new"].triggers.clear();
  auto a = inspect();
  EXPECT_TRUE(a.moved_triggers.empty());
  tables["_orders_new"].triggers = both_;
  removeLeftovers(*lab.targets.connect({}), evidence, a, lab.log);
  EXPECT_TRUE(a.new_table_exists);
  EXPECT_EQ(a.moved_triggers, both_);
}

TEST_F(MovedTriggers, ThatCannotBeAskedForKeepTheTable) {
  auto a = inspect();
  a.triggers.clear();
  a.moved_triggers.clear();
  lab.targets.query_error = ports::TargetError{1142, "denied"};
  EXPECT_THROW(inspect(), ports::TargetError);
  removeLeftovers(*lab.targets.connect({}), evidence, a, lab.log);
  EXPECT_TRUE(lab.targets.dropped.empty());
  EXPECT_TRUE(a.new_table_exists);
  lab.targets.query_error.reset();
  EXPECT_TRUE(remove().new_table_exists);
}

/// A run that dies in the middle of the copy and leaves everything behind.
std::string dieInTheCopy(EngineLab& lab) {
  const std::string run = lab.startedRun();
  {
    const auto guard = lab.targets.lock();
    lab.addTable("_orders_new");
    lab.addTable("_orders_old");
    lab.targets.databases["shop"]["orders"].triggers = {"pt_osc_shop_orders_del",
                                                        "pt_osc_shop_orders_ins"};
  }
  lab.backend.write(run, kCreatedOutput + kCopyingOutput);
  lab.backend.end(run, {ports::RunState::kExited, {}, 9, {}});
  return run;
}

TEST(AutoCleanup, RemovesWhatAnAbnormalEndLeft) {
  EngineLab lab;
  const auto actor = lab.actor(lab.claimed());
  dieInTheCopy(lab);
  ASSERT_TRUE(lab.ends("e1", ExecutionStatus::kFailed));
  EXPECT_EQ(lab.targets.dropped, (std::vector<std::string>{"trigger shop.pt_osc_shop_orders_del",
                                                           "trigger shop.pt_osc_shop_orders_ins",
                                                           "table shop._orders_new"}));
  EXPECT_TRUE(lab.at().attention.empty()) << lab.at().attention.en;
  EXPECT_NE(lab.at().error_message.en.find("signal 9"), std::string::npos);
}

TEST(AutoCleanup, CanBeTurnedOffAndNamesWhatIsLeft) {
  EngineLab lab;
  lab.context.settings.auto_cleanup = false;
  const auto actor = lab.actor(lab.claimed());
  dieInTheCopy(lab);
  ASSERT_TRUE(lab.ends("e1", ExecutionStatus::kFailed));
  EXPECT_TRUE(lab.targets.dropped.empty());
  EXPECT_NE(lab.at().attention.en.find("pt_osc_shop_orders_ins, _orders_new"), std::string::npos)
      << lab.at().attention.en;
}

TEST(AutoCleanup, SaysWhenTheServerCouldNotBeAsked) {
  EngineLab lab;
  const auto actor = lab.actor(lab.claimed());
  const std::string run = lab.startedRun();
  lab.backend.write(run, kCreatedOutput);
  ASSERT_TRUE(lab.reaches(Stage::kCreatingTriggers));
  {
    const auto guard = lab.targets.lock();
    lab.targets.connect_error = ports::TargetError{2002, "no route"};
  }
  lab.exit(run, 19);
  ASSERT_TRUE(eventually([&] { return !lab.at().attention.empty(); }));
  EXPECT_EQ(lab.at().status, ExecutionStatus::kRunning);
  EXPECT_NE(lab.at().attention.en.find("Waiting"), std::string::npos) << lab.at().attention.en;
  EXPECT_NE(lab.at().attention.en.find("no route"), std::string::npos);
  lab.clock.advance(std::chrono::minutes{10});
  ASSERT_TRUE(lab.ends("e1", ExecutionStatus::kFailed));
  EXPECT_NE(lab.at().attention.en.find("could not be asked"), std::string::npos);
  EXPECT_NE(
      lab.at().attention.en.find("pt_osc_shop_orders_del, pt_osc_shop_orders_ins, _orders_new"),
      std::string::npos)
      << lab.at().attention.en;
  EXPECT_TRUE(lab.targets.dropped.empty());
}

}  // namespace
}  // namespace oscar::engine
