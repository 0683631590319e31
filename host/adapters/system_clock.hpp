#pragma once

#include "ports/clock.hpp"

namespace oscar::adapters {

/// The machine's own clocks. Any thread.
class SystemClock final : public ports::Clock {
 public:
  Timestamp now() const override;
  std::chrono::steady_clock::time_point steady() const override;
};

}  // namespace oscar::adapters
