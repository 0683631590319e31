#pragma once

#include "domain/events.hpp"

#include <functional>
#include <memory>

namespace oscar::ports {

/// Where services and the engine announce what they have committed. Any thread; never blocks on a
/// subscriber.
class EventPublisher {
 public:
  /// Only what the store already holds. Never throws for a subscriber's sake.
  virtual void publish(Event event) = 0;

 protected:
  ~EventPublisher() = default;
};

/// Ends a subscription when destroyed. After the destructor returned, the handler is not running
/// and will not be called again.
class Subscription {
 public:
  virtual ~Subscription() = default;
};

/// Where listeners get the events. Any thread.
class EventSubscriber {
 public:
  /// Takes one event; see subscribe().
  using Handler = std::function<void(const Event&)>;

  /// `handler` is called on the bus's own thread, in the order of publication, and must be quick.
  /// An exception from it is logged and does not reach other subscribers.
  [[nodiscard]] virtual std::unique_ptr<Subscription> subscribe(Handler handler) = 0;

 protected:
  ~EventSubscriber() = default;
};

}  // namespace oscar::ports
