#pragma once

#include "domain/execution.hpp"
#include "domain/page.hpp"
#include "store/execution_criteria.hpp"
#include "store/execution_totals.hpp"
#include "store/sql.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>

namespace oscar::store {

/// Lists and totals by SQL alone, for stores with more executions than ExecutionMirror takes and
/// while another thread is bringing it up to date.
///
/// Totals of so many rows are too slow to count for every page, so each condition's aggregate is
/// remembered with the number of changes (execution_counters.changes) that it was computed at, and
/// computed again when that number has moved: what is remembered is never the truth, and several
/// nodes may share a store. Thread-safe.
class ExecutionScan {
 public:
  /// Newest first. On MySQL the total and the rows may be of two moments.
  Page<Execution> list(Sql& sql, const ExecutionFilter& filter, const PageRequest& page);
  /// Sums over the executions that match.
  ExecutionTotals totals(Sql& sql, const ExecutionFilter& filter);

 private:
  /// Sums over the executions that meet a condition, and between which numbers they lie.
  struct Aggregate {
    ExecutionTotals totals;
    std::int64_t min_number = 0;
    std::int64_t max_number = INT64_MAX;
  };
  struct Remembered {
    std::mutex mutex;  ///< held while computing: others wait for the result instead of repeating it
    std::int64_t changes = -1;
    Aggregate aggregate;
  };

  Aggregate aggregate(Sql& sql, const ExecutionCriteria& criteria);
  static Aggregate compute(Sql& sql, std::string_view index, const SqlCondition& condition);
  std::shared_ptr<Remembered> remembered(const SqlCondition& condition);

  std::mutex mutex_;
  std::map<SqlCondition, std::shared_ptr<Remembered>> remembered_;
};

}  // namespace oscar::store
