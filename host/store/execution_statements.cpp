#include "store/execution_statements.hpp"

#include "store/execution_rows.hpp"

namespace oscar::store {
namespace {

constexpr Query kLockQueue{"SELECT status FROM execution_counters ORDER BY status{lock}", "s"};
constexpr std::string_view kCountEntered =
    "UPDATE execution_counters SET executions = executions + 1, durations = durations + ?,"
    " duration_seconds = duration_seconds + ?, changes = changes + 1 WHERE status = ?";
constexpr std::string_view kCountLeft =
    "UPDATE execution_counters SET executions = executions - 1, changes = changes + 1"
    " WHERE status = ?";

}  // namespace

void lockQueue(Sql& sql) {
  sql.query(kLockQueue);
}

void countEntered(Sql& sql, ExecutionStatus status,
                  const std::optional<std::int64_t>& duration_seconds) {
  sql.execute(kCountEntered, {flag(duration_seconds.has_value()), duration_seconds.value_or(0),
                              std::string{toString(status)}});
}

void countLeft(Sql& sql, ExecutionStatus status) {
  sql.execute(kCountLeft, {std::string{toString(status)}});
}

std::optional<Execution> selectExecution(Sql& sql, const std::string& id) {
  const std::string select =
      "SELECT " + std::string{executionColumns()} + " FROM execution_records e WHERE e.id = ?";
  auto row = sql.one({select, executionTypes()}, {id});
  return row ? std::optional{executionOf(*row)} : std::nullopt;
}

}  // namespace oscar::store
