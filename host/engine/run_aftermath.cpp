// How a RunActor looks, after the run's end, at what the run left on the server.
#include "domain/error.hpp"
#include "engine/run_actor.hpp"
#include "engine/run_cleanup.hpp"

#include <algorithm>

namespace oscar::engine {
namespace {

using std::chrono::milliseconds;

/// How long the execution stays running while the server is away or holds the table's lock.
constexpr std::chrono::minutes kTargetPatience{10};
constexpr milliseconds kFirstPause{1000};
constexpr milliseconds kLongestPause{30'000};
/// For errors that do not pass by themselves, and where nothing is at stake.
constexpr int kTries = 3;
constexpr std::chrono::seconds kSessionPatience{30};
constexpr milliseconds kSessionPause{200};
constexpr std::chrono::seconds kTellAfter{1};

/// Something of the run may be left, or a swap untold.
bool atStake(const Evidence& e) {
  const OutputState& out = e.output;
  return !e.endedWell() &&
         (out.triggers_begun || !out.new_table.empty() || out.swap_attempted || e.output_lost);
}

Text serverAway(const char* why) {
  return {
      "运行已结束，正在等待目标服务器恢复，以便检查并清理残留的触发器和新表（最多等 10 "
      "分钟）。最近的错误：" +
          std::string{why},
      "The run has ended. Waiting, for 10 minutes at most, until the target server is back, to "
      "look for triggers and the new table that are left and remove them. Last error: " +
          std::string{why}};
}

Text lockHeld(const std::string& table) {
  return {"运行已结束，但其他会话持有表 " + table +
              " 的元数据锁（长事务？），残留的触发器和新表暂时无法删除，正在重试（最多 10 分钟）",
          "The run has ended, but another session holds the metadata lock of " + table +
              " (a long transaction?), so triggers and the new table that are left cannot be "
              "dropped yet. Trying again for 10 minutes at most"};
}

std::string listed(const std::vector<std::int64_t>& ids) {
  std::string text;
  for (const auto id : ids) text += (text.empty() ? "" : ", ") + std::to_string(id);
  return text;
}

}  // namespace

void RunActor::lookAfterwards(bool clean_up, Evidence& evidence, ports::ExecutionEnd& end) {
  const auto give_up = context_.clock.steady() + kTargetPatience;
  milliseconds delay = kFirstPause;
  for (int attempt = 1;; ++attempt) {
    Text hindrance;
    bool passes = true;
    try {
      hindrance = lookOnce(clean_up, evidence, end);
      if (hindrance.empty()) return;
    } catch (const ports::TargetError& e) {
      log(ports::LogLevel::kWarn, std::string{"looking at the table afterwards: "} + e.what());
      hindrance = serverAway(e.what());
      passes = mayPass(e.code());
    } catch (const ServiceError& e) {
      log(ports::LogLevel::kWarn, std::string{"looking at the table afterwards: "} + e.what());
      return;
    }
    const bool wait_long = passes && atStake(evidence);
    if (wait_long ? context_.clock.steady() >= give_up : attempt >= kTries) return;
    if (wait_long) tellWaiting(std::move(hindrance));
    pause(delay);
    if (wait_long) delay = std::min(delay * 2, kLongestPause);
  }
}

/// Returns what was in the way and may pass; empty when nothing was. Throws TargetError.
Text RunActor::lookOnce(bool clean_up, Evidence& evidence, ports::ExecutionEnd& end) {
  const auto session = context_.targets.connect(
      stored([&] { return context_.directory.addressOf(execution_.connection_id); }));
  // Objects of the same names on another server are not this run's.
  if (session->server().server_key != execution_.server_key) {
    log(ports::LogLevel::kWarn, "the connection leads to another server now: nothing is dropped");
    evidence.server_left = execution_.server_key;
    return {};
  }
  if (!evidence.endedWell() && !awaitSessionsGone(*session, evidence)) return {};
  auto found = inspectAftermath(*session, evidence);
  if (evidence.aftermath && evidence.aftermath->swap != TargetAftermath::Swap::kUnknown) {
    // The first look had more to go by: what it went by may have been dropped since.
    found.swap = evidence.aftermath->swap;
  }
  if (clean_up) removeLeftovers(*session, evidence, found, context_.log);
  evidence.aftermath = found;
  if (found.blocked_by != 0) return lockHeld(evidence.database + "." + evidence.table);
  if (const auto table = session->table(execution_.database_name, execution_.table_name)) {
    end.data_size_bytes = table->data_bytes + table->index_bytes;
    if (evidence.output.free_bytes_before && evidence.output.swapped) {
      end.reclaimed_bytes = *evidence.output.free_bytes_before - table->free_bytes;
    }
  }
  return {};
}

/// Until the run's sessions have left, a statement that was on its way (CREATE TRIGGER, RENAME) may
/// still be carried out, long after its client. False when one of them does not leave.
bool RunActor::awaitSessionsGone(ports::TargetSession& session, Evidence& evidence) {
  const auto since = context_.clock.steady();
  ports::RunSessions run;
  run.ids = evidence.output.sessions;
  const auto age = context_.clock.now() - execution_.start_time.value_or(execution_.created_at);
  run.age_seconds = static_cast<int>(std::chrono::duration_cast<std::chrono::seconds>(age).count());
  run.database = evidence.database;
  run.new_table = evidence.output.new_table;
  while (true) {
    evidence.sessions_left = session.killSessions(run);
    if (evidence.sessions_left.empty()) return true;
    const auto waited = context_.clock.steady() - since;
    const std::string ids = listed(evidence.sessions_left);
    if (waited >= kSessionPatience) {
      log(ports::LogLevel::kError, "sessions of the run do not end: " + ids);
      return false;
    }
    if (waited >= kTellAfter) {
      tellWaiting({"运行已结束，正在等待它在目标服务器上的会话退出（已 KILL）：" + ids,
                   "The run has ended. Waiting until its sessions on the target server, which were "
                   "killed, have left: " +
                       ids});
    }
    pause(kSessionPause);
  }
}

/// What the execution, which is still running, waits for. Withdrawn or replaced at its end.
void RunActor::tellWaiting(Text what) {
  if (execution_.attention == what) return;
  try {
    if (!context_.executions.setAttention(context_.node, execution_.id, what)) return;
  } catch (const StoreUnavailable& e) {
    log(ports::LogLevel::kWarn, std::string{"the store is away: "} + e.what());
    return;
  }
  execution_.attention = std::move(what);
  publishChange(committed_progress_);
}

}  // namespace oscar::engine
