// One oscard ends, the next takes up: the run does not notice.
#include "engine_lab.hpp"

#include <gtest/gtest.h>

namespace oscar::engine {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace): the lab's names read as words here
using std::chrono::seconds;

TEST(RunRecovery, DetachingLeavesTheRunAndTheExecutionRunning) {
  EngineLab lab;
  auto actor = lab.actor(lab.claimed());
  const std::string run = lab.startedRun();
  lab.backend.write(run, kCreatedOutput);
  ASSERT_TRUE(lab.reaches(Stage::kCreatingTriggers));
  actor.reset();
  EXPECT_EQ(lab.ended_actors, 1);
  EXPECT_EQ(lab.at().status, ExecutionStatus::kRunning);
  const auto left = lab.backend.run(run);
  EXPECT_FALSE(left.stopped || left.killed || left.cleaned);
  EXPECT_TRUE(left.controls.empty());
  EXPECT_EQ(left.end.state, ports::RunState::kRunning);
}

TEST(RunRecovery, ASecondActorContinuesAtTheStoredOffset) {
  EngineLab lab;
  auto actor = lab.actor(lab.claimed());
  const std::string run = lab.startedRun();
  const std::string half = "2026-01-01T00:00:02 Copying appr";
  lab.backend.write(run, kCreatedOutput + half);
  ASSERT_TRUE(lab.reaches(Stage::kCreatingTriggers));
  actor.reset();
  const auto created = lab.backend.run(run).output.size() - half.size();
  lab.backend.write(run, "oximately 1000 rows...\n" + kSwappingOutput);

  actor = lab.actor(lab.adopted());
  ASSERT_TRUE(lab.reaches(Stage::kSwappingTables));
  EXPECT_EQ(lab.backend.attachedAt(), (std::vector<std::uint64_t>{0, created}));
  lab.backend.write(run, kSwappedOutput);
  lab.exit(run, 0);
  ASSERT_TRUE(lab.ends("e1", ExecutionStatus::kCompleted));
  EXPECT_EQ(lab.backend.started().size(), 1u);
  EXPECT_EQ(lab.logOf(), EngineLab::successLog());
  EXPECT_EQ(lab.publishedLog(), EngineLab::successLog());
}

TEST(RunRecovery, ManyRestartsInTheMiddleOfLinesLoseAndDoubleNothing) {
  EngineLab lab;
  auto actor = lab.actor(lab.claimed());
  const std::string run = lab.startedRun();
  std::vector<std::string> lines;
  for (int i = 0; i < 12; ++i) {
    lines.push_back("line " + std::to_string(i));
    // Ends in the middle of the next line; what is missing of it comes while nobody reads.
    lab.backend.write(run, (i == 0 ? lines.back() : " " + std::to_string(i)) + "\nli");
    ASSERT_TRUE(eventually([&] { return lab.store.lastLogLine("e1") == i + 1; }));
    actor.reset();
    lab.backend.write(run, "ne");
    actor = lab.actor(lab.adopted());
  }
  lines.emplace_back("line");  // it never got its end
  lab.exit(run, 1);
  ASSERT_TRUE(lab.ends("e1", ExecutionStatus::kFailed));
  EXPECT_EQ(lab.logOf(), lines);
}

TEST(RunRecovery, WhatHappenedWhileNobodyWatchedIsConcluded) {
  EngineLab lab;
  auto actor = lab.actor(lab.claimed());
  const std::string run = lab.startedRun();
  actor.reset();
  lab.succeed(run);
  actor = lab.actor(lab.adopted());
  ASSERT_TRUE(lab.ends("e1", ExecutionStatus::kCompleted));
  EXPECT_EQ(lab.logOf(), EngineLab::successLog());
  EXPECT_EQ(lab.at().reclaimed_bytes, 0);  // data_free before the launch is remembered
}

TEST(RunRecovery, ARunWithoutAStoredHandleIsFound) {
  EngineLab lab;
  const Execution execution = lab.claimed();
  lab.recordRun("run-1");
  lab.backend.start({"run-1", {}, {}});  // and then oscard died
  const auto actor = lab.actor(execution);
  EXPECT_EQ(lab.startedRun(), "run-1");
  lab.succeed("run-1");
  ASSERT_TRUE(lab.ends("e1", ExecutionStatus::kCompleted));
  EXPECT_EQ(lab.backend.started().size(), 1u);
  EXPECT_EQ(lab.logOf(), EngineLab::successLog());
}

TEST(RunRecovery, ARunThatWasNeverStartedIsLaunchedAnewOnce) {
  EngineLab lab;
  const Execution execution = lab.claimed();
  lab.recordRun("run-1");  // and then oscard died
  const auto actor = lab.actor(execution);
  const std::string anew = lab.startedRun();
  EXPECT_NE(anew, "run-1");
  lab.succeed(anew);
  ASSERT_TRUE(lab.ends("e1", ExecutionStatus::kCompleted));
  EXPECT_EQ(lab.backend.started(), std::vector<std::string>{anew});
  EXPECT_EQ(lab.store.runs().size(), 2u);
}

TEST(RunRecovery, ABackendThatCannotLookYetIsAwaitedAndSaidSo) {
  EngineLab lab;
  const Execution execution = lab.claimed();
  lab.recordRun("run-1");
  lab.backend.start({"run-1", {}, {}});
  lab.backend.unreachable = true;
  const auto actor = lab.actor(execution);
  ASSERT_TRUE(eventually([&] { return !lab.at().run.throttled_by.empty(); }));
  lab.backend.unreachable = false;
  EXPECT_EQ(lab.startedRun(), "run-1");
  EXPECT_TRUE(eventually([&] { return lab.at().run.throttled_by.empty(); }));
  EXPECT_EQ(lab.backend.started().size(), 1u);
}

TEST(RunRecovery, AStartThatAnswersBadlyIsLookedFor) {
  using Kind = ports::BackendError::Kind;
  for (const Kind kind : {Kind::kInternal, Kind::kUnavailable, Kind::kNotFound}) {
    EngineLab lab;
    lab.backend.after_start = [kind] { throw ports::BackendError{kind, "a bad answer"}; };
    const auto actor = lab.actor(lab.claimed());
    const std::string run = lab.startedRun();
    ASSERT_FALSE(run.empty());
    lab.succeed(run);
    ASSERT_TRUE(lab.ends("e1", ExecutionStatus::kCompleted)) << lab.at().error_message.en;
    EXPECT_EQ(lab.backend.started(), std::vector<std::string>{run});
    EXPECT_EQ(lab.logOf(), EngineLab::successLog());
  }
}

TEST(RunRecovery, ABadAnswerOfABackendThatIsAwayIsNoEnd) {
  EngineLab lab;
  lab.backend.after_start = [&lab] {
    lab.backend.unreachable = true;
    throw ports::BackendError{ports::BackendError::Kind::kUnavailable, "the line broke"};
  };
  const auto actor = lab.actor(lab.claimed());
  ASSERT_TRUE(eventually([&] { return !lab.at().run.throttled_by.empty(); }));
  EXPECT_EQ(lab.at().status, ExecutionStatus::kRunning);
  lab.backend.unreachable = false;
  const std::string run = lab.startedRun();
  lab.succeed(run);
  ASSERT_TRUE(lab.ends("e1", ExecutionStatus::kCompleted));
  EXPECT_EQ(lab.backend.started().size(), 1u);
}

TEST(RunRecovery, AStartThatFailedAndLeftNoRunFailsWithItsReason) {
  using Kind = ports::BackendError::Kind;
  for (const Kind kind : {Kind::kRefused, Kind::kUnavailable, Kind::kInternal}) {
    EngineLab lab;
    lab.backend.start_error = ports::BackendError{kind, "no room"};
    const auto actor = lab.actor(lab.claimed());
    ASSERT_TRUE(lab.ends("e1", ExecutionStatus::kFailed));
    EXPECT_NE(lab.at().error_message.en.find("no room"), std::string::npos);
    EXPECT_TRUE(lab.backend.started().empty());
    ASSERT_EQ(lab.store.runs().size(), 1u);
    EXPECT_EQ(lab.store.runs()[0].ended_at, lab.at().end_time);
    EXPECT_EQ(lab.store.runs()[0].exit_code, std::nullopt);
  }
}

TEST(RunRecovery, ARunThatWasNeverStartedEndsWithItsExecution) {
  for (const bool refused : {true, false}) {
    EngineLab lab;
    const Execution execution = lab.claimed();
    lab.recordRun("run-1");  // and then oscard died
    if (refused) {
      lab.launch_check.answerWith([](const Execution&) { return sameText("duplicates"); });
    }
    const auto actor = lab.actor(execution);
    if (!refused) lab.succeed(lab.startedRun());
    ASSERT_TRUE(eventually([&] { return actor->ended(); }));
    EXPECT_EQ(lab.store.runs().size(), refused ? 1u : 2u);
    for (const oscar::Run& run : lab.store.runs()) {
      EXPECT_EQ(run.ended_at, lab.at().end_time);
      EXPECT_EQ(run.exit_code.has_value(), run.id != "run-1");
    }
  }
}

TEST(RunRecovery, AnEndWhileNobodyWatchedHasItsOwnTime) {
  struct Case {
    std::chrono::milliseconds reported;  ///< after the claim
    std::chrono::milliseconds stored;
  };
  constexpr std::chrono::milliseconds kAway{3'600'000};
  for (const auto& c : std::vector<Case>{
           {seconds{90}, seconds{90}}, {-seconds{90}, seconds{0}}, {kAway + seconds{90}, kAway}}) {
    EngineLab lab;
    auto actor = lab.actor(lab.claimed());
    const std::string run = lab.startedRun();
    const Timestamp claimed_at = lab.clock.now();
    actor.reset();
    lab.succeed(run);
    lab.backend.end(run, {ports::RunState::kExited, 0, std::nullopt, claimed_at + c.reported});
    lab.clock.advance(kAway);
    actor = lab.actor(lab.adopted());
    ASSERT_TRUE(lab.ends("e1", ExecutionStatus::kCompleted));
    EXPECT_EQ(lab.at().end_time, claimed_at + c.stored);
    EXPECT_EQ(lab.store.runs().back().ended_at, claimed_at + c.stored);
  }
}

TEST(RunRecovery, APluginThatDoesNotLoadTodayDoesNotEndTheRun) {
  EngineLab lab;
  auto actor = lab.actor(lab.claimed());
  const std::string run = lab.startedRun();
  lab.backend.write(run, kCreatedOutput);
  ASSERT_TRUE(lab.reaches(Stage::kCreatingTriggers));
  actor.reset();

  FakeBackendCatalog none;
  EngineContext context{lab.store,
                        lab.directory,
                        lab.targets,
                        lab.launch_check,
                        none,
                        lab.events,
                        lab.clock,
                        lab.log,
                        lab.context.settings,
                        "n1",
                        "",
                        ""};
  {
    const RunActor waiting{context, lab.adopted(), [] {}};
    ASSERT_TRUE(eventually([&] { return !lab.at().run.throttled_by.empty(); }));
    EXPECT_EQ(lab.at().run.throttled_by.en, "There is no backend local");
    EXPECT_EQ(lab.at().run.stage, Stage::kCreatingTriggers);
    EXPECT_EQ(lab.at().status, ExecutionStatus::kRunning);
  }
  actor = lab.actor(lab.adopted());
  lab.backend.write(run, kCopyingOutput + kSwappingOutput + kSwappedOutput);
  lab.exit(run, 0);
  ASSERT_TRUE(lab.ends("e1", ExecutionStatus::kCompleted));
  EXPECT_EQ(lab.logOf(), EngineLab::successLog());
}

TEST(RunRecovery, AStopAskedForWhileNobodyWatchedIsCarriedOut) {
  EngineLab lab;
  auto actor = lab.actor(lab.claimed());
  const std::string run = lab.startedRun();
  actor.reset();
  lab.store.requestStop("e1", lab.clock.now());
  actor = lab.actor(lab.adopted());
  EXPECT_TRUE(
      eventually([&] { return lab.backend.run(run).controls.contains(ports::Control::kStop); }));
}

struct Damage {
  const char* name;
  std::string (*to)(const std::string& state);
};

std::string exchanged(std::string text, const std::string& part, const std::string& other) {
  const auto at = text.find(part);
  EXPECT_NE(at, text.npos) << part << " in " << text;
  return text.replace(at, part.size(), other);
}

/// A run that has swapped and owes the search of the old table, whose stored state is damaged while
/// no oscard runs.
class DamagedState : public testing::TestWithParam<Damage> {
 protected:
  EngineLab lab;
  std::string run;
  std::string damaged;

  void SetUp() override {
    auto actor = lab.actor(lab.claimed());
    run = lab.startedRun();
    lab.backend.write(run, kCreatedOutput + kCopyingOutput + kSwappingOutput + kSwappedOutput +
                               "#oscar {\"e\":\"searching_old_table\",\"t\":1008,"
                               "\"old\":\"_orders_old\"}\n");
    ASSERT_TRUE(eventually([&] {
      return lab.store.lastLogLine("e1") == std::ssize(EngineLab::successLog()) &&
             lab.at().run.throttled_by.en.find("searching") != std::string::npos;
    }));
    actor.reset();
    lab.store.editRun(run,
                      [&](oscar::Run& r) { r.decoder_state = GetParam().to(r.decoder_state); });
    damaged = lab.store.runs()[0].decoder_state;
  }
};

INSTANTIATE_TEST_SUITE_P(
    Of, DamagedState,
    testing::Values(
        Damage{"AllOfIt", [](const std::string&) { return std::string{}; }},
        Damage{"HalfOfIt", [](const std::string& s) { return s.substr(0, s.size() / 2); }},
        Damage{"TheStage",
               [](const std::string& s) { return exchanged(s, "dropping_old_table", "dropping"); }},
        Damage{"TheVerdictOnRows",
               [](const std::string& s) { return exchanged(s, "\"owed\"", "\"owing\""); }},
        Damage{"TheSwap",
               [](const std::string& s) {
                 return exchanged(s, "\"swapped\":true", "\"swapped\":1");
               }}),
    [](const auto& param) { return std::string{param.param.name}; });

TEST_P(DamagedState, IsLearnedAgainFromTheWholeOutput) {
  const std::int64_t offset = lab.store.runs()[0].output_offset;
  const auto actor = lab.actor(lab.adopted());
  lab.backend.write(run, "#oscar {\"e\":\"old_table_searched\",\"t\":1009}\nthe last line\n");
  lab.exit(run, 0);
  ASSERT_TRUE(lab.ends("e1", ExecutionStatus::kCompleted)) << lab.at().error_message.en;
  EXPECT_EQ(lab.backend.attachedAt().back(), 0u);
  EXPECT_EQ(lab.logOf(), joined({EngineLab::successLog(), {"the last line"}}));
  EXPECT_EQ(lab.publishedLog(), lab.logOf());
  EXPECT_GT(lab.store.runs()[0].output_offset, offset);
  EXPECT_EQ(lab.at().avg_speed, 200.0);
  EXPECT_EQ(lab.at().run.processed_rows, 1000);
  EXPECT_TRUE(lab.log.contains("cannot be read"));
}

TEST_P(DamagedState, StillLeadsToAVerdictOnRows) {
  const auto actor = lab.actor(lab.adopted());
  lab.exit(run, 1);
  ASSERT_TRUE(lab.ends("e1", ExecutionStatus::kFailed));
  EXPECT_NE(lab.at().error_message.en.find("whether rows are missing"), std::string::npos)
      << lab.at().error_message.en;
}

TEST_P(DamagedState, IsKeptAsItIsWhileTheOutputCannotBeRead) {
  const std::int64_t offset = lab.store.runs()[0].output_offset;
  lab.backend.unreachable = true;
  const auto actor = lab.actor(lab.adopted());
  ASSERT_TRUE(eventually(
      [&] { return lab.at().run.throttled_by.en.find("no route") != std::string::npos; }));
  EXPECT_EQ(lab.at().run.stage, Stage::kDroppingOldTable);
  EXPECT_EQ(lab.store.runs()[0].output_offset, offset);
  EXPECT_EQ(lab.store.runs()[0].decoder_state, damaged);
  actor->requestStop();  // not any more: the tables are swapped
  lab.backend.unreachable = false;
  EXPECT_TRUE(eventually([&] { return lab.store.runs()[0].decoder_state != damaged; }));
  EXPECT_TRUE(lab.backend.run(run).controls.empty());
}

TEST_P(DamagedState, AsksForAPersonWhenTheOutputIsGoneToo) {
  lab.addTable("_orders_old").triggers = {"pt_osc_shop_orders_del"};
  lab.backend.loseOutput(run);
  lab.exit(run, 0);
  const auto actor = lab.actor(lab.adopted());
  ASSERT_TRUE(lab.ends("e1", ExecutionStatus::kFailed));
  EXPECT_NE(lab.at().error_message.en.find("the change is in effect"), std::string::npos)
      << lab.at().error_message.en;
  EXPECT_NE(lab.at().error_message.en.find("no longer complete"), std::string::npos);
  EXPECT_NE(lab.at().attention.en.find("pt_osc_shop_orders_del, _orders_old"), std::string::npos)
      << lab.at().attention.en;
  EXPECT_TRUE(lab.targets.dropped.empty());
  EXPECT_EQ(lab.logOf(), EngineLab::successLog());
  EXPECT_EQ(lab.at().run.stage, Stage::kDroppingOldTable);
}

}  // namespace
}  // namespace oscar::engine
