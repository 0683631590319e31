#include "store/execution_rows.hpp"

#include "store/execution_json.hpp"

#include <Poco/UTF8String.h>

#include <algorithm>
#include <cmath>

namespace oscar::store {
namespace {

constexpr std::string_view kColumns =
    "e.number, e.id, e.connection_id, e.connection_name, e.environment, e.server_key,"
    " e.table_name, e.database_name, e.ddl_type, e.original_ddl, e.alter_text, e.argv,"
    " e.confirmed_findings, e.generated_command, e.execution_params, e.backend, e.status,"
    " e.stop_requested, {ms:e.start_time}, {ms:e.end_time}, e.duration_seconds, e.stage, e.paused,"
    " e.progress, e.progress_exact, e.processed_rows, e.total_rows, e.estimate_exceeded,"
    " e.current_speed, e.eta_seconds, e.throttled_by, e.throttled_by_en, e.load_sample,"
    " e.avg_speed, e.data_size_bytes, e.reclaimed_bytes, e.container_id, e.error_message,"
    " e.error_message_en, e.attention, e.attention_en, e.waiting_for, e.waiting_for_en,"
    " e.retry_of, e.created_by, {ms:e.created_at}, {ms:e.updated_at}";
// In the groups of kColumns' order: number; id to status; stop_requested to duration_seconds; ...
constexpr std::string_view kTypes =
    "i"
    "ssssssssssssssss"
    "iiii"
    "sir"
    "iiii"
    "ri"
    "sss"
    "rii"
    "sssssssss"
    "ii";

constexpr std::string_view kInsert =
    "INSERT INTO execution_records (id, connection_id, connection_name, environment, server_key,"
    " table_name, database_name, table_key, ddl_type, original_ddl, alter_text, argv,"
    " confirmed_findings, generated_command, execution_params, backend, status, stop_requested,"
    " start_time, end_time, duration_seconds, avg_speed, data_size_bytes, reclaimed_bytes,"
    " container_id, error_message, error_message_en, attention, attention_en, waiting_for,"
    " waiting_for_en, retry_of, created_by, created_at, updated_at, stage, paused, progress,"
    " progress_exact, processed_rows, total_rows, estimate_exceeded, current_speed, eta_seconds,"
    " throttled_by, throttled_by_en, load_sample) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
    " ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
    " ?, ?, ?)";

constexpr std::string_view kProgress =
    "stage = ?, paused = ?, progress = ?, progress_exact = ?, processed_rows = ?, total_rows = ?,"
    " estimate_exceeded = ?, current_speed = ?, eta_seconds = ?, throttled_by = ?,"
    " throttled_by_en = ?, load_sample = ?";

constexpr double kMaxSpeed = 99'999'999.99;

/// The columns from `stage` to `load_sample`, in kColumns' order.
RunProgress progressOf(Row& row) {
  RunProgress run;
  run.stage = parseStage(row.text()).value_or(Stage::kNone);
  run.paused = row.boolean();
  run.progress = row.optionalReal();
  run.progress_exact = row.boolean();
  run.processed_rows = row.integer();
  run.total_rows = row.integer();
  run.estimate_exceeded = row.boolean();
  run.current_speed = row.optionalReal();
  run.eta_seconds = row.optionalInteger();
  run.throttled_by = row.bilingual();
  run.load = loadOf(row.text());
  return run;
}

}  // namespace

std::string_view executionColumns() {
  return kColumns;
}

std::string_view executionTypes() {
  return kTypes;
}

Execution executionOf(Row& row) {
  Execution e;
  e.number = row.integer();
  e.id = row.text();
  e.connection_id = row.text();
  e.connection_name = row.text();
  e.environment = parseEnvironment(row.text()).value_or(Environment::kProd);
  e.server_key = row.text();
  e.table_name = row.text();
  e.database_name = row.text();
  e.ddl_type = parseDdlType(row.text()).value_or(DdlType::kOther);
  e.original_ddl = row.text();
  e.alter_text = row.text();
  e.argv = textsOf(row.text());
  e.known_findings = textsOf(row.text());
  e.generated_command = row.text();
  e.params = paramsOf(row.text());
  e.backend = row.text();
  e.status = parseExecutionStatus(row.text()).value_or(ExecutionStatus::kFailed);
  e.stop_requested = row.boolean();
  e.start_time = row.optionalTime();
  e.end_time = row.optionalTime();
  e.duration_seconds = row.optionalInteger();
  e.run = progressOf(row);
  e.avg_speed = row.optionalReal();
  e.data_size_bytes = row.optionalInteger();
  e.reclaimed_bytes = row.optionalInteger();
  e.container_id = row.text();
  e.error_message = row.bilingual();
  e.attention = row.bilingual();
  e.waiting_for = row.bilingual();
  e.retry_of = row.text();
  e.created_by = row.text();
  e.created_at = row.time();
  e.updated_at = row.time();
  return e;
}

std::string_view insertExecutionSql() {
  return kInsert;
}

Values insertExecutionValues(const Execution& e) {
  Values values{e.id,
                e.connection_id,
                e.connection_name,
                std::string{toString(e.environment)},
                e.server_key,
                e.table_name,
                e.database_name,
                tableKey(e.server_key, e.database_name, e.table_name),
                std::string{toString(e.ddl_type)},
                e.original_ddl,
                e.alter_text,
                textsJson(e.argv),
                textsJson(e.known_findings),
                e.generated_command,
                paramsJson(e.params),
                e.backend,
                std::string{toString(e.status)},
                flag(e.stop_requested),
                nullable(e.start_time),
                nullable(e.end_time),
                nullable(e.duration_seconds),
                nullable(storableSpeed(e.avg_speed)),
                nullable(e.data_size_bytes),
                nullable(e.reclaimed_bytes),
                e.container_id,
                e.error_message.zh,
                e.error_message.en,
                e.attention.zh,
                e.attention.en,
                e.waiting_for.zh,
                e.waiting_for.en,
                e.retry_of,
                e.created_by,
                e.created_at,
                e.updated_at};
  for (auto& value : progressValues(e.run)) values.push_back(std::move(value));
  return values;
}

std::string_view progressAssignments() {
  return kProgress;
}

Values progressValues(const RunProgress& run) {
  return {std::string{toString(run.stage)},
          flag(run.paused),
          nullable(run.progress),
          flag(run.progress_exact),
          run.processed_rows,
          run.total_rows,
          flag(run.estimate_exceeded),
          nullable(run.current_speed),
          nullable(run.eta_seconds),
          run.throttled_by.zh,
          run.throttled_by.en,
          run.load ? Value{loadJson(*run.load)} : Value{}};
}

std::string tableKey(const std::string& server_key, const std::string& database_name,
                     const std::string& table_name) {
  // The unit separator cannot be typed into a name by accident, so keys cannot run together.
  return server_key + '\x1f' + Poco::UTF8::toLower(database_name) + '\x1f' +
         Poco::UTF8::toLower(table_name);
}

std::string searchFold(const std::string& text) {
  return Poco::UTF8::toLower(text);
}

std::string searchHaystack(const Execution& execution) {
  return searchFold(execution.database_name + '.' + execution.table_name + '\n' +
                    execution.original_ddl);
}

std::optional<double> storableSpeed(const std::optional<double>& speed) {
  if (!speed || !std::isfinite(*speed)) return std::nullopt;
  return std::clamp(std::round(*speed * 100) / 100, 0.0, kMaxSpeed);
}

}  // namespace oscar::store
