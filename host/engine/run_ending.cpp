// How a RunActor ends its execution, with a run or without one.
#include "domain/error.hpp"
#include "engine/load_sampler.hpp"
#include "engine/output_pump.hpp"
#include "engine/run_actor.hpp"
#include "engine/run_files.hpp"

#include <algorithm>

namespace oscar::engine {
void RunActor::endBeforeStart(ExecutionStatus status, Text reason) {
  ports::ExecutionEnd end;
  end.run_id = run_.id;
  end.status = status;
  end.error_message = std::move(reason);
  end.progress = execution_.run;
  end.at = context_.clock.now();
  finish(std::move(end));
}

void RunActor::concludeRun() {
  Evidence evidence;
  evidence.database = execution_.database_name;
  evidence.table = execution_.table_name;
  evidence.output_lost = rereading();
  evidence.end = awaitRunEnd(evidence);
  evidence.output = decoder_.state();
  evidence.stop_requested = stop_requested_;
  ports::ExecutionEnd end = endOf(evidence);
  requireOwnership();
  // Where output is missing nobody knows what the run has made: nothing may be dropped.
  const bool clean_up =
      !evidence.endedWell() && !evidence.output_lost && context_.settings.auto_cleanup;
  lookAfterwards(clean_up, evidence, end);
  Conclusion conclusion = conclude(evidence);
  end.status = conclusion.status;
  end.error_message = std::move(conclusion.error_message);
  end.attention = std::move(conclusion.attention);
  if (end.status == ExecutionStatus::kCompleted) {
    end.progress.progress = 100;
    end.progress.stage = Stage::kDone;
  }
  sampler_.reset();
  finish(std::move(end));
  removeRunFiles(context_, *backend_, run_);
}

/// Asks until the backend has answered, and the run has ended: its output may have come to an end
/// before it, when the file was cut off or removed.
ports::RunEnd RunActor::awaitRunEnd(Evidence& evidence) {
  while (true) {
    try {
      const ports::RunEnd end = backend_->status(run_.handle);
      const Text trouble = pump_->trouble();
      if (!trouble.empty()) evidence.output_lost = true;
      if (end.state != ports::RunState::kRunning) return end;
      tellWaiting({"运行的输出已丢失（" + trouble.zh +
                       "），看不到进度和日志；pt-osc 仍在运行，结束后会检查表的状态",
                   "The run's output is lost (" + trouble.en +
                       "), so progress and log stand still. pt-osc goes on; the table is looked at "
                       "when it has ended"});
    } catch (const ports::BackendError& e) {
      if (e.kind() == ports::BackendError::Kind::kNotFound) {
        return {ports::RunState::kLost, std::nullopt, std::nullopt, std::nullopt};
      }
      log(ports::LogLevel::kWarn, std::string{"how did the run end? "} + e.what());
      showBackendTrouble(unreachableBackend(e.message()));
    }
    lookForStopRequest();
    advanceStop();
    pause(kBackendRetry);
  }
}

/// The figures of the end; the verdict comes from `conclude`.
ports::ExecutionEnd RunActor::endOf(const Evidence& evidence) const {
  const OutputState& out = evidence.output;
  ports::ExecutionEnd end;
  end.run_id = run_.id;
  end.exit_code = evidence.end.exit_code;
  end.at = endTime(evidence.end);
  end.progress = rereading() ? committed_progress_ : decoder_.progress();
  end.progress.throttled_by = {};
  end.progress.paused = false;
  end.progress.eta_seconds.reset();
  end.progress.current_speed.reset();
  end.progress.load.reset();
  if (out.copy_started_at > 0 && out.copy_ended_at > out.copy_started_at) {
    end.avg_speed = static_cast<double>(end.progress.processed_rows) /
                    (out.copy_ended_at - out.copy_started_at);
  }
  return end;
}

/// Before anything is dropped: had another node taken over this execution while we were cut off,
/// the triggers on the table could be those of the next one. A commit that changes nothing asks.
void RunActor::requireOwnership() {
  const auto owned = stored([&] {
    return context_.executions.commitRun(context_.node, run_.output_offset,
                                         commitOf(committed_progress_));
  });
  if (!owned) throw Detached{};
}

/// When the run's process ended, which may be long ago. A backend's clock is believed within
/// reason.
Timestamp RunActor::endTime(const ports::RunEnd& end) const {
  const Timestamp now = context_.clock.now();
  if (!end.ended_at) return now;
  return std::clamp(*end.ended_at, std::min(execution_.start_time.value_or(now), now), now);
}

void RunActor::finish(ports::ExecutionEnd end) {
  end.execution_id = execution_.id;
  const bool recorded = stored([&] {
    if (context_.executions.finish(context_.node, end)) return true;
    // False as well when the answer to an earlier try was lost.
    const auto execution = context_.executions.find(execution_.id);
    return execution && execution->status == end.status;
  });
  if (!recorded) {
    log(ports::LogLevel::kWarn, "another node supervises this execution now");
    throw Detached{};
  }
  log(ports::LogLevel::kInfo,
      "ended: " + std::string{toString(end.status)} +
          (end.error_message.en.empty() ? "" : ": " + end.error_message.en));
  context_.events.publish(ExecutionChanged{execution_.id, execution_.number, end.status,
                                           end.progress, end.error_message, end.attention});
}

}  // namespace oscar::engine
