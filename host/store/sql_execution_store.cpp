#include "store/sql_execution_store.hpp"

#include "domain/error.hpp"
#include "store/execution_log.hpp"
#include "store/execution_rows.hpp"
#include "store/execution_statements.hpp"

#include <algorithm>
#include <stdexcept>

namespace oscar::store {
namespace {

constexpr Query kSelectUsableConnection{
    "SELECT id FROM connections WHERE id = ? AND deleted_at IS NULL{lock}", "s"};
constexpr std::string_view kInsertHaystack =
    "INSERT INTO execution_search (number, haystack) VALUES (?, ?)";
constexpr std::string_view kWhereNumber = " FROM execution_records e WHERE e.number = ?";
constexpr Query kSelectLiveNumber{
    "SELECT number FROM execution_records WHERE table_key = ?"
    " AND status IN ('pending', 'running') LIMIT 1",
    "i"};
constexpr std::string_view kWhereLiveOnTable =
    " FROM execution_records e WHERE e.table_key = ? AND e.status IN ('pending', 'running')"
    " ORDER BY e.number";

constexpr std::string_view kInsertRun =
    "INSERT INTO execution_runs (id, execution_id, backend, handle, output_offset, next_line,"
    " decoder_state, exit_code, started_at, ended_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr Query kSelectExecutionOfRun{"SELECT execution_id FROM execution_runs WHERE id = ?", "s"};
constexpr std::string_view kSetContainer =
    "UPDATE execution_records SET container_id = ? WHERE id = ?";
constexpr std::string_view kSetHandle =
    "UPDATE execution_runs SET handle = ?, started_at = ? WHERE id = ?";
constexpr Query kSelectLatestRun{
    "SELECT id, execution_id, backend, handle, output_offset, next_line, decoder_state, exit_code,"
    " {ms:started_at}, {ms:ended_at} FROM execution_runs WHERE execution_id = ?"
    " ORDER BY number DESC LIMIT 1",
    "ssssiisiii"};
constexpr Query kSelectRunsWithFiles{
    "SELECT id, execution_id, backend, handle, output_offset, next_line, decoder_state, exit_code,"
    " {ms:started_at}, {ms:ended_at} FROM execution_runs WHERE ended_at IS NOT NULL"
    " AND handle <> '' ORDER BY number LIMIT ?",
    "ssssiisiii"};
constexpr std::string_view kForgetHandle = "UPDATE execution_runs SET handle = '' WHERE id = ?";

constexpr Query kLockOwned{
    "SELECT {ms:start_time} FROM execution_records WHERE id = ? AND status = 'running'"
    " AND owner_node = ?{lock}",
    "i"};
constexpr std::string_view kSetAttention =
    "UPDATE execution_records SET attention = ?, attention_en = ? WHERE id = ?";
constexpr Query kLockRun{
    "SELECT output_offset, next_line FROM execution_runs WHERE id = ? AND execution_id = ?{lock}",
    "ii"};
constexpr std::string_view kAdvanceRun =
    "UPDATE execution_runs SET output_offset = ?, next_line = ?, decoder_state = ? WHERE id = ?";
constexpr std::string_view kFinishRuns =
    "UPDATE execution_runs SET exit_code = CASE WHEN id = ? THEN ? ELSE exit_code END,"
    " ended_at = ? WHERE execution_id = ? AND ended_at IS NULL";

constexpr Query kLockStatus{"SELECT status FROM execution_records WHERE id = ?{lock}", "s"};
constexpr std::string_view kCancelPending =
    "UPDATE execution_records SET status = 'cancelled', stop_requested = 1, end_time = ?,"
    " waiting_for = '', waiting_for_en = '', updated_at = ? WHERE id = ? AND status = 'pending'";
constexpr std::string_view kStopRunning =
    "UPDATE execution_records SET stop_requested = 1, updated_at = ?"
    " WHERE id = ? AND status = 'running'";

std::string selectExecutions(std::string_view rest) {
  return "SELECT " + std::string{executionColumns()} + std::string{rest};
}

Run runOf(Row& row) {
  Run run;
  run.id = row.text();
  run.execution_id = row.text();
  run.backend = row.text();
  run.handle = row.text();
  run.output_offset = row.integer();
  run.next_line = row.integer();
  run.decoder_state = row.text();
  if (const auto code = row.optionalInteger()) run.exit_code = static_cast<int>(*code);
  run.started_at = row.optionalTime();
  run.ended_at = row.optionalTime();
  return run;
}

/// When the commit's newest news is from; absent when it has none.
std::optional<Timestamp> newestTime(const ports::RunCommit& commit) {
  std::optional<Timestamp> newest;
  if (!commit.lines.empty()) newest = commit.lines.back().at;
  if (commit.progress.load) newest = std::max(newest, std::optional{commit.progress.load->at});
  return newest;
}

void requireContiguous(const std::vector<LogLine>& lines, std::int64_t next_line) {
  for (const auto& line : lines) {
    if (line.number != next_line++) {
      throw std::logic_error{"log line " + std::to_string(line.number) + " instead of " +
                             std::to_string(next_line - 1)};
    }
  }
}

}  // namespace

std::int64_t insertExecution(Sql& sql, const Execution& execution) {
  if (!sql.one(kSelectUsableConnection, {execution.connection_id})) {
    throw ServiceError{
        ErrorCode::kNotFound,
        {"连接已被删除，请另选一个连接。", "The connection has been deleted; choose another one."}};
  }
  sql.execute(insertExecutionSql(), insertExecutionValues(execution));
  const std::int64_t number = sql.lastInsertId();
  sql.execute(kInsertHaystack, {number, searchHaystack(execution)});
  countEntered(sql, execution.status, execution.duration_seconds);
  return number;
}

std::optional<std::int64_t> SqlExecutionStore::insertIfTableIsFree(const Execution& execution) {
  return database_.write([&](Sql& sql) -> std::optional<std::int64_t> {
    lockQueue(sql);
    const std::string key =
        tableKey(execution.server_key, execution.database_name, execution.table_name);
    if (sql.one(kSelectLiveNumber, {key})) return std::nullopt;
    return insertExecution(sql, execution);
  });
}

std::optional<Execution> SqlExecutionStore::find(const std::string& id) {
  return database_.read([&](Sql& sql) { return selectExecution(sql, id); });
}

std::optional<Execution> SqlExecutionStore::findByNumber(std::int64_t number) {
  return database_.read([&](Sql& sql) -> std::optional<Execution> {
    const std::string select = selectExecutions(kWhereNumber);
    auto row = sql.one({select, executionTypes()}, {number});
    return row ? std::optional{executionOf(*row)} : std::nullopt;
  });
}

Page<Execution> SqlExecutionStore::list(const ExecutionFilter& filter, const PageRequest& page) {
  return search_.list(filter, page);
}

ExecutionStatistics SqlExecutionStore::statistics(const ExecutionFilter& filter) {
  return search_.statistics(filter);
}

std::vector<Execution> SqlExecutionStore::liveOnTable(const std::string& server_key,
                                                      const std::string& database_name,
                                                      const std::string& table_name) {
  return database_.read([&](Sql& sql) {
    const std::string select = selectExecutions(kWhereLiveOnTable);
    std::vector<Execution> result;
    for (auto& row :
         sql.query({select, executionTypes()}, {tableKey(server_key, database_name, table_name)})) {
      result.push_back(executionOf(row));
    }
    return result;
  });
}

void SqlExecutionStore::insertRun(const Run& run) {
  database_.write([&](Sql& sql) {
    sql.execute(kInsertRun, {run.id, run.execution_id, run.backend, run.handle, run.output_offset,
                             run.next_line, run.decoder_state, nullable(run.exit_code),
                             nullable(run.started_at), nullable(run.ended_at)});
  });
}

void SqlExecutionStore::setRunHandle(const std::string& run_id, const std::string& handle,
                                     const std::string& container_id, Timestamp started_at) {
  database_.write([&](Sql& sql) {
    auto owner = sql.one(kSelectExecutionOfRun, {run_id});
    if (!owner) throw std::logic_error{"setRunHandle: there is no run " + run_id};
    if (!container_id.empty()) sql.execute(kSetContainer, {container_id, owner->text()});
    sql.execute(kSetHandle, {handle, started_at, run_id});
  });
}

std::optional<Run> SqlExecutionStore::latestRun(const std::string& execution_id) {
  return database_.read([&](Sql& sql) -> std::optional<Run> {
    auto row = sql.one(kSelectLatestRun, {execution_id});
    return row ? std::optional{runOf(*row)} : std::nullopt;
  });
}

std::vector<Run> SqlExecutionStore::runsWithFiles(int limit) {
  return database_.read([&](Sql& sql) {
    std::vector<Run> runs;
    for (auto& row : sql.query(kSelectRunsWithFiles, {std::int64_t{limit}})) {
      runs.push_back(runOf(row));
    }
    return runs;
  });
}

void SqlExecutionStore::forgetRunHandle(const std::string& run_id) {
  database_.write([&](Sql& sql) { sql.execute(kForgetHandle, {run_id}); });
}

bool SqlExecutionStore::commitRun(const std::string& owner_node, std::int64_t expected_offset,
                                  const ports::RunCommit& commit) {
  const std::string update = "UPDATE execution_records SET " + std::string{progressAssignments()} +
                             ", updated_at = COALESCE(?, updated_at) WHERE id = ?";
  return database_.write([&](Sql& sql) {
    if (!sql.one(kLockOwned, {commit.execution_id, owner_node})) return false;
    auto run = sql.one(kLockRun, {commit.run_id, commit.execution_id});
    if (!run || run->integer() != expected_offset) return false;
    const std::int64_t next_line = run->integer();
    requireContiguous(commit.lines, next_line);
    appendLog(sql, commit.execution_id, commit.lines);
    sql.execute(kAdvanceRun,
                {commit.output_offset, next_line + static_cast<std::int64_t>(commit.lines.size()),
                 commit.decoder_state, commit.run_id});
    Values values = progressValues(commit.progress);
    values.push_back(nullable(newestTime(commit)));
    values.emplace_back(commit.execution_id);
    sql.execute(update, values);
    return true;
  });
}

bool SqlExecutionStore::setAttention(const std::string& owner_node, const std::string& execution_id,
                                     const Text& attention) {
  return database_.write([&](Sql& sql) {
    if (!sql.one(kLockOwned, {execution_id, owner_node})) return false;
    sql.execute(kSetAttention, {attention.zh, attention.en, execution_id});
    return true;
  });
}

bool SqlExecutionStore::finish(const std::string& owner_node, const ports::ExecutionEnd& end) {
  if (!mayChange(ExecutionStatus::kRunning, end.status)) {
    throw std::logic_error{"finish: not a final status"};
  }
  const std::string update =
      "UPDATE execution_records SET " + std::string{progressAssignments()} +
      ", status = ?, end_time = ?, duration_seconds = ?, avg_speed = ?, data_size_bytes = ?,"
      " reclaimed_bytes = ?, error_message = ?, error_message_en = ?, attention = ?,"
      " attention_en = ?, live_table_key = NULL, lease_until = NULL,"
      " updated_at = CASE WHEN updated_at < ? THEN ? ELSE updated_at END WHERE id = ?";
  return database_.write([&](Sql& sql) {
    lockQueue(sql);
    auto running = sql.one(kLockOwned, {end.execution_id, owner_node});
    if (!running) return false;
    const auto started = running->optionalTime();
    std::optional<std::int64_t> seconds;
    if (started) {
      seconds = std::max<std::int64_t>(0, (toMillis(end.at) - toMillis(*started)) / 1000);
    }
    Values values = progressValues(end.progress);
    values.insert(values.end(),
                  {std::string{toString(end.status)}, end.at, nullable(seconds),
                   nullable(storableSpeed(end.avg_speed)), nullable(end.data_size_bytes),
                   nullable(end.reclaimed_bytes), end.error_message.zh, end.error_message.en,
                   end.attention.zh, end.attention.en, end.at, end.at, end.execution_id});
    sql.execute(update, values);
    sql.execute(kFinishRuns, {end.run_id, nullable(end.exit_code), end.at, end.execution_id});
    countLeft(sql, ExecutionStatus::kRunning);
    countEntered(sql, end.status, seconds);
    return true;
  });
}

std::optional<Execution> SqlExecutionStore::requestStop(const std::string& id, Timestamp at) {
  return database_.write([&](Sql& sql) -> std::optional<Execution> {
    lockQueue(sql);
    auto row = sql.one(kLockStatus, {id});
    if (!row) return std::nullopt;
    const auto status = parseExecutionStatus(row->text());
    if (status == ExecutionStatus::kPending) {
      sql.execute(kCancelPending, {at, at, id});
      countLeft(sql, ExecutionStatus::kPending);
      countEntered(sql, ExecutionStatus::kCancelled);
    } else if (status == ExecutionStatus::kRunning) {
      sql.execute(kStopRunning, {at, id});
    }
    return selectExecution(sql, id);
  });
}

std::vector<LogLine> SqlExecutionStore::readLog(const std::string& execution_id,
                                                std::int64_t from_line, int limit,
                                                const std::string& search) {
  return database_.read(
      [&](Sql& sql) { return readLogLines(sql, execution_id, from_line, limit, search); });
}

std::int64_t SqlExecutionStore::lastLogLine(const std::string& execution_id) {
  return database_.read([&](Sql& sql) { return lastStoredLine(sql, execution_id); });
}

}  // namespace oscar::store
