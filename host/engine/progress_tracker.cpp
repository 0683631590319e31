#include "engine/progress_tracker.hpp"

#include <algorithm>
#include <cmath>

namespace oscar::engine {

void ProgressTracker::count(std::int64_t rows_copied, double at_seconds) {
  if (last_at > 0 && at_seconds > last_at && rows_copied >= rows) {
    const double elapsed = at_seconds - last_at;
    const double rate = static_cast<double>(rows_copied - rows) / elapsed;
    if (measured_seconds <= 0) {
      speed = rate;
    } else {
      const double keep = std::exp2(-elapsed / kHalfLifeSeconds);
      // Weighted by what has been measured at all, or the first seconds would count for too long.
      const double known = 1 - std::exp2(-measured_seconds / kHalfLifeSeconds);
      const double weight = (1 - keep) / (1 - keep + keep * known);
      speed += weight * (rate - speed);
    }
    measured_seconds += elapsed;
    last_at = at_seconds;
  } else if (last_at <= 0) {
    last_at = at_seconds;
  }
  rows = std::max(rows, rows_copied);
}

std::optional<double> ProgressTracker::percent() const {
  if (estimate <= 0) return std::nullopt;
  const double value = 100.0 * static_cast<double>(rows) / static_cast<double>(estimate);
  return std::min(kCeilingPercent, std::round(value * 10) / 10);
}

std::optional<double> ProgressTracker::rowsPerSecond() const {
  if (measured_seconds <= 0) return std::nullopt;
  return std::round(speed * 10) / 10;
}

std::optional<std::int64_t> ProgressTracker::etaSeconds() const {
  // Past the estimate nobody knows how much is left.
  if (estimate <= 0 || rows >= estimate || measured_seconds < 1 || speed < 1e-3) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(std::ceil(static_cast<double>(estimate - rows) / speed));
}

}  // namespace oscar::engine
