#include "store/execution_counters.hpp"

namespace oscar::store {
namespace {

constexpr Query kSelectCounters{
    "SELECT status, executions, durations, duration_seconds, changes FROM execution_counters",
    "siiii"};

}  // namespace

ExecutionCounters readCounters(Sql& sql) {
  ExecutionCounters counters;
  for (auto& row : sql.query(kSelectCounters)) {
    const auto status = parseExecutionStatus(row.text());
    const std::int64_t executions = row.integer();
    const std::int64_t durations = row.integer();
    const std::int64_t seconds = row.integer();
    counters.changes += row.integer();
    if (!status) continue;
    counters.totals.of(*status) = executions;
    if (*status != ExecutionStatus::kCompleted) continue;
    counters.totals.durations = durations;
    counters.totals.duration_seconds = seconds;
  }
  return counters;
}

}  // namespace oscar::store
