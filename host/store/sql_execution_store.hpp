#pragma once

#include "ports/execution_store.hpp"
#include "store/database.hpp"
#include "store/execution_search.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace oscar::store {

/// Tables `execution_records`, `execution_runs` and `execution_log_chunks`. Thread-safe. `database`
/// must outlive it.
///
/// Transactions that insert an execution or change a status begin by locking `execution_counters`
/// (lockQueue): they happen one after the other, so that claims see all others' claims and locks
/// are always taken in the same order. commitRun, the frequent one, does not.
class SqlExecutionStore final : public ports::ExecutionStore {
 public:
  /// `limits`: how much of the lists may be kept in memory.
  explicit SqlExecutionStore(Database& database, const ExecutionMirror::Limits& limits = {})
      : database_{database}, search_{database, limits} {}

  /// Throws ServiceError kNotFound when the connection was removed meanwhile.
  std::optional<std::int64_t> insertIfTableIsFree(const Execution& execution) override;
  std::optional<Execution> find(const std::string& id) override;
  std::optional<Execution> findByNumber(std::int64_t number) override;
  /// Without what only details show: alter_text, argv, generated_command, known_findings.
  Page<Execution> list(const ExecutionFilter& filter, const PageRequest& page) override;
  ExecutionStatistics statistics(const ExecutionFilter& filter) override;
  std::vector<Execution> liveOnTable(const std::string& server_key,
                                     const std::string& database_name,
                                     const std::string& table_name) override;

  std::optional<Execution> claimNext(const std::string& owner_node, Timestamp now,
                                     Timestamp lease_until,
                                     const ports::ClaimLimits& limits) override;
  void renewLeases(const std::string& owner_node, Timestamp lease_until) override;
  std::vector<Execution> takeOver(const std::string& owner_node, Timestamp now,
                                  Timestamp lease_until) override;

  void insertRun(const Run& run) override;
  void setRunHandle(const std::string& run_id, const std::string& handle,
                    const std::string& container_id, Timestamp started_at) override;
  std::optional<Run> latestRun(const std::string& execution_id) override;
  std::vector<Run> runsWithFiles(int limit) override;
  void forgetRunHandle(const std::string& run_id) override;

  /// Throws std::logic_error when the lines do not continue at the run's next_line.
  bool commitRun(const std::string& owner_node, std::int64_t expected_offset,
                 const ports::RunCommit& commit) override;
  /// Throws std::logic_error when end.status is not final.
  bool setAttention(const std::string& owner_node, const std::string& execution_id,
                    const Text& attention) override;
  bool finish(const std::string& owner_node, const ports::ExecutionEnd& end) override;
  std::optional<Execution> requestStop(const std::string& id, Timestamp at) override;

  std::vector<LogLine> readLog(const std::string& execution_id, std::int64_t from_line, int limit,
                               const std::string& search) override;
  std::int64_t lastLogLine(const std::string& execution_id) override;

 private:
  Database& database_;
  ExecutionSearch search_;
};

}  // namespace oscar::store
