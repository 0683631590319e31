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
