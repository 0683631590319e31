#include "engine/run_conclusion.hpp"
#include "engine/stop_sequence.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace oscar::engine {
namespace {

using ports::RunState;
using std::chrono::seconds;

using Swap = TargetAftermath::Swap;

TargetAftermath found(bool old_table = false, bool new_table = false,
                      std::vector<std::string> triggers = {}) {
  TargetAftermath a;
  a.table_exists = true;
  a.old_table_exists = old_table;
  a.old_table = old_table ? "_orders_old" : "";
  a.new_table_exists = new_table;
  a.triggers = std::move(triggers);
  a.swap = old_table ? Swap::kYes : Swap::kNo;
  return a;
}

bool says(const Text& text, const std::string& part) {
  return text.en.find(part) != std::string::npos;
}

Evidence evidence(RunState state, std::optional<int> exit_code, bool swapped) {
  Evidence e;
  e.database = "shop";
  e.table = "orders";
  e.end = {state, exit_code, std::nullopt, std::nullopt};
  e.output.triggers_begun = true;
  e.output.new_table = "_orders_new";
  e.output.old_table = "_orders_old";
  e.output.swapped = swapped;
  e.output.said_altered = swapped && exit_code == 0;
  e.aftermath = found();
  e.aftermath->swap = swapped ? Swap::kYes : Swap::kNo;
  return e;
}

TEST(Conclusion, CompletedNeedsExitZeroAndTheSwap) {
  const auto c = conclude(evidence(RunState::kExited, 0, true));
  EXPECT_EQ(c.status, ExecutionStatus::kCompleted);
  EXPECT_TRUE(c.error_message.empty());
  EXPECT_TRUE(c.attention.empty());
}

TEST(Conclusion, ExitZeroWithoutASwapChangedNothing) {
  const auto c = conclude(evidence(RunState::kExited, 0, false));
  EXPECT_EQ(c.status, ExecutionStatus::kFailed);
  EXPECT_TRUE(says(c.error_message, "the table is unchanged")) << c.error_message.en;
}

TEST(Conclusion, ExitZeroWithoutAWordOfTheSwapIsNotCalledUnchanged) {
  auto e = evidence(RunState::kExited, 0, false);
  e.aftermath->swap = Swap::kUnknown;
  struct Case {
    std::optional<bool> changed;
    const char* words;
  };
  for (const auto& one :
       {Case{std::nullopt, "does not tell"}, Case{true, "most likely the change is in effect"},
        Case{false, "is the same as before the start"}}) {
    e.aftermath->definition_changed = one.changed;
    const auto c = conclude(e);
    EXPECT_EQ(c.status, ExecutionStatus::kFailed);
    EXPECT_TRUE(says(c.error_message, one.words)) << c.error_message.en;
    EXPECT_FALSE(says(c.error_message, "unchanged"));
    EXPECT_TRUE(says(c.attention, "shop.orders"));
  }
  e.aftermath = found(true);
  EXPECT_TRUE(says(conclude(e).error_message, "the change is in effect"));
  EXPECT_EQ(conclude(e).status, ExecutionStatus::kFailed);
}

TEST(Conclusion, ASwapThatTheRunDidNotLearnOfIsSaid) {
  for (const auto state : {RunState::kExited, RunState::kLost}) {
    auto e = evidence(state, state == RunState::kExited ? std::optional{1} : std::nullopt, false);
    e.output.swap_attempted = true;
    e.output.old_table = "";
    e.output.errors = {"# Exiting on SIGTERM."};
    e.stop_requested = true;
    e.aftermath = found(true);
    e.aftermath->old_table_referenced_by = {"shop.items.fk"};
    const auto c = conclude(e);
    EXPECT_EQ(c.status, ExecutionStatus::kFailed);
    EXPECT_TRUE(says(c.error_message, "the change is in effect")) << c.error_message.en;
    EXPECT_TRUE(says(c.error_message, "a signal from outside"));
    EXPECT_TRUE(says(c.attention, "_orders_old was kept")) << c.attention.en;
    EXPECT_TRUE(says(c.attention, "shop.items.fk"));
    EXPECT_FALSE(says(c.attention, "Leftovers"));
    e.aftermath->triggers = {"pt_osc_shop_orders_del"};
    EXPECT_TRUE(says(conclude(e).attention, "Leftovers: pt_osc_shop_orders_del."));
    e.output.row_loss.finding = RowLoss::Finding::kOwed;
    EXPECT_TRUE(says(conclude(e).error_message, "whether rows are missing"));
  }
}

TEST(Conclusion, ASwapInDoubtIsNoCancelAndNoPlainFailure) {
  auto e = evidence(RunState::kExited, std::nullopt, false);
  e.end.signal = 9;
  e.output.swap_attempted = true;
  e.stop_requested = true;
  e.aftermath.reset();
  e.output.old_table = "";
  const auto c = conclude(e);
  EXPECT_EQ(c.status, ExecutionStatus::kFailed);
  EXPECT_TRUE(says(c.error_message, "Whether the tables were swapped is not known"));
  EXPECT_TRUE(says(c.error_message, "signal 9"));
  EXPECT_TRUE(says(c.attention, "_orders_new, _orders_old")) << c.attention.en;
  e.aftermath = found();
  EXPECT_EQ(conclude(e).status, ExecutionStatus::kCancelled);
}

TEST(Conclusion, SessionsThatDoNotLeaveAreNamed) {
  auto e = evidence(RunState::kExited, std::nullopt, false);
  e.end.signal = 9;
  e.aftermath.reset();
  e.sessions_left = {17, 18};
  e.stop_requested = true;
  const auto c = conclude(e);
  for (const char* part :
       {"17, 18", "nothing was dropped", "pt_osc_shop_orders_del", "_orders_new", "PROCESSLIST"}) {
    EXPECT_TRUE(says(c.attention, part)) << c.attention.en;
  }
}

TEST(Conclusion, AnOriginalThatIsGoneComesFirst) {
  auto e = evidence(RunState::kExited, 1, false);
  e.output.swap_attempted = true;
  e.aftermath = found(false, true);
  e.aftermath->table_exists = false;
  e.aftermath->swap = Swap::kUnknown;
  const auto c = conclude(e);
  EXPECT_TRUE(says(c.attention, "its rows are in _orders_new")) << c.attention.en;
  EXPECT_FALSE(says(c.attention, "Leftovers"));
}

TEST(Conclusion, ACancelThatNobodyAskedOscarForSaysSo) {
  auto e = evidence(RunState::kExited, 11, false);
  e.output.stopped_by_request = true;
  EXPECT_TRUE(says(conclude(e).error_message, "Nobody asked for this through Oscar"));
  EXPECT_EQ(conclude(e).status, ExecutionStatus::kCancelled);
  e.stop_requested = true;
  EXPECT_TRUE(conclude(e).error_message.empty());
}

TEST(Conclusion, AStoppedRunIsCancelledUnlessItWasTooLate) {
  auto e = evidence(RunState::kExited, 11, false);
  e.stop_requested = true;
  EXPECT_EQ(conclude(e).status, ExecutionStatus::kCancelled);
  e.stop_requested = false;
  e.output.stopped_by_request = true;  // the control file was set behind our back
  EXPECT_EQ(conclude(e).status, ExecutionStatus::kCancelled);
  e = evidence(RunState::kExited, 0, true);
  e.stop_requested = true;
  EXPECT_EQ(conclude(e).status, ExecutionStatus::kCompleted);
}

TEST(Conclusion, RowsThatWouldBeLostAreCountedInWords) {
  auto e = evidence(RunState::kExited, 255, false);
  e.output.errors = {
      "oscar: 2 rows would be lost: the table has 12 rows, its copy with the new "
      "unique key only 10",
      "Lost connection to MySQL server"};
  const auto c = conclude(e);
  EXPECT_EQ(c.status, ExecutionStatus::kFailed);
  EXPECT_NE(c.error_message.en.find("2 rows would have been lost"), std::string::npos);
  EXPECT_NE(c.error_message.zh.find("丢失 2 行"), std::string::npos);
  e.output.errors = {"oscar: cannot count the rows before the swap: Lost connection"};
  EXPECT_NE(conclude(e).error_message.en.find("nothing was swapped"), std::string::npos);
}

struct LossCase {
  const char* what;
  RowLoss loss;
  RunState state;
  std::optional<int> exit_code;
  const char* error;
};

TEST(Conclusion, RowsThatMayBeMissingAreNoSuccess) {
  using Finding = RowLoss::Finding;
  const std::vector<LossCase> cases{
      {"missing", {Finding::kMissing, 2, 3, {"uk"}, ""}, RunState::kExited, 1, "2 values"},
      {"exit 0", {Finding::kMissing, 2, 3, {"uk"}, ""}, RunState::kExited, 0, "at least 3 rows"},
      {"no record", {Finding::kMissing, 2, 3, {"uk"}, ""}, RunState::kLost, std::nullopt, "uk"},
      {"unknown", {Finding::kUnknown, 0, 0, {}, "killed"}, RunState::kExited, 1, "killed"},
      {"not searched", {Finding::kOwed, 0, 0, {}, ""}, RunState::kExited, 9, "exit code 9"},
      {"not searched, lost",
       {Finding::kOwed, 0, 0, {}, ""},
       RunState::kLost,
       std::nullopt,
       "before the old table had been searched"},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.what);
    auto e = evidence(one.state, one.exit_code, true);
    e.output.said_altered = true;
    e.output.row_loss = one.loss;
    e.stop_requested = true;
    e.aftermath = found(true, false, {"pt_osc_shop_orders_del"});
    const auto c = conclude(e);
    EXPECT_EQ(c.status, ExecutionStatus::kFailed);
    EXPECT_NE(c.error_message.en.find("the change is in effect"), std::string::npos);
    EXPECT_NE(c.error_message.en.find(one.error), std::string::npos) << c.error_message.en;
    EXPECT_NE(c.error_message.zh.find("新结构已生效"), std::string::npos);
    EXPECT_NE(c.attention.en.find("_orders_old was kept"), std::string::npos) << c.attention.en;
    EXPECT_NE(c.attention.en.find("Leftovers: pt_osc_shop_orders_del."), std::string::npos);
    EXPECT_NE(c.attention.zh.find("_orders_old 没有删除"), std::string::npos);
  }
}

TEST(Conclusion, DoesNotPromiseAnOldTableThatIsGone) {
  auto e = evidence(RunState::kExited, 1, true);
  e.output.row_loss = {RowLoss::Finding::kMissing, 1, 1, {"uk"}, ""};
  EXPECT_NE(conclude(e).attention.en.find("is gone"), std::string::npos);
}

TEST(Conclusion, ACountOrACleanSearchAloneChangesNothing) {
  auto counted = evidence(RunState::kExited, 9, false);
  counted.output.row_loss.finding = RowLoss::Finding::kOwed;
  EXPECT_EQ(conclude(counted).error_message.en.find("in effect"), std::string::npos);
  auto clean = evidence(RunState::kExited, 0, true);
  clean.output.row_loss.finding = RowLoss::Finding::kNone;
  EXPECT_EQ(conclude(clean).status, ExecutionStatus::kCompleted);
}

TEST(Conclusion, AFailureAfterTheSwapSaysThatTheChangeIsInEffect) {
  const auto c = conclude(evidence(RunState::kExited, 15, true));
  EXPECT_EQ(c.status, ExecutionStatus::kFailed);
  EXPECT_NE(c.error_message.en.find("in effect"), std::string::npos);
  EXPECT_FALSE(c.attention.empty());
}

TEST(Conclusion, ALostRunAsksForAPerson) {
  auto e = evidence(RunState::kLost, std::nullopt, false);
  e.aftermath->swap = Swap::kUnknown;
  const auto c = conclude(e);
  EXPECT_EQ(c.status, ExecutionStatus::kFailed);
  EXPECT_FALSE(c.attention.zh.empty());
  e.aftermath->swap = Swap::kNo;  // looked at and cleaned up: nothing is left to do
  EXPECT_TRUE(conclude(e).attention.empty());
  EXPECT_TRUE(says(conclude(e).error_message, "the table is unchanged"));
  auto altered = evidence(RunState::kLost, std::nullopt, true);
  altered.output.said_altered = true;
  EXPECT_EQ(conclude(altered).status, ExecutionStatus::kCompleted);
}

TEST(Conclusion, NamesWhatIsLeft) {
  auto e = evidence(RunState::kExited, 1, false);
  e.aftermath = found(false, true, {"pt_osc_shop_orders_del"});
  const auto c = conclude(e);
  EXPECT_NE(c.attention.en.find("pt_osc_shop_orders_del, _orders_new"), std::string::npos)
      << c.attention.en;
}

TEST(Conclusion, TellsWhereTheApplicationsTriggersAreAndHowToBringThemBack) {
  auto e = evidence(RunState::kExited, 1, false);
  e.aftermath = found(false, true);
  e.aftermath->moved_triggers = {"app_a", "app_b"};
  const auto c = conclude(e);
  for (const char* part :
       {"The new table _orders_new has triggers that the table shop.orders does not have now",
        "app_a, app_b", "SHOW CREATE TRIGGER", "do not drop it"}) {
    EXPECT_TRUE(says(c.attention, part)) << c.attention.en;
  }
  EXPECT_FALSE(says(c.attention, "Leftovers")) << c.attention.en;
  for (const char* part : {"app_a, app_b", "_orders_new", "shop.orders", "SHOW CREATE TRIGGER"}) {
    EXPECT_NE(c.attention.zh.find(part), std::string::npos) << c.attention.zh;
  }
  e.aftermath->triggers = {"pt_osc_shop_orders_del"};
  EXPECT_TRUE(says(conclude(e).attention, "Leftovers: pt_osc_shop_orders_del."));
  e.aftermath->new_table_exists = false;  // somebody has dropped it meanwhile
  EXPECT_FALSE(says(conclude(e).attention, "app_a"));
}

TEST(Conclusion, SaysWhereToLookWhenTheConnectionLeadsElsewhere) {
  auto e = evidence(RunState::kExited, 1, false);
  e.aftermath.reset();
  e.server_left = "db1:3306";
  e.output.triggers = {"pt_osc_shop_orders_del", "pt_osc_shop_orders_ins"};
  const auto c = conclude(e);
  EXPECT_EQ(c.status, ExecutionStatus::kFailed);
  for (const char* part : {"another server", "nothing was dropped", "db1:3306",
                           "pt_osc_shop_orders_del, pt_osc_shop_orders_ins, _orders_new"}) {
    EXPECT_NE(c.attention.en.find(part), std::string::npos) << c.attention.en;
  }
  EXPECT_NE(c.attention.zh.find("另一台服务器"), std::string::npos);
  e.output = OutputState{};  // the run had created nothing
  EXPECT_TRUE(conclude(e).attention.empty());
}

TEST(Conclusion, SaysWhenNobodyCouldLook) {
  auto e = evidence(RunState::kExited, 1, false);
  e.aftermath.reset();
  EXPECT_NE(conclude(e).attention.en.find("could not be asked"), std::string::npos);
  e.output = OutputState{};  // the run had created nothing
  EXPECT_TRUE(conclude(e).attention.empty());
}

TEST(StopSequence, AsksThenTerminatesThenKills) {
  StopSequence sequence{seconds{10}};
  const StopSequence::Time start{};
  EXPECT_EQ(sequence.due(start), StopSequence::Step::kAsk);
  EXPECT_EQ(sequence.due(start + seconds{9}), std::nullopt);
  EXPECT_EQ(sequence.due(start + seconds{10}), StopSequence::Step::kTerminate);
  EXPECT_EQ(sequence.due(start + seconds{19}), std::nullopt);
  EXPECT_EQ(sequence.due(start + seconds{20}), StopSequence::Step::kKill);
  EXPECT_EQ(sequence.due(start + seconds{99}), std::nullopt);
}

TEST(Conclusion, AnEndWhoseOutputIsIncompleteIsNeverCalledUnchanged) {
  for (const auto state : {RunState::kExited, RunState::kLost}) {
    for (const int code : {0, 1}) {
      auto e = evidence(state, code, false);
      e.output_lost = true;
      e.stop_requested = true;
      e.aftermath->swap = Swap::kUnknown;
      const auto c = conclude(e);
      EXPECT_EQ(c.status, ExecutionStatus::kFailed);
      EXPECT_NE(c.error_message.en.find("is not known"), std::string::npos) << c.error_message.en;
      EXPECT_EQ(c.error_message.en.find("nothing was changed"), std::string::npos);
      EXPECT_NE(c.attention.en.find("Nothing was dropped"), std::string::npos) << c.attention.en;
      EXPECT_FALSE(c.attention.zh.empty());
    }
  }
}

TEST(Conclusion, WhatIsKnownOfIncompleteOutputIsSaid) {
  auto e = evidence(RunState::kExited, 0, true);
  e.output_lost = true;
  e.output.row_loss.finding = RowLoss::Finding::kOwed;
  EXPECT_NE(conclude(e).error_message.en.find("the change is in effect"), std::string::npos);
  EXPECT_EQ(conclude(e).status, ExecutionStatus::kFailed);
  e.output.row_loss = {RowLoss::Finding::kMissing, 2, 3, {"uk"}, ""};
  EXPECT_NE(conclude(e).error_message.en.find("rows are missing"), std::string::npos);
}

}  // namespace
}  // namespace oscar::engine
