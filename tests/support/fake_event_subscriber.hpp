#pragma once

#include "ports/event_publisher.hpp"

#include <memory>
#include <mutex>
#include <utility>

namespace oscar::test {

/// Hands events to its one subscriber on the caller's thread. Any thread.
class FakeEventSubscriber final : public ports::EventSubscriber {
 public:
  [[nodiscard]] std::unique_ptr<ports::Subscription> subscribe(Handler handler) override {
    const std::lock_guard lock{mutex_};
    handler_ = std::move(handler);
    return std::make_unique<FakeSubscription>(*this);
  }
  void deliver(const Event& event) {
    const std::lock_guard lock{mutex_};
    if (handler_) handler_(event);
  }
  bool subscribed() const {
    const std::lock_guard lock{mutex_};
    return handler_ != nullptr;
  }

 private:
  class FakeSubscription final : public ports::Subscription {
   public:
    explicit FakeSubscription(FakeEventSubscriber& owner) : owner_{owner} {}
    ~FakeSubscription() override {
      const std::lock_guard lock{owner_.mutex_};
      owner_.handler_ = nullptr;
    }

   private:
    FakeEventSubscriber& owner_;
  };

  mutable std::mutex mutex_;
  Handler handler_;
};

}  // namespace oscar::test
