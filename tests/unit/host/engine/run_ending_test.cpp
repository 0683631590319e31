// What is done on the target after a run, and on which target.
#include "engine_lab.hpp"

#include <gtest/gtest.h>

namespace oscar::engine {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace): the lab's names read as words here

/// A run that dies in the copy and leaves its triggers and its new table.
struct DeadRun : EngineLab {
  std::unique_ptr<RunActor> run_actor = actor(claimed());
  std::string run = startedRun();

  DeadRun() {
    addTable("_orders_new");
    {
      const auto guard = targets.lock();
      targets.databases["shop"]["orders"].triggers = {"pt_osc_shop_orders_del",
                                                      "pt_osc_shop_orders_ins"};
    }
    backend.write(run, kCreatedOutput + kCopyingOutput);
    EXPECT_TRUE(reaches(Stage::kCopyingData));
  }
  void die() {
    backend.end(run, {ports::RunState::kExited, std::nullopt, 9, std::nullopt});
    EXPECT_TRUE(ends("e1", ExecutionStatus::kFailed));
  }
};

TEST(RunEnding, CleansUpOnTheServerOfTheRun) {
  DeadRun lab;
  lab.die();
  EXPECT_EQ(lab.targets.dropped.size(), 3u);
  EXPECT_TRUE(lab.at().attention.empty()) << lab.at().attention.en;
}

TEST(RunEnding, LooksOnlyWhenTheRunsSessionsHaveLeft) {
  DeadRun lab;
  lab.backend.write(lab.run, "#oscar {\"e\":\"session\",\"t\":1005,\"id\":17}\n");
  int asked = 0;
  lab.targets.sessions = [&]() -> std::vector<std::int64_t> {
    EXPECT_TRUE(lab.targets.dropped.empty());
    if (++asked < 3) return {17};
    return {};
  };
  lab.die();
  EXPECT_EQ(asked, 3);
  EXPECT_EQ(lab.targets.dropped.size(), 3u);
  EXPECT_TRUE(lab.at().attention.empty()) << lab.at().attention.en;
  const auto& run = lab.targets.killed.front();
  EXPECT_EQ(run.ids, std::vector<std::int64_t>{17});
  EXPECT_EQ(run.database + "." + run.new_table, "shop._orders_new");
}

TEST(RunEnding, DropsNothingWhileASessionStays) {
  DeadRun lab;
  std::atomic<bool> asked = false;
  lab.targets.sessions = [&]() -> std::vector<std::int64_t> {
    asked = true;
    return {17};
  };
  lab.backend.end(lab.run, {ports::RunState::kExited, std::nullopt, 9, std::nullopt});
  ASSERT_TRUE(eventually([&] { return asked.load(); }));
  lab.clock.advance(std::chrono::seconds{2});
  ASSERT_TRUE(
      eventually([&] { return lab.at().attention.en.find("sessions") != std::string::npos; }));
  EXPECT_EQ(lab.at().status, ExecutionStatus::kRunning);
  lab.clock.advance(std::chrono::seconds{30});
  ASSERT_TRUE(lab.ends("e1", ExecutionStatus::kFailed));
  EXPECT_TRUE(lab.targets.dropped.empty());
  EXPECT_NE(lab.at().attention.en.find("(17)"), std::string::npos) << lab.at().attention.en;
}

TEST(RunEnding, ATableWhoseLockIsHeldIsTriedAgain) {
  DeadRun lab;
  {
    const auto guard = lab.targets.lock();
    lab.targets.drop_error = ports::TargetError{1205, "Lock wait timeout exceeded"};
  }
  lab.backend.end(lab.run, {ports::RunState::kExited, std::nullopt, 9, std::nullopt});
  ASSERT_TRUE(
      eventually([&] { return lab.at().attention.en.find("metadata lock") != std::string::npos; }));
  EXPECT_EQ(lab.at().status, ExecutionStatus::kRunning);
  {
    const auto guard = lab.targets.lock();
    lab.targets.drop_error.reset();
  }
  ASSERT_TRUE(lab.ends("e1", ExecutionStatus::kFailed));
  EXPECT_EQ(lab.targets.dropped.size(), 3u);
  EXPECT_TRUE(lab.at().attention.empty()) << lab.at().attention.en;
}

TEST(RunEnding, AServerThatIsAwayIsAwaitedAlsoByTheNextOscard) {
  DeadRun lab;
  {
    const auto guard = lab.targets.lock();
    lab.targets.connect_error = ports::TargetError{2002, "no route"};
  }
  lab.backend.end(lab.run, {ports::RunState::kExited, std::nullopt, 9, std::nullopt});
  ASSERT_TRUE(
      eventually([&] { return lab.at().attention.en.find("no route") != std::string::npos; }));
  const auto before = std::chrono::steady_clock::now();
  lab.run_actor.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::milliseconds{500});
  EXPECT_EQ(lab.at().status, ExecutionStatus::kRunning);
  {
    const auto guard = lab.targets.lock();
    lab.targets.connect_error.reset();
  }
  lab.run_actor = lab.actor(lab.adopted());
  ASSERT_TRUE(lab.ends("e1", ExecutionStatus::kFailed));
  EXPECT_EQ(lab.targets.dropped.size(), 3u);
  EXPECT_TRUE(lab.at().attention.empty()) << lab.at().attention.en;
}

TEST(RunEnding, ALiveRunWhoseOutputIsGoneIsNotCleanedUp) {
  DeadRun lab;
  lab.backend.output_gone = true;
  lab.run_actor.reset();
  lab.run_actor = lab.actor(lab.adopted());
  ASSERT_TRUE(eventually(
      [&] { return lab.at().attention.en.find("output is lost") != std::string::npos; }));
  EXPECT_EQ(lab.at().status, ExecutionStatus::kRunning);
  EXPECT_TRUE(lab.targets.killed.empty());
  lab.exit(lab.run, 0);
  ASSERT_TRUE(lab.ends("e1", ExecutionStatus::kFailed));
  EXPECT_NE(lab.at().error_message.en.find("no longer complete"), std::string::npos);
  EXPECT_TRUE(lab.targets.dropped.empty());
}

TEST(RunEnding, TouchesNothingOnAnotherServer) {
  DeadRun lab;
  {
    const auto guard = lab.targets.lock();
    lab.targets.server.server_key = "server-2";  // the connection was edited, or its name moved
  }
  lab.die();
  EXPECT_TRUE(lab.targets.dropped.empty());
  EXPECT_EQ(lab.at().data_size_bytes, std::nullopt);
  for (const char* part : {"another server", "server-1", "pt_osc_shop_orders_del", "_orders_new"}) {
    EXPECT_NE(lab.at().attention.en.find(part), std::string::npos) << lab.at().attention.en;
  }
  EXPECT_TRUE(lab.log.contains("nothing is dropped"));
}

}  // namespace
}  // namespace oscar::engine
