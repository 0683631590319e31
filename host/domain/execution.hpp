#pragma once

#include "domain/connection.hpp"
#include "domain/text.hpp"
#include "domain/time.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace oscar {

/// Requirement document 5.2.2. Nothing else is ever stored as a status; what happens inside a run
/// is told by Stage, `paused`, `throttled_by` and `attention`.
enum class ExecutionStatus { kPending = 1, kRunning, kCompleted, kFailed, kCancelled };
std::string_view toString(ExecutionStatus status);  ///< `pending`, `running`, ...
/// nullopt for any other word.
std::optional<ExecutionStatus> parseExecutionStatus(std::string_view word);
/// True when nothing will change any more.
inline bool isFinal(ExecutionStatus s) {
  return s != ExecutionStatus::kPending && s != ExecutionStatus::kRunning;
}
/// The state machine: pending → running | cancelled | failed; running → completed | failed |
/// cancelled. Final states have no way out (a retry is a new execution).
bool mayChange(ExecutionStatus from, ExecutionStatus to);

/// Where a run is, in pt-osc's real order of work.
enum class Stage {
  kNone = 1,  ///< not started
  kPreflight,
  kCreatingNewTable,
  kAlteringNewTable,
  kCreatingTriggers,
  kCopyingData,
  kAwaitingCutover,
  kSwappingTables,
  kDroppingOldTable,
  kDroppingTriggers,
  kDone
};
std::string_view toString(Stage stage);  ///< `copying_data`; kNone is the empty string
/// nullopt for any other word.
std::optional<Stage> parseStage(std::string_view word);
/// True from the swap on: the table may already be the new one, so a stop is refused.
inline bool swapHasBegun(Stage stage) {
  return stage >= Stage::kSwappingTables;
}

/// What kind of change it is, told from its clauses: requirement document 5.2.1.
enum class DdlType {
  kFragment = 1,
  kAddColumn,
  kModifyColumn,
  kDropColumn,
  kAddIndex,
  kDropIndex,
  kOther
};
std::string_view toString(DdlType type);  ///< `add_column`
/// nullopt for any other word.
std::optional<DdlType> parseDdlType(std::string_view word);

/// What the user set for one execution; what is absent comes from the settings' defaults.
struct ExecutionParams {
  std::optional<std::int64_t>
      chunk_size;  ///< rows, 1–10 000 000; fixes the chunk unless chunk_time is set
  std::optional<double> chunk_time;          ///< seconds per chunk, 0–60 (0 = fixed chunk size)
  std::optional<std::string> max_load;       ///< `Threads_running=25,...`; `:` accepted for `=`
  std::optional<std::string> critical_load;  ///< same form
  std::optional<std::string> charset;        ///< of pt-osc's connection; default: the Connection's
  std::optional<int> lock_wait_timeout;      ///< seconds, 1–31 536 000
  std::map<std::string, std::string>
      extra;  ///< pt-osc option name (no dashes) → value ("" for a flag)
  bool operator==(const ExecutionParams&) const = default;
};

/// The target's load as last sampled, beside the limits that would throttle or abort the run.
struct LoadSample {
  Timestamp at{};
  std::int64_t threads_connected = 0;
  std::int64_t threads_connected_limit = 0;  ///< from max-load/critical-load, else max_connections
  std::int64_t threads_running = 0;
  std::int64_t threads_running_limit = 0;  ///< 0 = no limit known
  bool operator==(const LoadSample&) const = default;
};

/// What changes while a run goes on. Written to the store together with the log lines that led to
/// it.
struct RunProgress {
  Stage stage = Stage::kNone;
  bool paused = false;
  std::optional<double> progress;  ///< percent 0–100; nullopt = unknown; 100 only when completed
  bool progress_exact =
      false;  ///< false: read from pt-osc's percent lines, not counted by the observer
  std::int64_t processed_rows = 0;
  std::int64_t total_rows = 0;  ///< the estimate; see `estimate_exceeded`
  bool estimate_exceeded = false;
  std::optional<double> current_speed;      ///< rows per second, exponential average
  std::optional<std::int64_t> eta_seconds;  ///< nullopt = unknown
  Text throttled_by;                        ///< empty when not throttled
  std::optional<LoadSample> load;
  bool operator==(const RunProgress&) const = default;
};

/// One request to change one table: table `execution_records` (5.1.2) and our columns beside it.
struct Execution {
  std::string id;           ///< UUID
  std::int64_t number = 0;  ///< the #1247 that people say; given by the store, gapless not promised
  std::string connection_id;
  std::string connection_name;  ///< as it was at submission: history stays readable
  Environment environment = Environment::kTest;  ///< as at submission
  std::string
      server_key;  ///< identity of the target server, for the per-server and per-table limits
  std::string database_name;
  std::string table_name;
  DdlType ddl_type = DdlType::kOther;
  std::string original_ddl;  ///< as typed
  std::string alter_text;    ///< what goes into --alter, untouched but for a visible prefix/`;`
  std::vector<std::string>
      argv;  ///< what runs, exactly; `{run_dir}` stands for the run directory; no secrets
  std::string generated_command;  ///< shell-quoted, secrets as ***
  /// What its submitter was told: keys of all findings of the submission (services::findingKey),
  /// those that wanted a confirmation (which was given) and those that only inform. A launch that
  /// finds more than this is refused. Column `confirmed_findings`.
  std::vector<std::string> known_findings;
  ExecutionParams params;
  std::string backend;  ///< backend type that runs it
  ExecutionStatus status = ExecutionStatus::kPending;
  bool stop_requested = false;
  std::optional<Timestamp> start_time;
  std::optional<Timestamp> end_time;
  std::optional<std::int64_t> duration_seconds;
  RunProgress run;
  std::optional<double> avg_speed;              ///< rows per second over the copy
  std::optional<std::int64_t> data_size_bytes;  ///< data + index of the table afterwards
  std::optional<std::int64_t> reclaimed_bytes;  ///< data_free before − after; may be negative
  std::string container_id;
  Text error_message;
  Text attention;        ///< set when a person must decide
  Text waiting_for;      ///< why a pending execution does not start yet
  std::string retry_of;  ///< id of the execution that this one repeats
  std::string created_by;
  Timestamp created_at{};
  Timestamp updated_at{};
};

/// One pt-osc process of an execution. `handle` is the backend's own JSON, empty until `start`
/// returned; `output_offset` is the byte of the backend's output up to which everything is stored.
struct Run {
  std::string id;  ///< UUID; also the name of the run directory
  std::string execution_id;
  std::string backend;
  std::string handle;
  std::int64_t output_offset = 0;
  std::int64_t next_line = 1;  ///< number that the next log line gets
  std::string decoder_state;   ///< JSON of the engine's decoder at output_offset
  std::optional<int> exit_code;
  std::optional<Timestamp> started_at;
  std::optional<Timestamp> ended_at;
};

/// A line of an execution's log. Numbers start at 1 and have no gaps.
struct LogLine {
  std::int64_t number = 0;
  Timestamp at{};
  std::string text;  ///< valid UTF-8, without the line end, at most 16 KiB
};

/// Which executions are wanted: what is empty or absent does not restrict.
struct ExecutionFilter {
  std::optional<Timestamp> from;  ///< created_at, inclusive
  std::optional<Timestamp> to;    ///< exclusive
  std::vector<ExecutionStatus> statuses;
  std::string database_name;
  std::string table_name;
  std::optional<DdlType> ddl_type;
  std::string connection_id;
  std::string created_by;
  std::string keyword;  ///< substring of table, database, DDL, or `#number`
};

/// Totals over the executions that a filter lets through.
struct ExecutionStatistics {
  std::int64_t total = 0;
  std::int64_t succeeded = 0;
  std::int64_t failed = 0;
  std::int64_t cancelled = 0;
  std::int64_t active = 0;             ///< pending + running
  std::optional<double> success_rate;  ///< percent of succeeded among succeeded + failed
  std::optional<double> average_duration_seconds;  ///< over completed executions
};

}  // namespace oscar
