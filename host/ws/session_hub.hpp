#pragma once

#include "ports/clock.hpp"
#include "ports/event_publisher.hpp"
#include "ports/execution_store.hpp"
#include "ports/log.hpp"
#include "ports/stores.hpp"
#include "ports/upgrade_handler.hpp"
#include "ws/viewer.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace oscar::ws {

/// Bounds of what all viewers together may take.
struct HubLimits {
  ViewerLimits viewer;
  std::size_t max_viewers = 500;
  std::chrono::milliseconds check_sessions_every{30'000};
};

/// Every open WebSocket. One thread owns all sockets and never waits for any of them, nor for the
/// store: a second thread reads that. Events come from the bus and are kept per execution, bounded,
/// until the owner takes them. Thread-safe.
class SessionHub {
 public:
  SessionHub(ports::EventSubscriber& events, ports::ExecutionStore& executions,
             ports::SessionStore& sessions, const ports::Clock& clock, ports::Log& log,
             const HubLimits& limits = {});
  /// stop().
  ~SessionHub();

  /// False when max_viewers are connected.
  bool hasRoom() const;
  std::size_t viewers() const;
  /// Takes over a socket whose handshake is done; closes it when there is no room any more.
  void adopt(std::unique_ptr<ports::DetachedSocket> socket, std::string early, Watch watch);
  /// Says goodbye to every viewer (1001) and ends both threads. Idempotent.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace oscar::ws
