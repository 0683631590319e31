#pragma once

#include "domain/execution.hpp"
#include "domain/page.hpp"
#include "store/database.hpp"
#include "store/execution_mirror.hpp"
#include "store/execution_scan.hpp"

#include <optional>

namespace oscar::store {

/// Lists and statistics of executions: the mirror says which, the database gives their rows.
/// Thread-safe. `database` must outlive it.
class ExecutionSearch {
 public:
  explicit ExecutionSearch(Database& database, const ExecutionMirror::Limits& limits)
      : database_{database}, mirror_{limits} {}

  /// The executions come without what listedExecutionColumns leaves out.
  Page<Execution> list(const ExecutionFilter& filter, const PageRequest& page);
  ExecutionStatistics statistics(const ExecutionFilter& filter);

 private:
  std::optional<Page<Execution>> listMirrored(const ExecutionFilter& filter,
                                              const PageRequest& page);

  Database& database_;
  ExecutionMirror mirror_;
  ExecutionScan scan_;
};

}  // namespace oscar::store
