#include "events/event_bus.hpp"

#include "support/fake_log.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>

namespace oscar::events {
namespace {

std::string idOf(const Event& event) {
  return std::get<ExecutionSubmitted>(event).execution_id;
}

TEST(EventBus, DeliversInOrderToEverySubscriber) {
  test::FakeLog log;
  EventBus bus{log};
  std::vector<std::string> first;
  std::vector<std::string> second;
  const auto a = bus.subscribe([&](const Event& e) { first.push_back(idOf(e)); });
  const auto b = bus.subscribe([&](const Event& e) { second.push_back(idOf(e)); });
  for (int i = 0; i < 100; ++i) bus.publish(ExecutionSubmitted{std::to_string(i)});
  bus.drain();
  ASSERT_EQ(first.size(), 100U);
  EXPECT_EQ(first[0], "0");
  EXPECT_EQ(first[99], "99");
  EXPECT_EQ(first, second);
}

TEST(EventBus, AnEndedSubscriptionIsNeverCalledAgain) {
  test::FakeLog log;
  EventBus bus{log};
  std::atomic<int> calls{0};
  auto subscription = bus.subscribe([&](const Event&) { ++calls; });
  bus.publish(ExecutionSubmitted{"1"});
  bus.drain();
  subscription.reset();
  bus.publish(ExecutionSubmitted{"2"});
  bus.drain();
  EXPECT_EQ(calls, 1);
}

TEST(EventBus, AFailingSubscriberDoesNotHurtTheOthers) {
  test::FakeLog log;
  EventBus bus{log};
  int calls = 0;
  const auto bad = bus.subscribe([](const Event&) { throw std::runtime_error{"broken"}; });
  const auto good = bus.subscribe([&](const Event&) { ++calls; });
  bus.publish(ExecutionSubmitted{"1"});
  bus.publish(ExecutionSubmitted{"2"});
  bus.drain();
  EXPECT_EQ(calls, 2);
}

TEST(EventBus, PublishNeverWaitsForASlowSubscriber) {
  test::FakeLog log;
  EventBus bus{log};
  std::mutex gate;
  gate.lock();
  std::size_t calls = 0;
  const auto slow = bus.subscribe([&](const Event&) {
    const std::lock_guard lock{gate};
    ++calls;
  });
  const std::size_t published = EventBus::kMaxQueued + 500;
  for (std::size_t i = 0; i < published; ++i) bus.publish(ExecutionSubmitted{"x"});
  gate.unlock();
  bus.drain();
  EXPECT_GE(calls, EventBus::kMaxQueued);
  EXPECT_LT(calls, published);
}

}  // namespace
}  // namespace oscar::events
