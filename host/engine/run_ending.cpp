// How a RunActor ends its execution, with a run or without one.
#include "domain/error.hpp"
#include "engine/load_sampler.hpp"
#include "engine/output_pump.hpp"
#include "engine/run_actor.hpp"
#include "engine/run_cleanup.hpp"
#include "engine/run_files.hpp"

#include <algorithm>

namespace oscar::engine {
namespace {

constexpr int kAftermathTries = 3;

}  // namespace

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
  evidence.output = decoder_.state();
  evidence.output_lost = rereading();
  evidence.stop_requested = stop_requested_;
  evidence.end = awaitRunEnd();
  ports::ExecutionEnd end = endOf(evidence);
  requireOwnership();
  const bool normal = evidence.end.exit_code == 0 && evidence.output.swapped;
  // Where output is missing nobody knows whether the tables were swapped: nothing may be dropped.
  const bool clean_up = !normal && !evidence.output_lost && context_.settings.auto_cleanup;
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

/// Asks until the backend has answered.
ports::RunEnd RunActor::awaitRunEnd() {
  while (true) {
    try {
      return backend_->status(run_.handle);
    } catch (const ports::BackendError& e) {
      if (e.kind() == ports::BackendError::Kind::kNotFound) {
        return {ports::RunState::kLost, std::nullopt, std::nullopt, std::nullopt};
      }
      log(ports::LogLevel::kWarn, std::string{"how did the run end? "} + e.what());
      showBackendTrouble(unreachableBackend(e.message()));
    }
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
  end.progress = evidence.output_lost ? committed_progress_ : decoder_.progress();
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

void RunActor::lookAfterwards(bool clean_up, Evidence& evidence, ports::ExecutionEnd& end) {
  for (int attempt = 1; attempt <= kAftermathTries; ++attempt) {
    try {
      lookOnce(clean_up, evidence, end);
      return;
    } catch (const ports::TargetError& e) {
      log(ports::LogLevel::kWarn, std::string{"looking at the table afterwards: "} + e.what());
    } catch (const ServiceError& e) {
      log(ports::LogLevel::kWarn, std::string{"looking at the table afterwards: "} + e.what());
      return;
    }
    pause(kStoreRetry);
  }
}

void RunActor::lookOnce(bool clean_up, Evidence& evidence, ports::ExecutionEnd& end) {
  const auto session = context_.targets.connect(
      stored([&] { return context_.directory.addressOf(execution_.connection_id); }));
  // Objects of the same names on another server are not this run's.
  if (session->server().server_key != execution_.server_key) {
    log(ports::LogLevel::kWarn, "the connection leads to another server now: nothing is dropped");
    evidence.server_left = execution_.server_key;
    return;
  }
  const OutputState& output = evidence.output;
  auto aftermath =
      inspectAftermath(*session, execution_.database_name, execution_.table_name, output);
  if (clean_up) {
    removeLeftovers(*session, execution_.database_name, output, aftermath, context_.log);
  }
  evidence.aftermath = aftermath;
  if (const auto table = session->table(execution_.database_name, execution_.table_name)) {
    end.data_size_bytes = table->data_bytes + table->index_bytes;
    if (output.free_bytes_before && output.swapped) {
      end.reclaimed_bytes = *output.free_bytes_before - table->free_bytes;
    }
  }
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
