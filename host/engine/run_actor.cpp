#include "engine/run_actor.hpp"

#include "domain/error.hpp"
#include "domain/ids.hpp"
#include "engine/load_sampler.hpp"
#include "engine/output_pump.hpp"
#include "engine/run_cleanup.hpp"
#include "engine/run_launcher.hpp"

namespace oscar::engine {
namespace {

using std::chrono::milliseconds;

/// At most so often a run writes to the store: lines reach a viewer within this time and a little.
constexpr milliseconds kCommitInterval{40};
constexpr milliseconds kIdleWait{250};
constexpr milliseconds kStoreRetry{1000};
constexpr milliseconds kBackendRetry{2000};
constexpr std::chrono::seconds kStopLookInterval{2};
constexpr std::size_t kBytesPerCommit = 256 * 1024;
constexpr int kAftermathTries = 3;

}  // namespace

RunActor::RunActor(const EngineContext& context, Execution execution, std::function<void()> on_end)
    : context_{context},
      execution_{std::move(execution)},
      on_end_{std::move(on_end)},
      stop_sequence_{std::chrono::seconds{context.settings.stop_grace_seconds}},
      stop_requested_{execution_.stop_requested},
      thread_{[this] { main(); }} {}

RunActor::~RunActor() {
  detaching_ = true;
  notify();
  thread_.join();
}

void RunActor::requestStop() {
  stop_requested_ = true;
  notify();
}

void RunActor::notify() {
  {
    const std::lock_guard lock{mutex_};
    news_ = true;
  }
  wake_.notify_all();
}

void RunActor::waitForNews(milliseconds limit) {
  std::unique_lock lock{mutex_};
  wake_.wait_for(lock, limit, [this] { return news_ || detaching_; });
  news_ = false;
}

void RunActor::pause(milliseconds time) {
  std::unique_lock lock{mutex_};
  wake_.wait_for(lock, time, [this] { return detaching_.load(); });
  if (detaching_) throw Detached{};
}

void RunActor::log(ports::LogLevel level, const std::string& text) {
  context_.log.write(level, "engine", "#" + std::to_string(execution_.number) + ": " + text);
}

template <typename Action>
auto RunActor::stored(Action action) {
  bool complained = false;
  while (true) {
    try {
      return action();
    } catch (const StoreUnavailable& e) {
      if (!complained) log(ports::LogLevel::kWarn, std::string{"the store is away: "} + e.what());
      complained = true;
    }
    pause(kStoreRetry);
  }
}

void RunActor::main() {
  try {
    if (findOrStartRun()) {
      supervise();
      concludeRun();
    }
  } catch (const Detached&) {
    log(ports::LogLevel::kInfo, "detached; the run goes on by itself");
  } catch (const std::exception& e) {
    // A defect. The execution stays running in the store, so the next take-over tries again.
    log(ports::LogLevel::kError, std::string{"the run's supervision failed: "} + e.what());
  }
  sampler_.reset();
  pump_.reset();
  ended_ = true;
  on_end_();
}

/// Returns false when the execution ended without a run.
bool RunActor::findOrStartRun() {
  const auto previous = stored([&] { return context_.executions.latestRun(execution_.id); });
  if (!previous) return launch();
  run_ = *previous;
  awaitBackend();
  if (run_.handle.empty()) {
    const auto handle = recoverHandle();
    if (!handle) return launch();
    run_.handle = *handle;
    stored([&] {
      context_.executions.setRunHandle(run_.id, run_.handle, "", context_.clock.now());
      return true;
    });
  }
  log(ports::LogLevel::kInfo, "attached again at byte " + std::to_string(run_.output_offset));
  return true;
}

/// A plugin that does not load today may load after the next restart: the run is not given up.
void RunActor::awaitBackend() {
  bool complained = false;
  while ((backend_ = context_.backends.find(execution_.backend)) == nullptr) {
    if (!complained) {
      const Text why = context_.backends.whyNot(execution_.backend);
      log(ports::LogLevel::kError, "backend " + execution_.backend + ": " + why.en);
      RunProgress progress = execution_.run;
      progress.throttled_by = why;
      publishChange(progress, {}, {});
      complained = true;
    }
    pause(kBackendRetry);
  }
}

std::optional<std::string> RunActor::recoverHandle() {
  while (true) {
    try {
      return backend_->recover(run_.id);
    } catch (const ports::BackendError& e) {
      log(ports::LogLevel::kWarn, std::string{"cannot look for the run: "} + e.what());
    }
    pause(kBackendRetry);
  }
}

bool RunActor::launch() {
  const auto refuse = [&](ExecutionStatus status, Text reason) {
    endBeforeStart(status, std::move(reason));
    return false;
  };
  if (stop_requested_) return refuse(ExecutionStatus::kCancelled, {});
  backend_ = context_.backends.find(execution_.backend);
  if (backend_ == nullptr) {
    return refuse(ExecutionStatus::kFailed, context_.backends.whyNot(execution_.backend));
  }
  try {
    const TargetAddress address =
        stored([&] { return context_.directory.addressOf(execution_.connection_id); });
    LaunchFacts facts;
    {
      const auto session = context_.targets.connect(address);
      facts = inspectBeforeLaunch(*session, execution_);
    }
    if (!facts.refusal.empty()) return refuse(ExecutionStatus::kFailed, facts.refusal);

    OutputState state;
    state.free_bytes_before = facts.free_bytes;
    state.tracker.estimate = facts.estimated_rows;
    run_ = Run{};
    run_.id = newUuid();
    run_.execution_id = execution_.id;
    run_.backend = execution_.backend;
    run_.next_line = stored([&] { return context_.executions.lastLogLine(execution_.id); }) + 1;
    run_.decoder_state = state.encode();
    stored([&] {
      context_.executions.insertRun(run_);
      return true;
    });
    run_.handle = startOnBackend(makeRunSpec(execution_, run_.id, address, context_.observer_text));
  } catch (const ServiceError& e) {
    return refuse(ExecutionStatus::kFailed, e.message());
  } catch (const ports::TargetError& e) {
    return refuse(ExecutionStatus::kFailed,
                  {std::string{"无法连接目标服务器："} + e.what(),
                   std::string{"Cannot reach the target server: "} + e.what()});
  } catch (const ports::BackendError& e) {
    return refuse(ExecutionStatus::kFailed,
                  {std::string{"执行后端无法启动运行："} + e.what(),
                   std::string{"The backend could not start the run: "} + e.what()});
  }
  return true;
}

std::string RunActor::startOnBackend(const ports::RunSpec& spec) {
  std::string handle = backend_->start(spec);
  // From here on the run exists. Should we die before the handle is stored, `recover` finds the
  // run.
  stored([&] {
    context_.executions.setRunHandle(run_.id, handle, "", context_.clock.now());
    return true;
  });
  log(ports::LogLevel::kInfo, "started as run " + run_.id);
  return handle;
}

void RunActor::supervise() {
  assembler_ = LineAssembler{run_.output_offset};
  decoder_ = OutputDecoder{OutputState::decode(run_.decoder_state)};
  committed_progress_ = execution_.run;
  pump_ = std::make_unique<OutputPump>(*backend_, run_.handle, run_.output_offset,
                                       [this] { notify(); });
  try {
    const auto max_load = execution_.params.max_load.value_or(context_.settings.default_max_load);
    const auto critical =
        execution_.params.critical_load.value_or(context_.settings.default_critical_load);
    const auto limit = [&](const char* variable) {
      const std::int64_t soft = loadLimit(max_load, variable);
      return soft != 0 ? soft : loadLimit(critical, variable);
    };
    sampler_ = std::make_unique<LoadSampler>(
        context_.targets, context_.directory.addressOf(execution_.connection_id),
        LoadSampler::Limits{limit("Threads_connected"), limit("Threads_running")}, context_.clock,
        std::chrono::seconds{context_.settings.load_sample_seconds}, [this] { notify(); });
  } catch (const std::exception& e) {
    log(ports::LogLevel::kWarn, std::string{"no load figures: "} + e.what());
  }
  bool finished = false;
  while (!finished) {
    waitForNews(kIdleWait);
    if (detaching_) {
      commitIfChanged();
      throw Detached{};
    }
    lookForStopRequest();
    advanceStop();
    // Asked before taking: what ends in between is seen by the next round.
    finished = pump_->finished();
    digest(pump_->take(kBytesPerCommit), finished);
    commitIfChanged();
    if (!pending_lines_.empty()) finished = false;  // the store is away: try again
  }
}

void RunActor::digest(std::string bytes, bool finished) {
  std::vector<OutputLine> lines;
  assembler_.feed(bytes, lines);
  if (finished) assembler_.finish(lines);
  const Timestamp now = context_.clock.now();
  for (auto& line : lines) {
    if (!decoder_.take(line.text, now)) continue;
    const auto number = run_.next_line + static_cast<std::int64_t>(pending_lines_.size());
    pending_lines_.push_back({number, now, std::move(line.text)});
  }
}

RunProgress RunActor::currentProgress() const {
  RunProgress progress = decoder_.progress();
  if (sampler_) progress.load = sampler_->latest();
  const std::string trouble = pump_ ? pump_->trouble() : "";
  if (!trouble.empty()) {
    progress.throttled_by = {"执行后端暂时无法访问：" + trouble,
                             "the backend cannot be reached at the moment: " + trouble};
  }
  return progress;
}

void RunActor::commitIfChanged() {
  const RunProgress progress = currentProgress();
  const bool moved = assembler_.consumedOffset() != run_.output_offset;
  if (!moved && pending_lines_.empty() && progress == committed_progress_) return;
  const auto since = context_.clock.steady() - last_commit_;
  if (since < kCommitInterval && !detaching_) {
    pause(std::chrono::duration_cast<milliseconds>(kCommitInterval - since));
  }
  while (!commit(progress)) {
    if (detaching_) return;
    lookForStopRequest();
    advanceStop();
    pause(kStoreRetry);
  }
}

/// True when the store holds what was decoded so far. Throws Detached when the execution is no
/// longer ours.
bool RunActor::commit(const RunProgress& progress) {
  ports::RunCommit c;
  c.execution_id = execution_.id;
  c.run_id = run_.id;
  c.lines = pending_lines_;
  c.output_offset = assembler_.consumedOffset();
  c.decoder_state = decoder_.state().encode();
  c.progress = progress;
  try {
    if (!context_.executions.commitRun(context_.node, run_.output_offset, c) &&
        !commitWasKept(c.output_offset)) {
      log(ports::LogLevel::kWarn, "another node supervises this execution now");
      throw Detached{};
    }
  } catch (const StoreUnavailable& e) {
    log(ports::LogLevel::kWarn, std::string{"the store is away, the run goes on: "} + e.what());
    return false;
  }
  last_commit_ = context_.clock.steady();
  run_.output_offset = c.output_offset;
  run_.next_line += static_cast<std::int64_t>(pending_lines_.size());
  if (!pending_lines_.empty()) {
    context_.events.publish(LogAppended{execution_.id, std::move(pending_lines_)});
    pending_lines_.clear();
  }
  if (progress != committed_progress_) {
    committed_progress_ = progress;
    publishChange(progress, {}, {});
  }
  return true;
}

/// A commit whose answer was lost (the connection broke just then) is in the store all the same.
bool RunActor::commitWasKept(std::int64_t offset) {
  const auto execution = context_.executions.find(execution_.id);
  const auto run = context_.executions.latestRun(execution_.id);
  return execution && execution->status == ExecutionStatus::kRunning && run && run->id == run_.id &&
         run->output_offset == offset && offset != run_.output_offset;
}

void RunActor::lookForStopRequest() {
  const auto now = context_.clock.steady();
  if (stop_requested_ || now - last_stop_look_ < kStopLookInterval) return;
  last_stop_look_ = now;
  try {
    // The wish may have been stored by another node, whose event does not come here.
    const auto execution = context_.executions.find(execution_.id);
    if (execution && execution->stop_requested) stop_requested_ = true;
  } catch (const StoreUnavailable&) {
    // Asked again in a moment; commit complains about the store.
  }
}

void RunActor::advanceStop() {
  if (!stop_requested_ || swapHasBegun(decoder_.state().stage)) return;
  const auto step = stop_sequence_.due(context_.clock.steady());
  if (!step) return;
  try {
    switch (*step) {
      case StopSequence::Step::kAsk:
        log(ports::LogLevel::kInfo, "asking the run to stop");
        backend_->set(run_.handle, ports::Control::kStop, "");
        break;
      case StopSequence::Step::kTerminate:
        log(ports::LogLevel::kWarn, "the run did not stop in time: SIGTERM");
        backend_->stop(run_.handle, false);
        break;
      case StopSequence::Step::kKill:
        log(ports::LogLevel::kWarn, "the run did not stop in time: SIGKILL");
        backend_->stop(run_.handle, true);
        break;
    }
  } catch (const ports::BackendError& e) {
    log(ports::LogLevel::kWarn, std::string{"stop: "} + e.what());
  }
}

void RunActor::endBeforeStart(ExecutionStatus status, Text reason) {
  ports::ExecutionEnd end;
  end.status = status;
  end.error_message = std::move(reason);
  end.progress = execution_.run;
  finish(std::move(end));
}

void RunActor::concludeRun() {
  Evidence evidence;
  evidence.output = decoder_.state();
  evidence.stop_requested = stop_requested_;
  while (true) {
    try {
      evidence.end = backend_->status(run_.handle);
      break;
    } catch (const ports::BackendError& e) {
      if (e.kind() == ports::BackendError::Kind::kNotFound) {
        evidence.end.state = ports::RunState::kLost;
        break;
      }
      log(ports::LogLevel::kWarn, std::string{"how did the run end? "} + e.what());
    }
    pause(kBackendRetry);
  }
  ports::ExecutionEnd end;
  end.run_id = run_.id;
  end.exit_code = evidence.end.exit_code;
  end.progress = decoder_.progress();
  end.progress.throttled_by = {};
  end.progress.paused = false;
  end.progress.eta_seconds.reset();
  end.progress.current_speed.reset();
  requireOwnership();
  const bool normal = evidence.end.exit_code == 0 && evidence.output.swapped;
  evidence.aftermath = lookAfterwards(!normal && context_.settings.auto_cleanup, end);
  const Conclusion conclusion = conclude(evidence);
  end.status = conclusion.status;
  end.error_message = conclusion.error_message;
  end.attention = conclusion.attention;
  const OutputState& out = evidence.output;
  if (out.copy_started_at > 0 && out.copy_ended_at > out.copy_started_at) {
    end.avg_speed = static_cast<double>(end.progress.processed_rows) /
                    (out.copy_ended_at - out.copy_started_at);
  }
  if (end.status == ExecutionStatus::kCompleted) {
    end.progress.progress = 100;
    end.progress.stage = Stage::kDone;
  }
  sampler_.reset();
  finish(std::move(end));
  try {
    backend_->cleanup(run_.handle);
  } catch (const ports::BackendError& e) {
    log(ports::LogLevel::kWarn, std::string{"the run's files could not be removed: "} + e.what());
  }
}

/// Before anything is dropped: had another node concluded this execution while we were cut off, the
/// triggers on the table could be those of the next one.
void RunActor::requireOwnership() {
  const auto owned = stored([&] {
    const auto execution = context_.executions.find(execution_.id);
    return execution && execution->status == ExecutionStatus::kRunning;
  });
  if (!owned) throw Detached{};
}

std::optional<TargetAftermath> RunActor::lookAfterwards(bool clean_up, ports::ExecutionEnd& end) {
  for (int attempt = 1; attempt <= kAftermathTries; ++attempt) {
    try {
      const auto session = context_.targets.connect(
          stored([&] { return context_.directory.addressOf(execution_.connection_id); }));
      const auto& output = decoder_.state();
      auto aftermath =
          inspectAftermath(*session, execution_.database_name, execution_.table_name, output);
      if (clean_up) {
        removeLeftovers(*session, execution_.database_name, output, aftermath, context_.log);
      }
      if (const auto table = session->table(execution_.database_name, execution_.table_name)) {
        end.data_size_bytes = table->data_bytes + table->index_bytes;
        if (output.free_bytes_before && output.swapped) {
          end.reclaimed_bytes = *output.free_bytes_before - table->free_bytes;
        }
      }
      return aftermath;
    } catch (const ports::TargetError& e) {
      log(ports::LogLevel::kWarn, std::string{"looking at the table afterwards: "} + e.what());
    } catch (const ServiceError& e) {
      log(ports::LogLevel::kWarn, std::string{"looking at the table afterwards: "} + e.what());
      return std::nullopt;
    }
    pause(kStoreRetry);
  }
  return std::nullopt;
}

void RunActor::finish(ports::ExecutionEnd end) {
  end.execution_id = execution_.id;
  end.at = context_.clock.now();
  const bool ours = stored([&] { return context_.executions.finish(context_.node, end); });
  if (!ours) log(ports::LogLevel::kWarn, "the end was already recorded");
  log(ports::LogLevel::kInfo,
      "ended: " + std::string{toString(end.status)} +
          (end.error_message.en.empty() ? "" : ": " + end.error_message.en));
  context_.events.publish(ExecutionChanged{execution_.id, execution_.number, end.status,
                                           end.progress, end.error_message, end.attention});
}

void RunActor::publishChange(const RunProgress& progress, const Text& error,
                             const Text& attention) {
  context_.events.publish(ExecutionChanged{execution_.id, execution_.number,
                                           ExecutionStatus::kRunning, progress, error, attention});
}

}  // namespace oscar::engine
