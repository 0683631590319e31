#include "engine/run_conclusion.hpp"
#include "engine/stop_sequence.hpp"

#include <gtest/gtest.h>

namespace oscar::engine {
namespace {

using ports::RunState;
using std::chrono::seconds;

Evidence evidence(RunState state, std::optional<int> exit_code, bool swapped) {
  Evidence e;
  e.end = {state, exit_code, std::nullopt, std::nullopt};
  e.output.triggers_begun = true;
  e.output.new_table = "_orders_new";
  e.output.old_table = "_orders_old";
  e.output.swapped = swapped;
  e.output.said_altered = swapped && exit_code == 0;
  e.aftermath = TargetAftermath{true, false, false, {}};
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
  EXPECT_NE(c.error_message.en.find("nothing was changed"), std::string::npos);
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
    e.aftermath = TargetAftermath{true, true, false, {"pt_osc_shop_orders_del"}};
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
  const auto c = conclude(evidence(RunState::kLost, std::nullopt, false));
  EXPECT_EQ(c.status, ExecutionStatus::kFailed);
  EXPECT_FALSE(c.attention.zh.empty());
  auto altered = evidence(RunState::kLost, std::nullopt, true);
  altered.output.said_altered = true;
  EXPECT_EQ(conclude(altered).status, ExecutionStatus::kCompleted);
}

TEST(Conclusion, NamesWhatIsLeft) {
  auto e = evidence(RunState::kExited, 1, false);
  e.aftermath = TargetAftermath{true, false, true, {"pt_osc_shop_orders_del"}};
  const auto c = conclude(e);
  EXPECT_NE(c.attention.en.find("pt_osc_shop_orders_del, _orders_new"), std::string::npos)
      << c.attention.en;
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
