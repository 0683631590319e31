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
  lab.backend.write(run, "oximately 1000 rows...\n" + kSwappingOutput);

  actor = lab.actor(lab.adopted());
  ASSERT_TRUE(lab.reaches(Stage::kSwappingTables));
  EXPECT_EQ(lab.backend.attachedAt(), (std::vector<std::uint64_t>{0, kCreatedOutput.size()}));
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

}  // namespace
}  // namespace oscar::engine
