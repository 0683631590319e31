#pragma once

#include "domain/time.hpp"

#include <chrono>

namespace oscar::ports {

/// Time, so that tests can turn it.
class Clock {
 public:
  /// Wall time, UTC.
  virtual Timestamp now() const = 0;
  /// Never goes back; for durations and deadlines.
  virtual std::chrono::steady_clock::time_point steady() const = 0;

 protected:
  ~Clock() = default;
};

}  // namespace oscar::ports
