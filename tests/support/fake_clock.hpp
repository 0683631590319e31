#pragma once

#include "ports/clock.hpp"

#include <atomic>

namespace oscar::test {

/// A clock that stands still until it is turned. Any thread.
class FakeClock final : public ports::Clock {
 public:
  Timestamp now() const override { return fromMillis(wall_ms_); }
  std::chrono::steady_clock::time_point steady() const override {
    return std::chrono::steady_clock::time_point{std::chrono::milliseconds{steady_ms_}};
  }
  /// Turns both clocks forward.
  void advance(std::chrono::milliseconds by) {
    wall_ms_ += by.count();
    steady_ms_ += by.count();
  }

 private:
  std::atomic<std::int64_t> wall_ms_ = 1'767'225'600'000;  // 2026-01-01T00:00:00Z
  std::atomic<std::int64_t> steady_ms_ = 1'000'000;
};

}  // namespace oscar::test
