#pragma once

#include "domain/error.hpp"
#include "ports/execution_store.hpp"

#include <algorithm>
#include <atomic>
#include <cctype>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace oscar::test {

/// Executions in memory, with the compare-and-set rules of the port. `unavailable` makes every call
/// throw StoreUnavailable, `failNext` and `loseAnswers` single ones. Any thread.
class FakeExecutionStore final : public ports::ExecutionStore {
 public:
  std::atomic<bool> unavailable = false;

  std::optional<std::int64_t> insertIfTableIsFree(const Execution& execution) override {
    if (!liveOnTable(execution.server_key, execution.database_name, execution.table_name).empty()) {
      return std::nullopt;
    }
    return insert(execution);
  }
  std::optional<Execution> find(const std::string& id) override {
    const auto lock = open("find");
    const Execution* found = byId(id);
    return found == nullptr ? std::nullopt : std::optional{*found};
  }
  std::optional<Execution> findByNumber(std::int64_t number) override {
    const auto lock = open("findByNumber");
    for (const auto& e : executions_) {
      if (e.number == number) return e;
    }
    return std::nullopt;
  }
  /// Filters by status, database, table and connection only.
  Page<Execution> list(const ExecutionFilter& filter, const PageRequest& page) override {
    const auto lock = open("list");
    Page<Execution> out;
    for (auto e = executions_.rbegin(); e != executions_.rend(); ++e) {
      if (!fits(*e, filter)) continue;
      if (out.total >= (page.page - 1) * page.page_size && std::ssize(out.items) < page.page_size) {
        out.items.push_back(*e);
      }
      ++out.total;
    }
    return out;
  }
  ExecutionStatistics statistics(const ExecutionFilter& filter) override {
    const auto lock = open("statistics");
    ExecutionStatistics s;
    for (const auto& e : executions_) {
      if (!fits(e, filter)) continue;
      ++s.total;
      s.succeeded += e.status == ExecutionStatus::kCompleted ? 1 : 0;
      s.failed += e.status == ExecutionStatus::kFailed ? 1 : 0;
      s.cancelled += e.status == ExecutionStatus::kCancelled ? 1 : 0;
      s.active += isFinal(e.status) ? 0 : 1;
    }
    return s;
  }
  std::vector<Execution> liveOnTable(const std::string& server_key, const std::string& database,
                                     const std::string& table) override {
    const auto lock = open("liveOnTable");
    std::vector<Execution> live;
    for (const auto& e : executions_) {
      if (!isFinal(e.status) && e.server_key == server_key && same(e.database_name, database) &&
          same(e.table_name, table)) {
        live.push_back(e);
      }
    }
    return live;
  }

  std::optional<Execution> claimNext(const std::string& owner, Timestamp now, Timestamp lease_until,
                                     const ports::ClaimLimits& limits) override {
    const auto lock = open("claimNext");
    for (auto& e : executions_) {
      if (e.status != ExecutionStatus::kPending || !mayRun(e, limits)) continue;
      e.status = ExecutionStatus::kRunning;
      e.start_time = now;
      leases_[e.id] = {owner, lease_until};
      answer("claimNext");
      return e;
    }
    return std::nullopt;
  }
  void renewLeases(const std::string& owner, Timestamp lease_until) override {
    const auto lock = open("renewLeases");
    for (auto& [id, lease] : leases_) {
      if (lease.owner == owner) lease.until = lease_until;
    }
  }
  std::vector<Execution> takeOver(const std::string& owner, Timestamp now,
                                  Timestamp lease_until) override {
    const auto lock = open("takeOver");
    std::vector<Execution> taken;
    for (const auto& e : executions_) {
      auto& lease = leases_[e.id];
      if (e.status != ExecutionStatus::kRunning) continue;
      if (lease.owner != owner && lease.until >= now) continue;
      lease = {owner, lease_until};
      taken.push_back(e);
    }
    return taken;
  }

  void insertRun(const Run& run) override {
    const auto lock = open("insertRun");
    runs_.push_back(run);
    answer("insertRun");
  }
  void setRunHandle(const std::string& run_id, const std::string& handle,
                    const std::string& container_id, Timestamp started_at) override {
    const auto lock = open("setRunHandle");
    for (auto& run : runs_) {
      if (run.id != run_id) continue;
      run.handle = handle;
      run.started_at = started_at;
      if (Execution* e = byId(run.execution_id)) e->container_id = container_id;
    }
    answer("setRunHandle");
  }
  std::vector<Run> runsWithFiles(int limit) override {
    const auto lock = open("runsWithFiles");
    std::vector<Run> found;
    for (const auto& run : runs_) {
      if (run.ended_at && !run.handle.empty() && static_cast<int>(found.size()) < limit) {
        found.push_back(run);
      }
    }
    return found;
  }
  void forgetRunHandle(const std::string& run_id) override {
    const auto lock = open("forgetRunHandle");
    for (auto& run : runs_) {
      if (run.id == run_id) run.handle.clear();
    }
    answer("forgetRunHandle");
  }
  std::optional<Run> latestRun(const std::string& execution_id) override {
    const auto lock = open("latestRun");
    for (auto run = runs_.rbegin(); run != runs_.rend(); ++run) {
      if (run->execution_id == execution_id) return *run;
    }
    return std::nullopt;
  }

  bool commitRun(const std::string& owner, std::int64_t expected_offset,
                 const ports::RunCommit& commit) override {
    const auto lock = open("commitRun");
    Execution* e = owned(commit.execution_id, owner);
    if (e == nullptr) return false;
    for (auto& run : runs_) {
      if (run.id != commit.run_id) continue;
      if (run.output_offset != expected_offset) return false;
      run.output_offset = commit.output_offset;
      run.decoder_state = commit.decoder_state;
      run.next_line += std::ssize(commit.lines);
      e->run = commit.progress;
      auto& log = logs_[e->id];
      log.insert(log.end(), commit.lines.begin(), commit.lines.end());
      answer("commitRun");
      return true;
    }
    return false;
  }
  bool setAttention(const std::string& owner, const std::string& execution_id,
                    const Text& attention) override {
    const auto lock = open("setAttention");
    Execution* e = owned(execution_id, owner);
    if (e != nullptr) e->attention = attention;
    return e != nullptr;
  }
  bool finish(const std::string& owner, const ports::ExecutionEnd& end) override {
    const auto lock = open("finish");
    Execution* e = owned(end.execution_id, owner);
    if (e == nullptr) return false;
    e->status = end.status;
    e->end_time = end.at;
    e->run = end.progress;
    e->avg_speed = end.avg_speed;
    e->data_size_bytes = end.data_size_bytes;
    e->reclaimed_bytes = end.reclaimed_bytes;
    e->error_message = end.error_message;
    e->attention = end.attention;
    for (auto& run : runs_) {
      if (run.execution_id != end.execution_id || run.ended_at) continue;
      if (run.id == end.run_id) run.exit_code = end.exit_code;
      run.ended_at = end.at;
    }
    answer("finish");
    return true;
  }

  std::optional<Execution> requestStop(const std::string& id, Timestamp at) override {
    const auto lock = open("requestStop");
    Execution* e = byId(id);
    if (e == nullptr) return std::nullopt;
    if (!isFinal(e->status)) e->stop_requested = true;
    if (e->status == ExecutionStatus::kPending) {
      e->status = ExecutionStatus::kCancelled;
      e->end_time = at;
    }
    return *e;
  }

  std::vector<LogLine> readLog(const std::string& execution_id, std::int64_t from_line, int limit,
                               const std::string& search) override {
    const auto lock = open("readLog");
    std::vector<LogLine> lines;
    for (const auto& line : logs_[execution_id]) {
      if (std::ssize(lines) == limit) break;
      if (line.number >= from_line && line.text.find(search) != line.text.npos) {
        lines.push_back(line);
      }
    }
    return lines;
  }
  std::int64_t lastLogLine(const std::string& execution_id) override {
    const auto lock = open("lastLogLine");
    const auto& log = logs_[execution_id];
    return log.empty() ? 0 : log.back().number;
  }

  // For tests.
  /// Whatever else is on its table.
  std::int64_t insert(const Execution& execution) {
    const auto lock = open("insert");
    executions_.push_back(execution);
    executions_.back().number = static_cast<std::int64_t>(executions_.size());
    return executions_.back().number;
  }
  /// The next `times` calls of the method throw StoreUnavailable and do nothing.
  void failNext(const std::string& method, int times) {
    const std::lock_guard lock{mutex_};
    failures_[method] = times;
  }
  /// The next `times` calls of a writing method do their work, then throw StoreUnavailable: what a
  /// connection that breaks after the commit looks like.
  void loseAnswers(const std::string& method, int times) {
    const std::lock_guard lock{mutex_};
    lost_answers_[method] = times;
  }
  /// The next `times` calls of the method throw what no caller expects.
  void breakNext(const std::string& method, int times) {
    const std::lock_guard lock{mutex_};
    defects_[method] = times;
  }
  int calls(const std::string& method) const {
    const std::lock_guard lock{mutex_};
    const auto found = calls_.find(method);
    return found == calls_.end() ? 0 : found->second;
  }
  std::vector<Run> runs() const {
    const std::lock_guard lock{mutex_};
    return runs_;
  }
  Timestamp leaseUntil(const std::string& execution_id) {
    const std::lock_guard lock{mutex_};
    return leases_[execution_id].until;
  }
  /// Another node takes the execution over, whatever its lease.
  void giveTo(const std::string& execution_id, const std::string& owner, Timestamp lease_until) {
    const std::lock_guard lock{mutex_};
    leases_[execution_id] = {owner, lease_until};
  }
  std::vector<Execution> all() const {
    const std::lock_guard lock{mutex_};
    return executions_;
  }
  /// Changes a stored execution without any rule.
  template <typename F>
  void edit(const std::string& id, const F& change) {
    const std::lock_guard lock{mutex_};
    if (Execution* e = byId(id)) change(*e);
  }
  /// Changes a stored run likewise.
  template <typename F>
  void editRun(const std::string& id, const F& change) {
    const std::lock_guard lock{mutex_};
    for (auto& run : runs_) {
      if (run.id == id) change(run);
    }
  }
  void appendLog(const std::string& execution_id, std::vector<LogLine> lines) {
    const std::lock_guard lock{mutex_};
    auto& log = logs_[execution_id];
    log.insert(log.end(), lines.begin(), lines.end());
  }

 private:
  struct Lease {
    std::string owner;
    Timestamp until{};
  };

  std::unique_lock<std::mutex> open(const std::string& method) {
    std::unique_lock lock{mutex_};
    ++calls_[method];
    if (countDown(defects_[method])) throw std::logic_error{"a defect"};
    if (unavailable || countDown(failures_[method])) {
      throw StoreUnavailable{"the fake store is away"};
    }
    return lock;
  }
  /// At the end of a method that has done its work.
  void answer(const std::string& method) {
    if (countDown(lost_answers_[method])) throw StoreUnavailable{"the answer was lost"};
  }
  static bool countDown(int& left) { return left > 0 && left-- > 0; }
  static bool same(const std::string& a, const std::string& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
      return std::tolower(x) == std::tolower(y);
    });
  }
  static bool fits(const Execution& e, const ExecutionFilter& filter) {
    const auto& wanted = filter.statuses;
    const bool status =
        wanted.empty() || std::find(wanted.begin(), wanted.end(), e.status) != wanted.end();
    return status && (filter.database_name.empty() || filter.database_name == e.database_name) &&
           (filter.table_name.empty() || filter.table_name == e.table_name) &&
           (filter.connection_id.empty() || filter.connection_id == e.connection_id);
  }
  bool mayRun(const Execution& candidate, const ports::ClaimLimits& limits) const {
    int running = 0;
    int on_server = 0;
    for (const auto& e : executions_) {
      if (e.status != ExecutionStatus::kRunning) continue;
      ++running;
      if (e.server_key != candidate.server_key) continue;
      ++on_server;
      if (same(e.database_name, candidate.database_name) &&
          same(e.table_name, candidate.table_name)) {
        return false;
      }
    }
    return running < limits.max_concurrent && on_server < limits.max_per_server;
  }
  Execution* byId(const std::string& id) {
    const auto found = std::find_if(executions_.begin(), executions_.end(),
                                    [&](const Execution& e) { return e.id == id; });
    return found == executions_.end() ? nullptr : &*found;
  }
  Execution* owned(const std::string& id, const std::string& owner) {
    Execution* e = byId(id);
    const bool running = e != nullptr && e->status == ExecutionStatus::kRunning;
    return running && leases_[id].owner == owner ? e : nullptr;
  }

  mutable std::mutex mutex_;
  std::map<std::string, int> calls_;
  std::map<std::string, int> failures_;
  std::map<std::string, int> defects_;
  std::map<std::string, int> lost_answers_;
  std::vector<Execution> executions_;
  std::map<std::string, Lease> leases_;
  std::vector<Run> runs_;
  std::map<std::string, std::vector<LogLine>> logs_;
};

}  // namespace oscar::test
