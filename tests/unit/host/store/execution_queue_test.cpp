#include "store_fixture.hpp"

#include <map>
#include <mutex>
#include <set>
#include <thread>

namespace oscar::store::test {
namespace {

using ports::ClaimLimits;
using ports::ExecutionEnd;

class ExecutionQueueTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    if (IsSkipped()) return;
    connection_ = addConnection();
    store_ = std::make_unique<SqlExecutionStore>(*database_);
  }
  void TearDown() override {
    store_.reset();
    StoreTest::TearDown();
  }
  std::string submit(const std::string& table, const std::string& server = "db1:3306") {
    const Execution e = sampleExecution(connection_, table, server);
    insert(*database_, e);
    return e.id;
  }
  std::string claim(ClaimLimits limits) {
    limits.words = [](ports::WaitReason reason, std::int64_t number) {
      const std::string n = std::to_string(number);
      if (reason == ports::WaitReason::kTable) return sameText("table of #" + n);
      return sameText((reason == ports::WaitReason::kServer ? "server " : "all ") + n);
    };
    const auto claimed = store_->claimNext("n1", at(10), at(40), limits);
    return claimed ? claimed->id : "";
  }
  void end(const std::string& id) {
    ExecutionEnd e;
    e.execution_id = id;
    e.status = ExecutionStatus::kCompleted;
    e.at = at(20);
    EXPECT_TRUE(store_->finish("n1", e));
  }
  std::string waiting(const std::string& id) { return store_->find(id)->waiting_for.en; }

  std::string connection_;
  std::unique_ptr<SqlExecutionStore> store_;
};
OSCAR_STORE_SUITE(ExecutionQueueTest);

TEST_P(ExecutionQueueTest, ClaimsTheOldestFirst) {
  const std::string a = submit("a");
  const std::string b = submit("b");
  const auto claimed = store_->claimNext("n1", at(10), at(40), {10, 10});
  ASSERT_TRUE(claimed);
  EXPECT_EQ(claimed->id, a);
  EXPECT_EQ(claimed->status, ExecutionStatus::kRunning);
  EXPECT_EQ(claimed->start_time, at(10));
  EXPECT_EQ(claim({10, 10}), b);
  EXPECT_EQ(claim({10, 10}), "");
}

TEST_P(ExecutionQueueTest, HoldsTheLimitOfAllAndSaysSo) {
  const std::string a = submit("a");
  const std::string b = submit("b");
  const std::string c = submit("c");
  EXPECT_EQ(claim({1, 10}), a);
  EXPECT_EQ(claim({1, 10}), "");
  EXPECT_EQ(waiting(b), "all 1");
  EXPECT_EQ(waiting(c), "all 1");
  EXPECT_EQ(store_->find(b)->waiting_for.zh, "all 1");
  end(a);
  EXPECT_EQ(claim({1, 10}), b);
  EXPECT_EQ(waiting(b), "") << "what runs waits for nothing";
}

TEST_P(ExecutionQueueTest, HoldsTheLimitOfAServerAndPassesOver) {
  const std::string a = submit("a");
  const std::string b = submit("b");
  const std::string c = submit("c", "db2:3306");
  EXPECT_EQ(claim({10, 1}), a);
  EXPECT_EQ(claim({10, 1}), c);
  EXPECT_EQ(waiting(b), "server 1");
  end(a);
  EXPECT_EQ(claim({10, 1}), b);
}

TEST_P(ExecutionQueueTest, RunsOneOfATable) {
  const std::string a = submit("orders");
  const std::string b = submit("ORDERS");
  const std::string c = submit("orders", "db2:3306");
  EXPECT_EQ(claim({10, 10}), a);
  EXPECT_EQ(claim({10, 10}), c);
  EXPECT_EQ(waiting(b), "table of #" + std::to_string(store_->find(a)->number));
  end(a);
  EXPECT_EQ(claim({10, 10}), b);
}

TEST_P(ExecutionQueueTest, TheDatabaseItselfForbidsTwoRunsOnATable) {
  const std::string a = submit("orders");
  const std::string b = submit("orders");
  ASSERT_EQ(claim({10, 10}), a);
  EXPECT_THROW(place_->link()->execute("UPDATE execution_records SET status = 'running',"
                                       " live_table_key = table_key WHERE id = '" +
                                           b + "'",
                                       {}),
               SqlError);
}

TEST_P(ExecutionQueueTest, LongQueuesBehindABusyServerAreSearchedThrough) {
  const std::string first = submit("t0");
  ASSERT_EQ(claim({10, 1}), first);
  for (int i = 1; i <= 450; ++i) submit("t" + std::to_string(i));
  const std::string free = submit("x", "db2:3306");
  EXPECT_EQ(claim({10, 1}), free);
}

/// Workers of several nodes claim and finish as fast as they can, watched from outside.
TEST_P(ExecutionQueueTest, ConcurrentClaimsNeverDoubleNorBreakLimits) {
  const ClaimLimits limits{5, 2};
  constexpr int kExecutions = 60;
  constexpr int kThreads = 8;
  std::map<std::string, std::pair<std::string, std::string>> place_of;  // id → server, table
  for (int i = 0; i < kExecutions; ++i) {
    const std::string server = "db" + std::to_string(i % 4);
    const std::string table = "t" + std::to_string(i % 7);
    place_of[submit(table, server)] = {server, server + table};
  }
  auto other_database = place_->open();
  SqlExecutionStore other{*other_database};

  std::mutex mutex;
  std::set<std::string> ever;
  std::set<std::string> now;
  std::string broken;
  const auto check = [&] {
    std::map<std::string, int> servers;
    std::set<std::string> tables;
    for (const auto& id : now) {
      if (++servers[place_of[id].first] > limits.max_per_server) broken = "server limit";
      if (!tables.insert(place_of[id].second).second) broken = "two on a table";
    }
    if (static_cast<int>(now.size()) > limits.max_concurrent) broken = "limit of all";
  };
  const auto worker = [&](int index) {
    SqlExecutionStore& store = index % 2 ? other : *store_;
    const std::string node = "n" + std::to_string(index);
    for (int idle = 0; idle < 2000;) {
      {
        const std::lock_guard lock{mutex};
        if (ever.size() == kExecutions) return;
      }
      const auto claimed = store.claimNext(node, at(10), at(40), limits);
      if (!claimed) {
        ++idle;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
        continue;
      }
      {
        const std::lock_guard lock{mutex};
        if (!ever.insert(claimed->id).second) broken = "claimed twice";
        now.insert(claimed->id);
        check();
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      {
        // Left before finish(): from its commit on another may claim.
        const std::lock_guard lock{mutex};
        now.erase(claimed->id);
      }
      ExecutionEnd e;
      e.execution_id = claimed->id;
      e.status = ExecutionStatus::kFailed;
      e.at = at(20);
      if (!store.finish(node, e)) {
        const std::lock_guard lock{mutex};
        broken = "could not finish";
      }
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back(worker, i);
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(broken, "");
  EXPECT_EQ(ever.size(), static_cast<std::size_t>(kExecutions));
  const auto statistics = store_->statistics({});
  EXPECT_EQ(statistics.failed, kExecutions);
  EXPECT_EQ(statistics.active, 0);
}

TEST_P(ExecutionQueueTest, ConcurrentCommitsFollowOneAnother) {
  const std::string id = submit("orders");
  ASSERT_EQ(claim({10, 10}), id);
  const oscar::Run run = sampleRun(id);
  store_->insertRun(run);
  // Two actors believe to own the same run: of each offset exactly one commit is taken.
  std::atomic<int> taken{0};
  const auto actor = [&] {
    for (int i = 0; i < 50; ++i) {
      ports::RunCommit commit;
      commit.execution_id = id;
      commit.run_id = run.id;
      commit.lines = {{i + 1, at(i), "x"}};
      commit.output_offset = i + 1;
      try {
        if (store_->commitRun("n1", i, commit)) ++taken;
      } catch (const std::logic_error&) {
        ADD_FAILURE() << "an accepted offset goes with the next line";
      }
    }
  };
  std::thread other{actor};
  actor();
  other.join();
  EXPECT_EQ(store_->lastLogLine(id), store_->latestRun(id)->output_offset);
  EXPECT_EQ(store_->lastLogLine(id), taken);
  EXPECT_GT(taken, 0);
}

}  // namespace
}  // namespace oscar::store::test
