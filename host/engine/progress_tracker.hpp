#pragma once

#include <cstdint>
#include <optional>

namespace oscar::engine {

/// Turns row counts into percent, speed and time left, without ever claiming more than is known.
///
/// Speed is an exponential average whose weight follows elapsed time (half-life kHalfLifeSeconds),
/// so it does not depend on how often counts arrive. All state is plain data: it is stored with the
/// log and taken up again after a restart, so progress never restarts at 0.
struct ProgressTracker {
  static constexpr double kHalfLifeSeconds = 10;
  /// Shown while rows exceed the estimate: the copy is not over before pt-osc says so.
  static constexpr double kCeilingPercent = 99.9;

  std::int64_t rows = 0;
  std::int64_t estimate = 0;  ///< 0 = unknown
  double speed = 0;           ///< rows per second; valid when `measured_seconds` > 0
  double measured_seconds = 0;
  double last_at = 0;  ///< epoch seconds of the last count, 0 = none yet

  /// The copy began, or goes on after a pause: time until the next count does not count as copying.
  void restartClock(double at_seconds) { last_at = at_seconds; }
  /// `rows_copied` in total so far, at `at_seconds` (epoch).
  void count(std::int64_t rows_copied, double at_seconds);

  std::optional<double> percent() const;
  bool estimateExceeded() const { return estimate > 0 && rows > estimate; }
  std::optional<double> rowsPerSecond() const;
  std::optional<std::int64_t> etaSeconds() const;
};

}  // namespace oscar::engine
