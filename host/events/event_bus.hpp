#pragma once

#include "ports/event_publisher.hpp"
#include "ports/log.hpp"

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace oscar::events {

/// The in-process bus: publishers put events into a queue and go on, one thread hands them to the
/// subscribers in order.
///
/// The queue is bounded: when a subscriber hangs so long that `kMaxQueued` events wait, the oldest
/// are dropped and the log says so. That is safe because events are hints about what the store
/// holds.
class EventBus final : public ports::EventPublisher, public ports::EventSubscriber {
 public:
  static constexpr std::size_t kMaxQueued = 20'000;

  explicit EventBus(ports::Log& log);
  /// Delivers what is queued, then ends the thread. Subscriptions must be gone before.
  ~EventBus();
  EventBus(const EventBus&) = delete;
  EventBus& operator=(const EventBus&) = delete;

  void publish(Event event) override;
  [[nodiscard]] std::unique_ptr<ports::Subscription> subscribe(Handler handler) override;

  /// Waits until everything published before the call has been delivered. For tests and shutdown;
  /// not from a handler.
  void drain();

 private:
  struct Subscriber;
  class BusSubscription;

  void deliver();
  void handOver(const Event& event);

  ports::Log& log_;
  std::mutex queue_mutex_;
  std::condition_variable changed_;
  std::deque<Event> queue_;
  bool delivering_ = false;
  bool closing_ = false;
  std::size_t dropped_ = 0;

  std::mutex subscribers_mutex_;
  std::vector<std::shared_ptr<Subscriber>> subscribers_;

  std::thread thread_;  // last: it uses everything above
};

}  // namespace oscar::events
