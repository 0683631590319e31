#include "store/execution_scan.hpp"

#include "store/execution_counters.hpp"
#include "store/execution_listing.hpp"
#include "store/execution_rows.hpp"

#include <algorithm>
#include <array>

namespace oscar::store {
namespace {

using enum ExecutionStatus;

constexpr std::array kAllStatuses{kPending, kRunning, kCompleted, kFailed, kCancelled};
constexpr std::size_t kMaxRemembered = 512;
/// So few rows are sorted quicker than an index in list order is walked to find them.
constexpr std::int64_t kFewRows = 2000;

constexpr std::string_view kSelectAggregate =
    "SELECT COUNT(CASE WHEN status = 'pending' THEN 1 END),"
    " COUNT(CASE WHEN status = 'running' THEN 1 END),"
    " COUNT(CASE WHEN status = 'completed' THEN 1 END),"
    " COUNT(CASE WHEN status = 'failed' THEN 1 END),"
    " COUNT(CASE WHEN status = 'cancelled' THEN 1 END),"
    " COUNT(CASE WHEN status = 'completed' THEN duration_seconds END),"
    " SUM(CASE WHEN status = 'completed' THEN duration_seconds END),"
    " MIN(number), MAX(number) FROM execution_records";
constexpr std::string_view kAggregateTypes = "iiiiiiiii";
constexpr std::string_view kAnyOfKeyword =
    "number IN (SELECT s.number FROM execution_search s WHERE s.haystack LIKE ? ESCAPE '!')";
// For a page, which ends at the first rows that match: looks only at those that it walks by.
constexpr std::string_view kHasKeyword =
    "EXISTS (SELECT 1 FROM execution_search s WHERE s.number = execution_records.number"
    " AND s.haystack LIKE ? ESCAPE '!')";

bool unfinishedOnly(const ExecutionCriteria& criteria) {
  const auto* wanted = findCriterion<HasStatus>(criteria);
  return wanted && std::all_of(wanted->any_of.begin(), wanted->any_of.end(),
                               [](ExecutionStatus status) { return !isFinal(status); });
}

std::vector<ExactColumn> exactColumns(const ExecutionCriteria& criteria) {
  std::vector<ExactColumn> columns;
  for (const auto& criterion : criteria) {
    if (const auto* exactly = std::get_if<IsExactly>(&criterion))
      columns.push_back(exactly->column);
  }
  return columns;
}

std::string_view indexOfOne(ExactColumn column) {
  switch (column) {
    case ExactColumn::kTableName:
      return "idx_table_name";
    case ExactColumn::kDatabaseName:
      return "idx_database";
    case ExactColumn::kCreatedBy:
      return "idx_created_by";
    case ExactColumn::kConnectionId:
      return "idx_connection";
    case ExactColumn::kDdlType:
      return "idx_ddl_type";
  }
  return "idx_filter";
}

/// The index that holds every column the criteria need, in list order where possible. Chosen here
/// and not by the server, because its guess changes with its statistics and so would the times.
std::string_view indexOf(const ExecutionCriteria& criteria) {
  if (unfinishedOnly(criteria)) return "idx_status";
  const auto columns = exactColumns(criteria);
  if (columns.size() == 1) return indexOfOne(columns.front());
  const std::vector both{ExactColumn::kTableName, ExactColumn::kDatabaseName};
  return columns == both ? "idx_table" : "idx_filter";
}

std::string_view aggregateIndex(const ExecutionCriteria& criteria) {
  const bool time_only = exactColumns(criteria).empty() && findCriterion<IsCreatedWithin>(criteria);
  return time_only && !unfinishedOnly(criteria) ? "idx_created_at" : indexOf(criteria);
}

std::string_view pageIndex(const ExecutionCriteria& criteria, std::int64_t total) {
  if (!exactColumns(criteria).empty()) return indexOf(criteria);
  const auto* statuses = findCriterion<HasStatus>(criteria);
  if (statuses && (statuses->any_of.size() == 1 || total <= kFewRows)) return "idx_status";
  if (findCriterion<IsCreatedWithin>(criteria) && total <= kFewRows) return "idx_created_at";
  return indexOf(criteria);
}

std::string selectFrom(std::string_view select, std::string_view index) {
  return std::string{select} + "{index:" + std::string{index} + "}";
}

}  // namespace

ExecutionScan::Aggregate ExecutionScan::compute(Sql& sql, std::string_view index,
                                                const SqlCondition& condition) {
  const std::string select = selectFrom(kSelectAggregate, index) + condition.sql;
  auto row = sql.one({select, kAggregateTypes}, condition.values);
  Aggregate result;
  for (const auto status : kAllStatuses) result.totals.of(status) = row->integer();
  result.totals.durations = row->integer();
  result.totals.duration_seconds = row->integer();
  result.min_number = row->integer();
  result.max_number = row->integer();
  return result;
}

std::shared_ptr<ExecutionScan::Remembered> ExecutionScan::remembered(
    const SqlCondition& condition) {
  const std::lock_guard lock{mutex_};
  if (remembered_.size() >= kMaxRemembered && !remembered_.contains(condition)) remembered_.clear();
  auto& entry = remembered_[condition];
  if (!entry) entry = std::make_shared<Remembered>();
  return entry;
}

ExecutionScan::Aggregate ExecutionScan::aggregate(Sql& sql, const ExecutionCriteria& criteria) {
  const ExecutionCounters counters = readCounters(sql);
  if (onlyStatuses(criteria)) {
    Aggregate result;
    for (const auto status : kAllStatuses) {
      if (allowsStatus(criteria, status)) result.totals.of(status) = counters.totals.of(status);
    }
    if (!allowsStatus(criteria, kCompleted)) return result;
    result.totals.durations = counters.totals.durations;
    result.totals.duration_seconds = counters.totals.duration_seconds;
    return result;
  }
  const SqlCondition condition = conditionOf(criteria, kAnyOfKeyword);
  const auto entry = remembered(condition);
  const std::lock_guard lock{entry->mutex};
  if (entry->changes != counters.changes) {
    // `changes` was read first: what is computed now is at least as new, so remembering it under
    // that number can only make it be computed once more than needed.
    entry->aggregate = compute(sql, aggregateIndex(criteria), condition);
    entry->changes = counters.changes;
  }
  return entry->aggregate;
}

Page<Execution> ExecutionScan::list(Sql& sql, const ExecutionFilter& filter,
                                    const PageRequest& page) {
  const ExecutionCriteria criteria = criteriaOf(filter);
  const Aggregate found = aggregate(sql, criteria);
  Page<Execution> result;
  result.total = found.totals.all();
  const bool keyset = page.before_number > 0;
  const std::int64_t offset = keyset ? 0 : std::int64_t{page.page - 1} * page.page_size;
  // Stopping at the last match spares walking the rest of the index for one that does not exist.
  const std::int64_t limit = std::min<std::int64_t>(page.page_size, result.total - offset);
  if (limit <= 0) return result;

  // The second half of a long list is nearer from its other end.
  const bool from_end = !keyset && offset + limit > result.total / 2;
  SqlCondition condition = conditionOf(criteria, kHasKeyword);
  if (!onlyStatuses(criteria)) {
    condition.add("number >= ?", found.min_number);
    condition.add("number <= ?", found.max_number);
  }
  if (keyset) condition.add("number < ?", page.before_number);
  const std::string select =
      "SELECT " + std::string{listedExecutionColumns()} + " FROM (" +
      selectFrom("SELECT number FROM execution_records", pageIndex(criteria, result.total)) +
      condition.sql + " ORDER BY number " + (from_end ? "ASC" : "DESC") +
      " LIMIT ? OFFSET ?) p"
      " JOIN execution_records e ON e.number = p.number"
      " ORDER BY e.number DESC";
  condition.values.emplace_back(limit);
  condition.values.emplace_back(from_end ? result.total - offset - limit : offset);
  for (auto& row : sql.query({select, executionTypes()}, condition.values)) {
    result.items.push_back(executionOf(row));
  }
  return result;
}

ExecutionTotals ExecutionScan::totals(Sql& sql, const ExecutionFilter& filter) {
  return aggregate(sql, criteriaOf(filter)).totals;
}

}  // namespace oscar::store
