#include "store/execution_search.hpp"

#include "store/execution_criteria.hpp"
#include "store/execution_listing.hpp"
#include "store/execution_rows.hpp"

#include <algorithm>
#include <utility>

namespace oscar::store {
namespace {

using enum ExecutionStatus;

/// Rows may change between the moment they are chosen and the moment they are read; then they are
/// chosen again. So often in a row it cannot be chance.
constexpr int kAttempts = 3;

std::vector<Execution> readRows(Sql& sql, const std::vector<std::int64_t>& numbers) {
  const std::string select = "SELECT " + std::string{listedExecutionColumns()} +
                             " FROM execution_records e WHERE e.number IN (" +
                             placeholders(numbers.size()) + ") ORDER BY e.number DESC";
  std::vector<Execution> result;
  result.reserve(numbers.size());
  for (auto& row : sql.query({select, executionTypes()}, Values(numbers.begin(), numbers.end()))) {
    result.push_back(executionOf(row));
  }
  return result;
}

/// Whether every execution is still there and has a status that was asked for: all else that can
/// be filtered by never changes.
bool stillMatch(const Page<Execution>& page, std::size_t wanted,
                const ExecutionCriteria& criteria) {
  return page.items.size() == wanted &&
         std::all_of(page.items.begin(), page.items.end(), [&](const Execution& execution) {
           return allowsStatus(criteria, execution.status);
         });
}

}  // namespace

std::optional<Page<Execution>> ExecutionSearch::listMirrored(const ExecutionFilter& filter,
                                                             const PageRequest& page) {
  const ExecutionCriteria criteria = criteriaOf(filter);
  Page<Execution> result;
  for (int attempt = 1; attempt <= kAttempts; ++attempt) {
    const std::int64_t changes = mirror_.changes();
    const auto found = database_.read([&](Sql& sql) -> std::optional<ExecutionMirror::Found> {
      if (!mirror_.follow(sql, changes)) return std::nullopt;
      return mirror_.page(sql, filter, page);
    });
    if (!found) return std::nullopt;
    result.total = found->total;
    result.items.clear();
    if (found->numbers.empty()) break;
    // A transaction of its own: one that began before the mirror was brought up to date by another
    // thread would not see its newest executions.
    result.items = database_.read([&](Sql& sql) { return readRows(sql, found->numbers); });
    if (stillMatch(result, found->numbers.size(), criteria)) break;
  }
  return result;
}

Page<Execution> ExecutionSearch::list(const ExecutionFilter& filter, const PageRequest& page) {
  if (auto result = listMirrored(filter, page)) return std::move(*result);
  return database_.read([&](Sql& sql) { return scan_.list(sql, filter, page); });
}

ExecutionStatistics ExecutionSearch::statistics(const ExecutionFilter& filter) {
  const std::int64_t changes = mirror_.changes();
  const ExecutionTotals found = database_.read([&](Sql& sql) {
    auto totals = mirror_.follow(sql, changes) ? mirror_.totals(sql, filter) : std::nullopt;
    return totals ? *totals : scan_.totals(sql, filter);
  });
  ExecutionStatistics result;
  result.total = found.all();
  result.succeeded = found.of(kCompleted);
  result.failed = found.of(kFailed);
  result.cancelled = found.of(kCancelled);
  result.active = found.of(kPending) + found.of(kRunning);
  if (const auto ended = result.succeeded + result.failed; ended > 0) {
    result.success_rate =
        100.0 * static_cast<double>(result.succeeded) / static_cast<double>(ended);
  }
  if (found.durations > 0) {
    result.average_duration_seconds =
        static_cast<double>(found.duration_seconds) / static_cast<double>(found.durations);
  }
  return result;
}

}  // namespace oscar::store
