#include "events/event_bus.hpp"

#include <algorithm>
#include <string>

namespace oscar::events {

struct EventBus::Subscriber {
  Handler handler;
  std::mutex running;  // held while the handler runs, so that ending a subscription can wait for it
  bool ended = false;
};

class EventBus::BusSubscription final : public ports::Subscription {
 public:
  BusSubscription(EventBus& bus, std::shared_ptr<Subscriber> subscriber)
      : bus_{bus}, subscriber_{std::move(subscriber)} {}
  ~BusSubscription() override {
    {
      const std::lock_guard lock{bus_.subscribers_mutex_};
      std::erase(bus_.subscribers_, subscriber_);
    }
    const std::lock_guard lock{subscriber_->running};
    subscriber_->ended = true;
  }

 private:
  EventBus& bus_;
  std::shared_ptr<Subscriber> subscriber_;
};

EventBus::EventBus(ports::Log& log) : log_{log}, thread_{[this] { deliver(); }} {}

EventBus::~EventBus() {
  {
    const std::lock_guard lock{queue_mutex_};
    closing_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void EventBus::publish(Event event) {
  bool first_drop = false;
  {
    const std::lock_guard lock{queue_mutex_};
    if (queue_.size() >= kMaxQueued) {
      queue_.pop_front();
      first_drop = dropped_++ == 0;
    }
    queue_.push_back(std::move(event));
  }
  changed_.notify_all();
  if (first_drop) {
    log_.write(ports::LogLevel::kWarn, "events",
               "a subscriber is too slow: the oldest events are being dropped");
  }
}

std::unique_ptr<ports::Subscription> EventBus::subscribe(Handler handler) {
  auto subscriber = std::make_shared<Subscriber>();
  subscriber->handler = std::move(handler);
  const std::lock_guard lock{subscribers_mutex_};
  subscribers_.push_back(subscriber);
  return std::make_unique<BusSubscription>(*this, std::move(subscriber));
}

void EventBus::drain() {
  std::unique_lock lock{queue_mutex_};
  changed_.wait(lock, [this] { return queue_.empty() && !delivering_; });
}

void EventBus::deliver() {
  std::unique_lock lock{queue_mutex_};
  while (true) {
    changed_.wait(lock, [this] { return closing_ || !queue_.empty(); });
    if (queue_.empty()) return;
    const Event event = std::move(queue_.front());
    queue_.pop_front();
    delivering_ = true;
    lock.unlock();
    handOver(event);
    lock.lock();
    delivering_ = false;
    if (queue_.empty()) {
      dropped_ = 0;
      changed_.notify_all();
    }
  }
}

void EventBus::handOver(const Event& event) {
  std::vector<std::shared_ptr<Subscriber>> current;
  {
    const std::lock_guard lock{subscribers_mutex_};
    current = subscribers_;
  }
  for (const auto& subscriber : current) {
    const std::lock_guard lock{subscriber->running};
    if (subscriber->ended) continue;
    try {
      subscriber->handler(event);
    } catch (const std::exception& e) {
      log_.write(ports::LogLevel::kError, "events",
                 std::string{"a subscriber failed: "} + e.what());
    }
  }
}

}  // namespace oscar::events
