#include "http/connection_watch.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <sys/socket.h>
#include <unistd.h>

namespace oscar::http {
namespace {

using namespace std::chrono_literals;
using Clock = ConnectionWatch::Clock;

/// Two ends of a connection; the watch has one of them.
class Pair {
 public:
  Pair() {
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends_.data()) != 0) ADD_FAILURE() << "socketpair";
  }
  ~Pair() {
    for (const int end : ends_) ::close(end);
  }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;

  int watched() const { return ends_[0]; }
  bool isCut() const {
    char byte = 0;
    return ::recv(ends_[1], &byte, 1, MSG_DONTWAIT) == 0;
  }
  bool isCutWithin(std::chrono::milliseconds time) const {
    const auto end = Clock::now() + time;
    while (!isCut() && Clock::now() < end) std::this_thread::sleep_for(10ms);
    return isCut();
  }

 private:
  std::array<int, 2> ends_{};
};

class ConnectionWatchTest : public testing::Test {
 protected:
  std::uint64_t add(const Pair& pair, const std::string& peer) {
    return watch_.add(pair.watched(), peer, kFar);
  }
  static int cutAmong(const std::vector<const Pair*>& pairs) {
    int count = 0;
    for (const Pair* pair : pairs) count += pair->isCut() ? 1 : 0;
    return count;
  }

  const Clock::time_point kFar = Clock::now() + 1h;
  std::atomic<int> waiting_{0};
  ConnectionWatch watch_{[this] { return waiting_.exchange(0); }};
};

TEST_F(ConnectionWatchTest, CutsWhatIsLateInAnyPhase) {
  const Pair idle;
  const Pair receiving;
  const Pair serving;
  const Pair working;
  const auto soon = Clock::now() + 100ms;
  watch_.add(idle.watched(), "a", soon);
  watch_.receiving(add(receiving, "a"), soon);
  watch_.serving(add(serving, "a"), soon);
  watch_.serving(add(working, "a"), Clock::time_point::max());
  for (const Pair* late : {&idle, &receiving, &serving}) EXPECT_TRUE(late->isCutWithin(2s));
  EXPECT_FALSE(working.isCut());
}

TEST_F(ConnectionWatchTest, IdleOnesGiveWayFirstTheLongestIdleOfThem) {
  const Pair receiving;
  const Pair old;
  const Pair young;
  watch_.receiving(add(receiving, "a"), kFar);
  add(old, "b");
  std::this_thread::sleep_for(50ms);
  add(young, "b");
  std::this_thread::sleep_for(1200ms);
  waiting_ = 1;
  EXPECT_TRUE(old.isCutWithin(1s));
  EXPECT_FALSE(young.isCut());
  EXPECT_FALSE(receiving.isCut());
}

TEST_F(ConnectionWatchTest, ThenUnfinishedRequestsOfThePeerThatHasTheMost) {
  const Pair lone;
  const Pair first;
  const Pair second;
  const Pair served;
  watch_.receiving(add(lone, "slow but honest"), kFar);
  watch_.receiving(add(first, "flood"), kFar);
  watch_.receiving(add(second, "flood"), kFar);
  watch_.serving(add(served, "flood"), kFar);
  std::this_thread::sleep_for(1200ms);
  waiting_ = 2;
  EXPECT_TRUE(first.isCutWithin(1s));
  EXPECT_TRUE(second.isCutWithin(1s));
  EXPECT_EQ(cutAmong({&lone, &served}), 0);
}

TEST_F(ConnectionWatchTest, YoungRequestsAndServedOnesNeverGiveWay) {
  const Pair young;
  const Pair served;
  watch_.serving(add(served, "a"), kFar);
  std::this_thread::sleep_for(1200ms);
  watch_.receiving(add(young, "a"), kFar);
  waiting_ = 5;
  EXPECT_FALSE(young.isCutWithin(500ms));
  EXPECT_FALSE(served.isCut());
}

TEST_F(ConnectionWatchTest, ABodyDoesNotMakeItsRequestYounger) {
  const Pair pair;
  const auto id = add(pair, "a");
  watch_.receiving(id, kFar);
  std::this_thread::sleep_for(1200ms);
  watch_.receiving(id, kFar);
  waiting_ = 1;
  EXPECT_TRUE(pair.isCutWithin(700ms));
}

TEST_F(ConnectionWatchTest, LeavesAloneWhatWasRemoved) {
  const Pair pair;
  const auto id = add(pair, "a");
  watch_.remove(id);
  watch_.cut(id);
  watch_.cutAll();
  EXPECT_FALSE(pair.isCut());
  EXPECT_EQ(watch_.size(), 0U);
}

}  // namespace
}  // namespace oscar::http
