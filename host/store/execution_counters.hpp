#pragma once

#include "store/execution_totals.hpp"
#include "store/sql.hpp"

#include <cstdint>

namespace oscar::store {

/// The table `execution_counters`.
struct ExecutionCounters {
  ExecutionTotals totals;
  std::int64_t changes = 0;  ///< moves with every insert and status change
};

/// All rows of the table, summed where there is no status to tell apart.
ExecutionCounters readCounters(Sql& sql);

}  // namespace oscar::store
