#pragma once

#include "domain/execution.hpp"
#include "domain/time.hpp"
#include "store/execution_keyword.hpp"
#include "store/sql.hpp"

#include <array>
#include <compare>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace oscar::store {

/// Columns of execution_records that a filter compares with one text, byte by byte.
enum class ExactColumn { kTableName = 1, kDatabaseName, kCreatedBy, kConnectionId, kDdlType };
inline constexpr std::array kExactColumns{ExactColumn::kTableName, ExactColumn::kDatabaseName,
                                          ExactColumn::kCreatedBy, ExactColumn::kConnectionId,
                                          ExactColumn::kDdlType};
std::string_view nameOf(ExactColumn column);  ///< `table_name`
/// Its place in kExactColumns.
constexpr std::size_t placeOf(ExactColumn column) {
  return static_cast<std::size_t>(column) - 1;
}

/// The column holds this text and no other. A text that is stored never changes.
struct IsExactly {
  ExactColumn column;
  std::string text;
};
/// created_at lies between the two, of which at least one is there. It never changes.
struct IsCreatedWithin {
  std::optional<Timestamp> from;  ///< inclusive
  std::optional<Timestamp> to;    ///< exclusive
};
/// The status, which alone of what is filtered by may change, is one of these (not empty).
struct HasStatus {
  std::vector<ExecutionStatus> any_of;
};
/// The keyword finds it by its number, `database.table` or DDL, which never change.
struct HasKeyword {
  ExecutionKeyword keyword;
};

using ExecutionCriterion = std::variant<IsExactly, IsCreatedWithin, HasStatus, HasKeyword>;
/// What must all hold for an execution to be listed; of each kind but IsExactly at most one.
using ExecutionCriteria = std::vector<ExecutionCriterion>;

/// What the fields of a list filter mean. Nothing else in the store reads them: ExecutionMirror
/// matches by these criteria in memory, conditionOf() says them in SQL, and totals are remembered
/// under that condition. Those that are cheap to look at and let few executions through come first.
ExecutionCriteria criteriaOf(const ExecutionFilter& filter);

/// The criterion of that kind; null when there is none. Belongs to `criteria`.
template <typename Kind>
const Kind* findCriterion(const ExecutionCriteria& criteria) {
  for (const auto& criterion : criteria) {
    if (const auto* found = std::get_if<Kind>(&criterion)) return found;
  }
  return nullptr;
}
/// Whether nothing but the status matters (also when nothing matters at all).
bool onlyStatuses(const ExecutionCriteria& criteria);
/// Whether executions with that status may match.
bool allowsStatus(const ExecutionCriteria& criteria, ExecutionStatus status);

/// A WHERE clause over execution_records and what is bound in it. Also the key under which its
/// results are remembered: two that are equal give the same rows of the same store.
struct SqlCondition {
  std::string sql;  ///< " WHERE ..."; empty when nothing is asked for
  Values values;

  void add(std::string_view clause);
  void add(std::string_view clause, Value value);
  auto operator<=>(const SqlCondition&) const = default;  // NOLINT(modernize-use-nullptr): not 0
};

/// `keyword_clause`: true where the haystack is LIKE the one value bound in it.
SqlCondition conditionOf(const ExecutionCriteria& criteria, std::string_view keyword_clause);

}  // namespace oscar::store
