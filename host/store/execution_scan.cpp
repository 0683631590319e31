#include "store/execution_scan.hpp"

#include "store/execution_counters.hpp"
#include "store/execution_keyword.hpp"
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

bool unfinishedOnly(const ExecutionFilter& filter) {
  return !filter.statuses.empty() &&
         std::all_of(filter.statuses.begin(), filter.statuses.end(),
                     [](ExecutionStatus status) { return !isFinal(status); });
}

/// Filters other than status, time and keyword.
int exactFilters(const ExecutionFilter& filter) {
  return !filter.table_name.empty() + !filter.database_name.empty() +
         !filter.connection_id.empty() + !filter.created_by.empty() + filter.ddl_type.has_value();
}

/// The index that holds every column the filter needs, in list order where possible. Chosen here
/// and not by the server, because its guess changes with its statistics and so would the times.
std::string indexOf(const ExecutionFilter& filter) {
  if (unfinishedOnly(filter)) return "idx_status";
  const int filters = exactFilters(filter);
  if (filters == 2 && !filter.table_name.empty() && !filter.database_name.empty()) {
    return "idx_table";
  }
  if (filters == 1) {
    if (!filter.table_name.empty()) return "idx_table_name";
    if (!filter.database_name.empty()) return "idx_database";
    if (!filter.connection_id.empty()) return "idx_connection";
    if (!filter.created_by.empty()) return "idx_created_by";
    return "idx_ddl_type";
  }
  return "idx_filter";
}

std::string aggregateIndex(const ExecutionFilter& filter) {
  const bool time_only = exactFilters(filter) == 0 && (filter.from || filter.to);
  return time_only && !unfinishedOnly(filter) ? "idx_created_at" : indexOf(filter);
}

std::string pageIndex(const ExecutionFilter& filter, std::int64_t total) {
  if (exactFilters(filter) > 0) return indexOf(filter);
  const bool one_status = filter.statuses.size() == 1;
  if (one_status || (!filter.statuses.empty() && total <= kFewRows)) return "idx_status";
  if ((filter.from || filter.to) && total <= kFewRows) return "idx_created_at";
  return indexOf(filter);
}

struct Condition {
  std::string sql;
  Values values;

  void add(std::string_view clause, Value value) {
    add(clause);
    values.push_back(std::move(value));
  }
  void add(std::string_view clause) {
    sql += sql.empty() ? " WHERE " : " AND ";
    sql += clause;
  }
};

/// A new filter goes into conditionOf AND ExecutionMirror::Matcher (execution_mirror.cpp) AND
/// matches (execution_search_test.cpp), and into keyOf.
Condition conditionOf(const ExecutionFilter& filter, std::string_view keyword_clause) {
  Condition condition;
  if (!filter.table_name.empty()) condition.add("table_name = ?", filter.table_name);
  if (!filter.database_name.empty()) condition.add("database_name = ?", filter.database_name);
  if (!filter.connection_id.empty()) condition.add("connection_id = ?", filter.connection_id);
  if (!filter.created_by.empty()) condition.add("created_by = ?", filter.created_by);
  if (filter.ddl_type) condition.add("ddl_type = ?", std::string{toString(*filter.ddl_type)});
  if (!filter.statuses.empty()) {
    condition.add("status IN (" + placeholders(filter.statuses.size()) + ")");
    for (const auto status : filter.statuses) {
      condition.values.emplace_back(std::string{toString(status)});
    }
  }
  if (filter.from) condition.add("created_at >= ?", *filter.from);
  if (filter.to) condition.add("created_at < ?", *filter.to);
  if (filter.keyword.empty()) return condition;
  const ExecutionKeyword keyword{filter.keyword};
  if (keyword.number) {
    const bool or_text = !keyword.text.empty();
    condition.add(or_text ? "(number = ? OR " + std::string{keyword_clause} + ")" : "number = ?",
                  *keyword.number);
    if (or_text) condition.values.emplace_back(containsPattern(keyword.text));
  } else {
    condition.add(keyword_clause, containsPattern(keyword.text));
  }
  return condition;
}

/// Text that differs whenever the filters differ.
std::string keyOf(const ExecutionFilter& filter) {
  std::string key;
  const auto part = [&key](const std::string& text) {
    key += std::to_string(text.size()) + ':' + text;
  };
  part(filter.table_name);
  part(filter.database_name);
  part(filter.connection_id);
  part(filter.created_by);
  part(filter.keyword);
  part(filter.ddl_type ? std::string{toString(*filter.ddl_type)} : "");
  part(filter.from ? std::to_string(toMillis(*filter.from)) : "");
  part(filter.to ? std::to_string(toMillis(*filter.to)) : "");
  for (const auto status : filter.statuses) part(std::string{toString(status)});
  return key;
}

bool onlyStatuses(const ExecutionFilter& filter) {
  return exactFilters(filter) == 0 && !filter.from && !filter.to && filter.keyword.empty();
}

bool has(const std::vector<ExecutionStatus>& statuses, ExecutionStatus status) {
  return statuses.empty() || std::find(statuses.begin(), statuses.end(), status) != statuses.end();
}

}  // namespace

ExecutionScan::Aggregate ExecutionScan::compute(Sql& sql, const ExecutionFilter& filter) {
  const Condition condition = conditionOf(filter, kAnyOfKeyword);
  const std::string select =
      std::string{kSelectAggregate} + "{index:" + aggregateIndex(filter) + "}" + condition.sql;
  auto row = sql.one({select, kAggregateTypes}, condition.values);
  Aggregate result;
  for (const auto status : kAllStatuses) result.totals.of(status) = row->integer();
  result.totals.durations = row->integer();
  result.totals.duration_seconds = row->integer();
  result.min_number = row->integer();
  result.max_number = row->integer();
  return result;
}

std::shared_ptr<ExecutionScan::Remembered> ExecutionScan::remembered(const std::string& key) {
  const std::lock_guard lock{mutex_};
  if (remembered_.size() >= kMaxRemembered && !remembered_.contains(key)) remembered_.clear();
  auto& entry = remembered_[key];
  if (!entry) entry = std::make_shared<Remembered>();
  return entry;
}

ExecutionScan::Aggregate ExecutionScan::aggregate(Sql& sql, const ExecutionFilter& filter) {
  const ExecutionCounters counters = readCounters(sql);
  if (onlyStatuses(filter)) {
    Aggregate result;
    for (const auto status : kAllStatuses) {
      if (has(filter.statuses, status)) result.totals.of(status) = counters.totals.of(status);
    }
    if (!has(filter.statuses, kCompleted)) return result;
    result.totals.durations = counters.totals.durations;
    result.totals.duration_seconds = counters.totals.duration_seconds;
    return result;
  }
  const auto entry = remembered(keyOf(filter));
  const std::lock_guard lock{entry->mutex};
  if (entry->changes != counters.changes) {
    // `changes` was read first: what is computed now is at least as new, so remembering it under
    // that number can only make it be computed once more than needed.
    entry->aggregate = compute(sql, filter);
    entry->changes = counters.changes;
  }
  return entry->aggregate;
}

Page<Execution> ExecutionScan::list(Sql& sql, const ExecutionFilter& filter,
                                    const PageRequest& page) {
  const Aggregate found = aggregate(sql, filter);
  Page<Execution> result;
  result.total = found.totals.all();
  const bool keyset = page.before_number > 0;
  const std::int64_t offset = keyset ? 0 : std::int64_t{page.page - 1} * page.page_size;
  // Stopping at the last match spares walking the rest of the index for one that does not exist.
  const std::int64_t limit = std::min<std::int64_t>(page.page_size, result.total - offset);
  if (limit <= 0) return result;

  // The second half of a long list is nearer from its other end.
  const bool from_end = !keyset && offset + limit > result.total / 2;
  Condition condition = conditionOf(filter, kHasKeyword);
  if (!onlyStatuses(filter)) {
    condition.add("number >= ?", found.min_number);
    condition.add("number <= ?", found.max_number);
  }
  if (keyset) condition.add("number < ?", page.before_number);
  const std::string select =
      "SELECT " + std::string{listedExecutionColumns()} +
      " FROM (SELECT number FROM execution_records{index:" + pageIndex(filter, result.total) + "}" +
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
  return aggregate(sql, filter).totals;
}

}  // namespace oscar::store
