#pragma once

#include "ports/event_publisher.hpp"

#include <mutex>
#include <utility>
#include <variant>
#include <vector>

namespace oscar::test {

/// Keeps what was published, in order. Any thread.
class FakeEventPublisher final : public ports::EventPublisher {
 public:
  void publish(Event event) override {
    const std::lock_guard lock{mutex_};
    events_.push_back(std::move(event));
  }

  std::vector<Event> events() const {
    const std::lock_guard lock{mutex_};
    return events_;
  }

  /// The events of one type.
  template <typename T>
  std::vector<T> of() const {
    std::vector<T> found;
    for (const Event& event : events()) {
      if (const T* typed = std::get_if<T>(&event)) found.push_back(*typed);
    }
    return found;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Event> events_;
};

}  // namespace oscar::test
