#pragma once

#include "domain/execution.hpp"

#include <array>
#include <cstdint>

namespace oscar::store {

/// Sums over executions.
struct ExecutionTotals {
  std::array<std::int64_t, 6> executions{};  ///< by status; statuses count from 1
  std::int64_t durations = 0;                ///< completed ones whose duration is known
  std::int64_t duration_seconds = 0;

  std::int64_t& of(ExecutionStatus status) { return executions[static_cast<std::size_t>(status)]; }
  std::int64_t of(ExecutionStatus status) const {
    return executions[static_cast<std::size_t>(status)];
  }
  std::int64_t all() const {
    std::int64_t sum = 0;
    for (const auto count : executions) sum += count;
    return sum;
  }
  /// Adds (sign 1) or takes away (-1) one execution.
  void count(ExecutionStatus status, std::int64_t seconds_or_negative, int sign) {
    of(status) += sign;
    if (status != ExecutionStatus::kCompleted || seconds_or_negative < 0) return;
    durations += sign;
    duration_seconds += sign * seconds_or_negative;
  }
  ExecutionTotals operator-(const ExecutionTotals& other) const {
    ExecutionTotals result = *this;
    for (std::size_t i = 0; i < executions.size(); ++i) result.executions[i] -= other.executions[i];
    result.durations -= other.durations;
    result.duration_seconds -= other.duration_seconds;
    return result;
  }
  bool operator==(const ExecutionTotals&) const = default;
};

}  // namespace oscar::store
