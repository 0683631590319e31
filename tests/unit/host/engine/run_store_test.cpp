// A store that is away, loses answers or belongs to another node by now: nothing is lost, nothing
// doubled.
#include "engine_lab.hpp"

#include <gtest/gtest.h>

namespace oscar::engine {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace): the lab's names read as words here
using std::chrono::seconds;

TEST(RunAndStore, AStoreThatIsAwayInMidRunLosesNothing) {
  EngineLab lab;
  const auto actor = lab.actor(lab.claimed());
  const std::string run = lab.startedRun();
  lab.backend.write(run, kCreatedOutput);
  ASSERT_TRUE(eventually([&] { return lab.logOf() == kCreatedLog; }));
  lab.store.failNext("commitRun", 2);
  lab.backend.write(run, kCopyingOutput);
  lab.backend.write(run, kSwappingOutput);
  ASSERT_TRUE(eventually([&] { return lab.at().run.stage == Stage::kSwappingTables; }));
  EXPECT_TRUE(lab.log.contains("the store is away, the run goes on"));
  EXPECT_EQ(lab.at().status, ExecutionStatus::kRunning);
  lab.backend.write(run, kSwappedOutput);
  lab.exit(run, 0);
  ASSERT_TRUE(lab.ends("e1", ExecutionStatus::kCompleted));
  EXPECT_EQ(lab.logOf(), EngineLab::successLog());
  EXPECT_EQ(lab.publishedLog(), EngineLab::successLog());
}

TEST(RunAndStore, AStoreThatIsAwayWhenTheRunEndsGetsEverythingLater) {
  EngineLab lab;
  const auto actor = lab.actor(lab.claimed());
  const std::string run = lab.startedRun();
  lab.store.unavailable = true;
  lab.succeed(run);
  ASSERT_TRUE(eventually([&] { return lab.log.contains("the store is away"); }));
  lab.store.unavailable = false;
  lab.store.failNext("finish", 1);
  ASSERT_TRUE(lab.ends("e1", ExecutionStatus::kCompleted));
  ASSERT_TRUE(eventually([&] { return actor->ended(); }));
  EXPECT_EQ(lab.logOf(), EngineLab::successLog());
  EXPECT_TRUE(lab.backend.run(run).cleaned);
}

TEST(RunAndStore, TheFilesStayUntilTheEndIsStored) {
  EngineLab lab;
  const auto actor = lab.actor(lab.claimed());
  const std::string run = lab.startedRun();
  lab.store.failNext("finish", 1000);
  lab.succeed(run);
  ASSERT_TRUE(eventually([&] { return lab.store.calls("finish") > 0; }));
  EXPECT_FALSE(lab.backend.run(run).cleaned);
  lab.store.failNext("finish", 0);
  ASSERT_TRUE(lab.ends("e1", ExecutionStatus::kCompleted));
  EXPECT_TRUE(eventually([&] { return lab.backend.run(run).cleaned; }));
}

TEST(RunAndStore, ALostAnswerToACommitDoublesNoLine) {
  EngineLab lab;
  const auto actor = lab.actor(lab.claimed());
  const std::string run = lab.startedRun();
  lab.store.loseAnswers("commitRun", 1);
  lab.backend.write(run, kCreatedOutput);
  ASSERT_TRUE(eventually([&] { return lab.publishedLog() == kCreatedLog; }));
  lab.backend.write(run, kCopyingOutput + kSwappingOutput + kSwappedOutput);
  lab.exit(run, 0);
  ASSERT_TRUE(lab.ends("e1", ExecutionStatus::kCompleted));
  EXPECT_EQ(lab.logOf(), EngineLab::successLog());
  EXPECT_EQ(lab.publishedLog(), EngineLab::successLog());
}

TEST(RunAndStore, ALostAnswerToTheEndIsTheEndAllTheSame) {
  EngineLab lab;
  const auto actor = lab.actor(lab.claimed());
  const std::string run = lab.startedRun();
  lab.store.loseAnswers("finish", 1);
  lab.succeed(run);
  ASSERT_TRUE(eventually([&] { return actor->ended(); }));
  EXPECT_EQ(lab.at().status, ExecutionStatus::kCompleted);
  EXPECT_TRUE(lab.backend.run(run).cleaned);
  EXPECT_EQ(lab.events.of<ExecutionChanged>().back().status, ExecutionStatus::kCompleted);
}

TEST(RunAndStore, LostAnswersAtTheLaunchStartOneRun) {
  EngineLab lab;
  const Execution execution = lab.claimed();
  lab.store.loseAnswers("insertRun", 1);
  lab.store.loseAnswers("setRunHandle", 1);
  const auto actor = lab.actor(execution);
  const std::string run = lab.startedRun();
  lab.succeed(run);
  ASSERT_TRUE(lab.ends("e1", ExecutionStatus::kCompleted));
  EXPECT_EQ(lab.backend.started().size(), 1u);
  EXPECT_EQ(lab.store.runs().size(), 1u);
}

TEST(RunAndStore, AStoreThatIsAwayAtTheLaunchIsAwaited) {
  EngineLab lab;
  const Execution execution = lab.claimed();
  for (const char* method : {"latestRun", "lastLogLine", "insertRun", "setRunHandle"}) {
    lab.store.failNext(method, 1);
  }
  const auto actor = lab.actor(execution);
  const std::string run = lab.startedRun();
  ASSERT_FALSE(run.empty());
  lab.succeed(run);
  ASSERT_TRUE(lab.ends("e1", ExecutionStatus::kCompleted));
  EXPECT_EQ(lab.backend.started().size(), 1u);
  EXPECT_EQ(lab.logOf(), EngineLab::successLog());
}

TEST(RunAndStore, LeavesAnExecutionThatAnotherNodeHasTakenOver) {
  EngineLab lab;
  const auto actor = lab.actor(lab.claimed());
  const std::string run = lab.startedRun();
  lab.backend.write(run, kCreatedOutput);
  ASSERT_TRUE(lab.reaches(Stage::kCreatingTriggers));
  lab.store.giveTo("e1", "n2", lab.clock.now() + seconds{30});
  const auto changes = lab.events.of<ExecutionChanged>().size();
  lab.backend.write(run, kCopyingOutput);
  ASSERT_TRUE(eventually([&] { return actor->ended(); }));
  EXPECT_TRUE(lab.log.contains("another node"));
  EXPECT_EQ(lab.at().status, ExecutionStatus::kRunning);
  EXPECT_EQ(lab.logOf(), kCreatedLog);
  EXPECT_EQ(lab.events.of<ExecutionChanged>().size(), changes);
  EXPECT_FALSE(lab.backend.run(run).cleaned);
}

TEST(RunAndStore, DropsNothingAndDeletesNothingWhenAnotherNodeHasTakenOver) {
  EngineLab lab;
  const auto actor = lab.actor(lab.claimed());
  const std::string run = lab.startedRun();
  {
    const auto guard = lab.targets.lock();
    lab.addTable("_orders_new");
    lab.targets.databases["shop"]["orders"].triggers = {"pt_osc_shop_orders_del"};
  }
  lab.backend.write(run, kCreatedOutput);
  ASSERT_TRUE(eventually([&] {
    return lab.at().run.stage == Stage::kCreatingTriggers && lab.at().run.load.has_value();
  }));
  // Nothing is left to commit: only the look before the clean-up can notice.
  lab.store.giveTo("e1", "n2", lab.clock.now() + seconds{30});
  lab.backend.end(run, {ports::RunState::kLost, {}, {}, {}});
  ASSERT_TRUE(eventually([&] { return actor->ended(); }));
  EXPECT_TRUE(lab.targets.dropped.empty());
  EXPECT_FALSE(lab.backend.run(run).cleaned);
  EXPECT_EQ(lab.at().status, ExecutionStatus::kRunning);
}

TEST(RunAndStore, RecordsNoEndForAnotherNode) {
  EngineLab lab;
  const auto actor = lab.actor(lab.claimed());
  const std::string run = lab.startedRun();
  lab.store.failNext("finish", 1);
  lab.succeed(run);
  ASSERT_TRUE(eventually([&] { return lab.store.calls("finish") == 1; }));
  lab.store.giveTo("e1", "n2", lab.clock.now() + seconds{30});  // before the second try
  ASSERT_TRUE(eventually([&] { return actor->ended(); }));
  EXPECT_EQ(lab.at().status, ExecutionStatus::kRunning);
  EXPECT_FALSE(lab.backend.run(run).cleaned);
  EXPECT_EQ(lab.events.of<ExecutionChanged>().back().status, ExecutionStatus::kRunning);
}

}  // namespace
}  // namespace oscar::engine
