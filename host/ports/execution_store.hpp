#pragma once

#include "domain/execution.hpp"
#include "domain/page.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace oscar::ports {

/// Why a pending execution may not run yet.
enum class WaitReason {
  kAllPlaces = 1,  ///< as many run as may at once
  kServer,         ///< as many run on its server as may at once
  kTable,          ///< another one runs on its table
};

/// Limits that hold when a pending execution is claimed.
struct ClaimLimits {
  int max_concurrent = 10;
  int max_per_server = 2;
  /// What people read about an execution that waits; `number` is the limit, or the number of the
  /// execution on the table. Empty function: nothing is said.
  std::function<Text(WaitReason, std::int64_t number)> words = {};
};

/// What one commit of a run's actor writes: the lines, the offset behind them and the progress that
/// they led to, all or nothing. So a restart continues exactly where the store stands.
struct RunCommit {
  std::string execution_id;
  std::string run_id;
  std::vector<LogLine> lines;  ///< continues at Run::next_line
  std::int64_t output_offset = 0;
  std::string decoder_state;
  RunProgress progress;
};

/// How an execution ended.
struct ExecutionEnd {
  std::string execution_id;
  std::string run_id;  ///< the run that `exit_code` is of; empty when none was recorded
  ExecutionStatus status = ExecutionStatus::kFailed;
  std::optional<int> exit_code;
  Timestamp at{};
  RunProgress progress;
  std::optional<double> avg_speed;
  std::optional<std::int64_t> data_size_bytes;
  std::optional<std::int64_t> reclaimed_bytes;
  Text error_message;
  Text attention;
};

/// Executions, their runs and their logs. Thread-safe; each method is one transaction; throws
/// StoreUnavailable when the database cannot be used now. Every status change is a compare-and-set
/// on the expected status and, while running, on `owner_node`.
class ExecutionStore {
 public:
  /// Gives the execution its number, which is returned. The id is the caller's. When a pending or
  /// running execution is on that table nothing is stored and the result is nullopt: of two people
  /// who submit at once, one is told.
  virtual std::optional<std::int64_t> insertIfTableIsFree(const Execution& execution) = 0;
  /// By UUID in lower case; nullopt when there is none, as findByNumber.
  virtual std::optional<Execution> find(const std::string& id) = 0;
  virtual std::optional<Execution> findByNumber(std::int64_t number) = 0;
  /// Newest first (number descending). Without alter_text, argv, generated_command and
  /// known_findings, which no list shows; `find` gives them.
  virtual Page<Execution> list(const ExecutionFilter& filter, const PageRequest& page) = 0;
  /// Over the same rows as list(), all pages.
  virtual ExecutionStatistics statistics(const ExecutionFilter& filter) = 0;

  /// Pending and running executions on that table (names compared as MySQL's lower_case_table_names
  /// may fold them: case-insensitively).
  virtual std::vector<Execution> liveOnTable(const std::string& server_key,
                                             const std::string& database_name,
                                             const std::string& table_name) = 0;

  /// Claims the oldest pending execution that the limits allow (at most one running per table on a
  /// server, enforced by a unique key): pending → running, start_time, owner and lease set. Also
  /// writes `waiting_for` of those passed over when it changed. nullopt when there is none.
  virtual std::optional<Execution> claimNext(const std::string& owner_node, Timestamp now,
                                             Timestamp lease_until, const ClaimLimits& limits) = 0;
  /// Renews the leases of this owner's running executions.
  virtual void renewLeases(const std::string& owner_node, Timestamp lease_until) = 0;
  /// Running executions whose lease ended before `now`, or that belong to `owner_node` itself (its
  /// earlier process): they become this owner's and are returned. Today's only caller gives a `now`
  /// before all leases, because every run is local to its node.
  virtual std::vector<Execution> takeOver(const std::string& owner_node, Timestamp now,
                                          Timestamp lease_until) = 0;

  /// Records a run before it is started (handle empty).
  virtual void insertRun(const Run& run) = 0;
  /// `container_id` goes to the execution where it is not empty. No backend gives one yet.
  virtual void setRunHandle(const std::string& run_id, const std::string& handle,
                            const std::string& container_id, Timestamp started_at) = 0;
  /// The newest run of the execution.
  virtual std::optional<Run> latestRun(const std::string& execution_id) = 0;
  /// Runs of ended executions that still have a handle: oscard died before it had removed their
  /// files.
  virtual std::vector<Run> runsWithFiles(int limit) = 0;
  /// The run's files are gone: its handle is emptied.
  virtual void forgetRunHandle(const std::string& run_id) = 0;

  /// Appends lines and updates progress. False (and nothing written) when the execution is no
  /// longer running under `owner_node`, or run.output_offset is not `expected_offset`.
  virtual bool commitRun(const std::string& owner_node, std::int64_t expected_offset,
                         const RunCommit& commit) = 0;
  /// What a person must know while the execution runs on (empty: nothing any more); `finish`
  /// overwrites it. False when it is not running under `owner_node`.
  virtual bool setAttention(const std::string& owner_node, const std::string& execution_id,
                            const Text& attention) = 0;
  /// running → final. All runs of the execution end with it, also one that was recorded and never
  /// started. False when it was not running under `owner_node`.
  virtual bool finish(const std::string& owner_node, const ExecutionEnd& end) = 0;

  /// Sets stop_requested. pending → cancelled at once (end_time = at). Returns the execution as it
  /// is afterwards; nullopt when there is none.
  virtual std::optional<Execution> requestStop(const std::string& id, Timestamp at) = 0;

  /// Lines from `from_line` on (1-based, inclusive), at most `limit`. With `search`, only lines
  /// that contain it (case-insensitive for ASCII).
  virtual std::vector<LogLine> readLog(const std::string& execution_id, std::int64_t from_line,
                                       int limit, const std::string& search) = 0;
  /// Number of the last stored line, 0 when there is none.
  virtual std::int64_t lastLogLine(const std::string& execution_id) = 0;

 protected:
  ~ExecutionStore() = default;
};

}  // namespace oscar::ports
