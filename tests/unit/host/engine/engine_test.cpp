#include "engine/engine.hpp"

#include "engine_lab.hpp"
#include "support/fake_event_subscriber.hpp"

#include <gtest/gtest.h>

namespace oscar::engine {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace): the lab's names read as words here
using std::chrono::seconds;

/// A scheduler among fakes. Submissions wake it as the bus would.
struct Scheduled : EngineLab {
  FakeEventSubscriber bus;
  std::unique_ptr<Engine> engine = std::make_unique<Engine>(context, bus);

  void restart() {
    engine.reset();
    engine = std::make_unique<Engine>(context, bus);
    engine->start();
  }
  void submitAndTell(const std::string& id, const std::string& table) {
    if (!targets.databases["shop"].contains(table)) addTable(table);
    submit(id, table);
    bus.deliver(ExecutionSubmitted{id});
  }
  int count(ExecutionStatus status) {
    int n = 0;
    for (const auto& e : store.all()) n += e.status == status ? 1 : 0;
    return n;
  }
  /// The scheduler has gone round once more, completely.
  bool goesRound() {
    const int before = store.calls("claimNext");
    bus.deliver(ExecutionSubmitted{""});
    // The round that is under way may have asked already; the one after it has not.
    if (!eventually([&] { return store.calls("claimNext") > before; })) return false;
    const int between = store.calls("claimNext");
    bus.deliver(ExecutionSubmitted{""});
    return eventually([&] { return store.calls("claimNext") > between; });
  }
};

TEST(Engine, DoesNothingBeforeItIsStarted) {
  Scheduled lab;
  lab.submitAndTell("e1", "orders");
  EXPECT_EQ(lab.store.calls("claimNext"), 0);
  EXPECT_EQ(lab.engine->running(), 0u);
  EXPECT_TRUE(lab.bus.subscribed());
}

TEST(Engine, RemovesTheFilesOfRunsThatEndedWhenItDied) {
  Scheduled lab;
  lab.submit("e1");
  lab.engine->start();
  const std::string run = lab.startedRun();
  lab.store.failNext("forgetRunHandle", 1);
  lab.succeed(run);
  ASSERT_TRUE(lab.ends("e1", ExecutionStatus::kCompleted));
  ASSERT_TRUE(eventually([&] { return lab.backend.run(run).cleaned; }));
  EXPECT_EQ(lab.store.runsWithFiles(10).size(), 1u);
  lab.restart();
  EXPECT_TRUE(eventually([&] { return lab.store.runsWithFiles(10).empty(); }));
}

TEST(Engine, ClaimsWhileOldFilesCannotBeRemoved) {
  Scheduled lab;
  lab.submit("e1");
  lab.engine->start();
  const std::string run = lab.startedRun();
  lab.store.failNext("forgetRunHandle", 1);
  lab.succeed(run);
  ASSERT_TRUE(eventually([&] { return lab.backend.run(run).cleaned; }));
  ASSERT_TRUE(eventually([&] { return lab.engine->running() == 0; }));
  lab.backend.cleanup_hangs = true;
  lab.restart();
  lab.submitAndTell("e2", "orders");
  EXPECT_FALSE(lab.startedRun("e2").empty());
  lab.backend.cleanup_hangs = false;
  EXPECT_TRUE(eventually([&] { return lab.store.runsWithFiles(10).empty(); }));
}

TEST(Engine, RunsWhatWasSubmittedBeforeItStarted) {
  Scheduled lab;
  lab.submit("e1");
  lab.engine->start();
  const std::string run = lab.startedRun();
  EXPECT_EQ(lab.engine->running(), 1u);
  lab.succeed(run);
  ASSERT_TRUE(lab.ends("e1", ExecutionStatus::kCompleted));
  EXPECT_TRUE(eventually([&] { return lab.engine->running() == 0; }));
  const auto changes = lab.events.of<ExecutionChanged>();
  EXPECT_EQ(changes.front().status, ExecutionStatus::kRunning);
}

TEST(Engine, WakesOnASubmission) {
  Scheduled lab;
  lab.engine->start();
  ASSERT_TRUE(lab.goesRound());
  const auto begin = std::chrono::steady_clock::now();
  lab.submitAndTell("e1", "orders");
  ASSERT_TRUE(eventually([&] { return lab.at().status == ExecutionStatus::kRunning; }));
  // Well before it would have looked by itself.
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds{500});
}

TEST(Engine, ClaimsUntilTheLimitsAndGoesOnWhenOneEnds) {
  Scheduled lab;
  lab.context.settings.max_concurrent = 3;
  lab.context.settings.max_per_server = 3;
  for (int i = 1; i <= 5; ++i) {
    const std::string table = "t" + std::to_string(i);
    lab.addTable(table);
    lab.submit("e" + std::to_string(i), table);
  }
  lab.restart();
  ASSERT_TRUE(eventually([&] { return lab.count(ExecutionStatus::kRunning) == 3; }));
  ASSERT_TRUE(lab.goesRound());
  EXPECT_EQ(lab.count(ExecutionStatus::kRunning), 3);
  EXPECT_EQ(lab.engine->running(), 3u);
  lab.succeed(lab.startedRun("e1"));
  ASSERT_TRUE(lab.ends("e1", ExecutionStatus::kCompleted));
  ASSERT_TRUE(eventually([&] { return lab.count(ExecutionStatus::kRunning) == 3; }));
  EXPECT_EQ(lab.at("e4").status, ExecutionStatus::kRunning);
  EXPECT_EQ(lab.at("e5").status, ExecutionStatus::kPending);
}

TEST(Engine, ForwardsAStop) {
  Scheduled lab;
  lab.submit("e1");
  lab.engine->start();
  const std::string run = lab.startedRun();
  lab.bus.deliver(StopRequested{"another one"});
  lab.bus.deliver(StopRequested{"e1"});
  EXPECT_TRUE(
      eventually([&] { return lab.backend.run(run).controls.contains(ports::Control::kStop); }));
}

TEST(Engine, TakesUpItsRunsAfterARestart) {
  Scheduled lab;
  lab.submit("e1");
  lab.engine->start();
  const std::string run = lab.startedRun();
  lab.backend.write(run, kCreatedOutput);
  ASSERT_TRUE(lab.reaches(Stage::kCreatingTriggers));
  lab.restart();
  ASSERT_TRUE(eventually([&] { return lab.backend.attachedAt().size() == 2; }));
  lab.backend.write(run, kCopyingOutput + kSwappingOutput + kSwappedOutput);
  lab.exit(run, 0);
  ASSERT_TRUE(lab.ends("e1", ExecutionStatus::kCompleted));
  EXPECT_EQ(lab.backend.started().size(), 1u);
  EXPECT_EQ(lab.logOf(), EngineLab::successLog());
}

TEST(Engine, LeavesAnotherNodesRunsAloneWhenTheirLeaseHasEnded) {
  Scheduled lab;
  lab.submit("e1");
  const auto now = lab.clock.now();
  lab.store.claimNext("n2", now, now + seconds{30}, {});
  lab.clock.advance(seconds{31});
  lab.engine->start();
  ASSERT_TRUE(lab.goesRound());
  ASSERT_TRUE(lab.goesRound());
  EXPECT_EQ(lab.engine->running(), 0u);
  EXPECT_EQ(lab.at().status, ExecutionStatus::kRunning);
}

TEST(Engine, RenewsLeasesAndDoesNotAdoptWhatItSupervises) {
  Scheduled lab;
  lab.submit("e1");
  lab.engine->start();
  ASSERT_FALSE(lab.startedRun().empty());
  for (int i = 0; i < 4; ++i) {
    const int taken = lab.store.calls("takeOver");
    lab.clock.advance(seconds{11});
    ASSERT_TRUE(eventually([&] { return lab.store.calls("takeOver") > taken; }));
    EXPECT_GE(lab.store.leaseUntil("e1"), lab.clock.now() + seconds{30});
  }
  EXPECT_EQ(lab.engine->running(), 1u);
  EXPECT_EQ(lab.backend.attachedAt().size(), 1u);
  EXPECT_EQ(lab.backend.started().size(), 1u);
}

TEST(Engine, SurvivesAStoreThatIsAwayInEveryMethod) {
  for (const char* method : {"renewLeases", "takeOver", "claimNext", "latestRun", "lastLogLine",
                             "insertRun", "setRunHandle", "commitRun", "find", "finish"}) {
    SCOPED_TRACE(method);
    Scheduled lab;
    lab.submit("e1");
    lab.store.failNext(method, 1);
    lab.engine->start();
    const std::string run = lab.startedRun();
    ASSERT_FALSE(run.empty());
    lab.succeed(run);
    ASSERT_TRUE(lab.ends("e1", ExecutionStatus::kCompleted));
    EXPECT_EQ(lab.backend.started().size(), 1u);
    EXPECT_EQ(lab.logOf(), EngineLab::successLog());
  }
}

TEST(Engine, AClaimWhoseAnswerWasLostIsTakenUp) {
  Scheduled lab;
  lab.submit("e1");
  lab.store.loseAnswers("claimNext", 1);
  lab.engine->start();
  ASSERT_TRUE(eventually([&] { return lab.at().status == ExecutionStatus::kRunning; }));
  lab.clock.advance(seconds{11});
  ASSERT_TRUE(eventually([&] { return lab.engine->running() == 1; }));
  lab.succeed(lab.startedRun());
  EXPECT_TRUE(lab.ends("e1", ExecutionStatus::kCompleted));
}

TEST(Engine, EndsQuicklyWithManyRunsAndLeavesThemRunning) {
  Scheduled lab;
  lab.context.settings.max_per_server = 10;
  for (int i = 1; i <= 8; ++i) {
    const std::string table = "t" + std::to_string(i);
    lab.addTable(table);
    lab.submit("e" + std::to_string(i), table);
  }
  lab.restart();
  ASSERT_TRUE(eventually([&] { return lab.backend.started().size() == 8; }));
  const auto begin = std::chrono::steady_clock::now();
  lab.engine.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds{2});
  EXPECT_EQ(lab.count(ExecutionStatus::kRunning), 8);
  EXPECT_FALSE(lab.bus.subscribed());
}

}  // namespace
}  // namespace oscar::engine
