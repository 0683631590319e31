#include "plugin_runtime/call_pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

namespace oscar::plugin_runtime {
namespace {

using namespace std::chrono_literals;
using Outcome = CallPool::Outcome;

/// Holds calls until it is opened, at the latest at its end.
class Dam {
 public:
  ~Dam() { open(); }
  void open() {
    const std::lock_guard lock{gate_->mutex};
    gate_->open = true;
    gate_->changed.notify_all();
  }
  /// A call that returns when the dam opens; owns what it touches.
  std::function<void()> call() const {
    return [gate = gate_] {
      std::unique_lock lock{gate->mutex};
      gate->changed.wait(lock, [&] { return gate->open; });
    };
  }

 private:
  struct Gate {
    std::mutex mutex;
    std::condition_variable changed;
    bool open = false;
  };
  std::shared_ptr<Gate> gate_ = std::make_shared<Gate>();
};

template <typename F>
bool soon(const F& condition) {
  for (int i = 0; i < 500; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

/// False when the call never began, however often it was tried. On a busy machine a thread may
/// begin too late for a short deadline, which says nothing about the pool.
bool leaveBehind(CallPool& pool, const Dam& dam) {
  for (int i = 0; i < 50; ++i) {
    if (pool.run("hangs", dam.call(), 100ms) == Outcome::kOverran) return true;
  }
  return false;
}

TEST(CallPool, MakesCallsOnThreadsThatItKeeps) {
  CallPool pool;
  std::set<std::thread::id> threads;
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(pool.run(
                  "call", [&] { threads.insert(std::this_thread::get_id()); }, 5s),
              Outcome::kDone);
  }
  EXPECT_FALSE(threads.contains(std::this_thread::get_id()));
  EXPECT_LE(threads.size(), 2u) << "one may still be on its way back";
}

TEST(CallPool, LeavesBehindWhatOverrunsAndSaysSoUntilItReturns) {
  Dam dam;
  auto owned = std::make_shared<int>(1);
  const std::weak_ptr<int> watched{owned};
  CallPool pool;
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(pool.run(
                "status", [owned = std::move(owned), wait = dam.call()] { wait(); }, 300ms),
            Outcome::kOverran);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 2s);
  EXPECT_EQ(pool.leftBehind(), "status");
  EXPECT_FALSE(watched.expired()) << "the call still needs it";
  EXPECT_EQ(pool.run(
                "other", [] {}, 5s),
            Outcome::kDone);
  dam.open();
  EXPECT_TRUE(soon([&] { return !pool.leftBehind(); }));
  EXPECT_TRUE(watched.expired());
}

TEST(CallPool, GoesOnBesideCallsThatHang) {
  Dam dam;
  CallPool pool;
  for (std::size_t i = 0; i < CallPool::kThreads + 2; ++i) {
    ASSERT_TRUE(leaveBehind(pool, dam)) << i;
  }
  EXPECT_EQ(pool.run(
                "works", [] {}, 30s),
            Outcome::kDone);
  dam.open();
}

TEST(CallPool, BeginsNothingMoreWhenNothingAnswersAndNeverLater) {
  Dam dam;
  CallPool pool;
  std::atomic<bool> begun = false;
  // The threads there may be, and as many as may be left behind.
  std::vector<std::thread> askers;
  std::atomic<int> overran = 0;
  for (std::size_t i = 0; i < CallPool::kThreads + CallPool::kMostLeftBehind; ++i) {
    askers.emplace_back([&] {
      if (pool.run("hangs", dam.call(), 300ms) == Outcome::kOverran) ++overran;
    });
  }
  for (auto& asker : askers) asker.join();
  while (overran < static_cast<int>(CallPool::kMostLeftBehind)) {
    ASSERT_TRUE(leaveBehind(pool, dam)) << overran;
    ++overran;
  }
  // Threads that idle go on; several refusals in a row mean that there are none.
  for (int refused = 0; refused < 3;) {
    if (pool.run("hangs", dam.call(), 100ms) == Outcome::kOverran) {
      ++overran;
      refused = 0;
    } else {
      ++refused;
    }
  }
  EXPECT_LE(overran, static_cast<int>(CallPool::kThreads + CallPool::kMostLeftBehind));
  EXPECT_EQ(pool.run(
                "late", [&] { begun = true; }, 20ms),
            Outcome::kNotBegun);
  dam.open();
  EXPECT_TRUE(soon([&] { return !pool.leftBehind(); }));
  EXPECT_EQ(pool.run(
                "again", [] {}, 5s),
            Outcome::kDone);
  EXPECT_FALSE(begun);
}

TEST(CallPool, EndsWithoutWaitingForWhatHangs) {
  Dam dam;
  std::atomic<bool> returned = false;
  {
    CallPool pool;
    EXPECT_EQ(pool.run(
                  "hangs",
                  [&returned, wait = dam.call()] {
                    wait();
                    returned = true;
                  },
                  300ms),
              Outcome::kOverran);
  }
  EXPECT_FALSE(returned);
  dam.open();
  EXPECT_TRUE(soon([&] { return returned.load(); }));
}

}  // namespace
}  // namespace oscar::plugin_runtime
