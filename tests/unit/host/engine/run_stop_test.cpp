// Stopping a run: asked first, pressed then, refused when it is too late.
#include "engine_lab.hpp"

#include <gtest/gtest.h>

namespace oscar::engine {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace): the lab's names read as words here
using ports::Control;
using std::chrono::seconds;

/// A run that copies, and its actor.
struct CopyingRun : EngineLab {
  std::unique_ptr<RunActor> run_actor = actor(claimed());
  std::string run = startedRun();

  CopyingRun() {
    backend.write(run, kCreatedOutput + kCopyingOutput);
    EXPECT_TRUE(reaches(Stage::kCopyingData));
  }
  bool asked() {
    return eventually([&] { return backend.run(run).controls.contains(Control::kStop); });
  }
};

TEST(RunStop, ARunThatObeysIsCancelled) {
  CopyingRun lab;
  lab.run_actor->requestStop();
  ASSERT_TRUE(lab.asked());
  EXPECT_EQ(lab.at().status, ExecutionStatus::kRunning);
  lab.backend.write(lab.run,
                    "#oscar {\"e\":\"stopping\",\"t\":1005}\n"
                    "`shop`.`orders` was not altered.\n");
  lab.exit(lab.run, 11);
  ASSERT_TRUE(lab.ends("e1", ExecutionStatus::kCancelled));
  EXPECT_TRUE(lab.at().error_message.empty());
  EXPECT_TRUE(lab.at().attention.empty());
  EXPECT_FALSE(lab.backend.run(lab.run).stopped);
  EXPECT_FALSE(lab.backend.run(lab.run).killed);
}

TEST(RunStop, ARunThatDoesNotObeyIsTerminatedThenKilled) {
  CopyingRun lab;
  lab.run_actor->requestStop();
  ASSERT_TRUE(lab.asked());
  lab.clock.advance(seconds{9});
  EXPECT_FALSE(lab.backend.run(lab.run).stopped);
  lab.clock.advance(seconds{1});
  ASSERT_TRUE(eventually([&] { return lab.backend.run(lab.run).stopped; }));
  EXPECT_FALSE(lab.backend.run(lab.run).killed);
  lab.clock.advance(seconds{10});
  ASSERT_TRUE(eventually([&] { return lab.backend.run(lab.run).killed; }));
  lab.backend.end(lab.run, {ports::RunState::kLost, {}, {}, {}});
  ASSERT_TRUE(lab.ends("e1", ExecutionStatus::kCancelled));
}

TEST(RunStop, AWishStoredByAnotherNodeIsFound) {
  CopyingRun lab;
  lab.store.requestStop("e1", lab.clock.now());
  lab.clock.advance(seconds{3});
  ASSERT_TRUE(lab.asked());
}

TEST(RunStop, IsIgnoredOnceTheSwapHasBegun) {
  CopyingRun lab;
  lab.backend.write(lab.run, kSwappingOutput);
  ASSERT_TRUE(lab.reaches(Stage::kSwappingTables));
  lab.run_actor->requestStop();
  for (int i = 0; i < 3; ++i) {
    lab.clock.advance(seconds{60});
    // The actor works on: what is written now is stored after it could have stopped the run.
    const std::string line = "note " + std::to_string(i);
    lab.backend.write(lab.run, line + "\n");
    ASSERT_TRUE(eventually([&] { return lab.logOf().back() == line; }));
  }
  EXPECT_FALSE(lab.backend.run(lab.run).controls.contains(Control::kStop));
  EXPECT_FALSE(lab.backend.run(lab.run).stopped);
  lab.backend.write(lab.run, kSwappedOutput);
  lab.exit(lab.run, 0);
  EXPECT_TRUE(lab.ends("e1", ExecutionStatus::kCompleted));
}

TEST(RunStop, EndsEscalatingWhenTheSwapBeginsAfterAll) {
  CopyingRun lab;
  lab.run_actor->requestStop();
  ASSERT_TRUE(lab.asked());
  lab.backend.write(lab.run, kSwappingOutput);
  ASSERT_TRUE(lab.reaches(Stage::kSwappingTables));
  lab.clock.advance(seconds{60});
  lab.backend.write(lab.run, kSwappedOutput);
  lab.exit(lab.run, 0);
  ASSERT_TRUE(lab.ends("e1", ExecutionStatus::kCompleted));
  EXPECT_FALSE(lab.backend.run(lab.run).stopped);
}

TEST(RunStop, DoesNotPressARunThatCouldNotBeAsked) {
  CopyingRun lab;
  lab.backend.unreachable = true;
  lab.run_actor->requestStop();
  ASSERT_TRUE(eventually([&] { return lab.log.contains("stop: no route"); }));
  lab.clock.advance(seconds{60});  // the grace of a question that never arrived
  lab.backend.unreachable = false;
  ASSERT_TRUE(lab.asked());
  EXPECT_FALSE(lab.backend.run(lab.run).stopped);
  lab.clock.advance(seconds{9});
  EXPECT_FALSE(lab.backend.run(lab.run).stopped);
  lab.clock.advance(seconds{1});
  EXPECT_TRUE(eventually([&] { return lab.backend.run(lab.run).stopped; }));
}

TEST(RunStop, GoesOnWhileTheStoreIsAway) {
  CopyingRun lab;
  lab.store.unavailable = true;
  lab.backend.write(lab.run, "a line that cannot be stored\n");
  ASSERT_TRUE(eventually([&] { return lab.log.contains("the store is away"); }));
  lab.run_actor->requestStop();
  ASSERT_TRUE(lab.asked());
  lab.clock.advance(seconds{10});
  ASSERT_TRUE(eventually([&] { return lab.backend.run(lab.run).stopped; }));
}

}  // namespace
}  // namespace oscar::engine
