#include "store/execution_rows.hpp"
#include "store/execution_statements.hpp"
#include "store/sql_execution_store.hpp"

#include <map>

/// The queue: who runs next and who owns what runs.
namespace oscar::store {
namespace {

using ports::ClaimLimits;
using ports::WaitReason;

constexpr std::int64_t kPendingPerFetch = 200;

constexpr Query kSelectRunning{
    "SELECT number, server_key, table_key FROM execution_records{index:idx_status}"
    " WHERE status = 'running'",
    "iss"};
constexpr Query kSelectPending{
    "SELECT number, id, server_key, table_key, waiting_for, waiting_for_en"
    " FROM execution_records{index:idx_status} WHERE status = 'pending' AND number > ? ORDER BY "
    "number LIMIT ?",
    "isssss"};
constexpr std::string_view kAllWaitFor =
    "UPDATE execution_records SET waiting_for = ?, waiting_for_en = ? WHERE status = 'pending'"
    " AND (waiting_for <> ? OR waiting_for_en <> ?)";
constexpr std::string_view kWaitFor =
    "UPDATE execution_records SET waiting_for = ?, waiting_for_en = ?"
    " WHERE number = ? AND status = 'pending'";
constexpr std::string_view kClaim =
    "UPDATE execution_records SET status = 'running', start_time = ?, owner_node = ?,"
    " lease_until = ?, live_table_key = table_key, waiting_for = '', waiting_for_en = '',"
    " updated_at = ? WHERE number = ? AND status = 'pending'";
constexpr std::string_view kRenew =
    "UPDATE execution_records SET lease_until = ? WHERE status = 'running' AND owner_node = ?";
constexpr Query kSelectOrphans{
    "SELECT id FROM execution_records{index:idx_status} WHERE status = 'running'"
    " AND (owner_node = ? OR lease_until < ?) ORDER BY number{lock}",
    "s"};
constexpr std::string_view kTakeOver =
    "UPDATE execution_records SET owner_node = ?, lease_until = ?"
    " WHERE id = ? AND status = 'running'";

Text inWords(const ClaimLimits& limits, WaitReason reason, std::int64_t number) {
  return limits.words ? limits.words(reason, number) : Text{};
}

/// What runs now, and why a pending execution may not join it.
class Occupancy {
 public:
  Occupancy(Sql& sql, const ClaimLimits& limits) : limits_{limits} {
    for (auto& row : sql.query(kSelectRunning)) {
      const std::int64_t number = row.integer();
      ++running_;
      ++on_server_[row.text()];
      on_table_[row.text()] = number;
    }
  }
  bool full() const { return running_ >= limits_.max_concurrent; }
  std::optional<Text> reasonToWait(const std::string& server_key,
                                   const std::string& table_key) const {
    if (const auto other = on_table_.find(table_key); other != on_table_.end()) {
      return inWords(limits_, WaitReason::kTable, other->second);
    }
    const auto server = on_server_.find(server_key);
    if (server != on_server_.end() && server->second >= limits_.max_per_server) {
      return inWords(limits_, WaitReason::kServer, limits_.max_per_server);
    }
    return std::nullopt;
  }

 private:
  const ClaimLimits& limits_;
  int running_ = 0;
  std::map<std::string, int> on_server_;
  std::map<std::string, std::int64_t> on_table_;
};

struct Candidate {
  std::int64_t number = 0;
  std::string id;
};

/// The oldest pending execution that may run; tells those before it what they wait for.
std::optional<Candidate> chooseCandidate(Sql& sql, const Occupancy& occupancy) {
  std::int64_t after = 0;
  while (true) {
    auto rows = sql.query(kSelectPending, {after, kPendingPerFetch});
    for (auto& row : rows) {
      Candidate candidate;
      candidate.number = after = row.integer();
      candidate.id = row.text();
      const std::string server_key = row.text();
      const auto reason = occupancy.reasonToWait(server_key, row.text());
      if (!reason) return candidate;
      if (*reason != row.bilingual()) {
        sql.execute(kWaitFor, {reason->zh, reason->en, candidate.number});
      }
    }
    if (static_cast<std::int64_t>(rows.size()) < kPendingPerFetch) return std::nullopt;
  }
}

}  // namespace

std::optional<Execution> SqlExecutionStore::claimNext(const std::string& owner_node, Timestamp now,
                                                      Timestamp lease_until,
                                                      const ClaimLimits& limits) {
  return database_.write([&](Sql& sql) -> std::optional<Execution> {
    lockQueue(sql);
    const Occupancy occupancy{sql, limits};
    if (occupancy.full()) {
      const Text reason = inWords(limits, WaitReason::kAllPlaces, limits.max_concurrent);
      sql.execute(kAllWaitFor, {reason.zh, reason.en, reason.zh, reason.en});
      return std::nullopt;
    }
    const auto candidate = chooseCandidate(sql, occupancy);
    if (!candidate) return std::nullopt;
    if (sql.execute(kClaim, {now, owner_node, lease_until, now, candidate->number}) != 1) {
      return std::nullopt;
    }
    countLeft(sql, ExecutionStatus::kPending);
    countEntered(sql, ExecutionStatus::kRunning);
    return selectExecution(sql, candidate->id);
  });
}

void SqlExecutionStore::renewLeases(const std::string& owner_node, Timestamp lease_until) {
  database_.write([&](Sql& sql) { sql.execute(kRenew, {lease_until, owner_node}); });
}

std::vector<Execution> SqlExecutionStore::takeOver(const std::string& owner_node, Timestamp now,
                                                   Timestamp lease_until) {
  return database_.write([&](Sql& sql) {
    lockQueue(sql);
    std::vector<Execution> taken;
    for (auto& row : sql.query(kSelectOrphans, {owner_node, now})) {
      const std::string id = row.text();
      sql.execute(kTakeOver, {owner_node, lease_until, id});
      if (auto execution = selectExecution(sql, id)) taken.push_back(std::move(*execution));
    }
    return taken;
  });
}

}  // namespace oscar::store
