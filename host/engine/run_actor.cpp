#include "engine/run_actor.hpp"

#include "domain/error.hpp"
#include "engine/load_sampler.hpp"
#include "engine/output_pump.hpp"
#include "engine/supervision_failures.hpp"
#include "json/utf8.hpp"

namespace oscar::engine {
namespace {

using std::chrono::milliseconds;

/// At most so often a run writes to the store: lines reach a viewer within this time and a little.
constexpr milliseconds kCommitInterval{40};
constexpr milliseconds kIdleWait{250};
constexpr std::chrono::seconds kStopLookInterval{2};
constexpr std::size_t kBytesPerCommit = std::size_t{256} * 1024;

}  // namespace

RunActor::RunActor(const EngineContext& context, Execution execution, std::function<void()> on_end)
    : context_{context},
      execution_{std::move(execution)},
      on_end_{std::move(on_end)},
      committed_progress_{execution_.run},
      stop_sequence_{std::chrono::seconds{context.settings.stop_grace_seconds}},
      stop_requested_{execution_.stop_requested},
      thread_{[this] { main(); }} {}

RunActor::~RunActor() {
  detach();
  thread_.join();
}

void RunActor::detach() {
  detaching_ = true;
  notify();
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

void RunActor::main() {
  try {
    if (findOrStartRun()) {
      supervise();
      concludeRun();
    }
  } catch (const Detached&) {
    log(ports::LogLevel::kInfo, "detached; the run goes on by itself");
  } catch (const std::exception& e) {
    // A defect. The execution stays running in the store, so that the scheduler can try again.
    failure_ = json::toUtf8(e.what());
    log(ports::LogLevel::kError, "the run's supervision failed: " + *failure_);
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
  restoreState();
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
    const Text why = context_.backends.whyNot(execution_.backend);
    if (!complained) {
      log(ports::LogLevel::kError, "backend " + execution_.backend + ": " + why.en);
      complained = true;
    }
    showBackendTrouble(why);
    pause(kBackendRetry);
  }
}

Text RunActor::unreachableBackend(const Text& why) {
  return {"执行后端暂时无法访问：" + why.zh,
          "the backend cannot be reached at the moment: " + why.en};
}

/// A person sees why nothing moves. When the store is away as well, the next try shows it.
void RunActor::showBackendTrouble(Text why) {
  RunProgress progress = committed_progress_;
  progress.throttled_by = std::move(why);
  if (progress != committed_progress_) commit(progress);
}

std::optional<std::string> RunActor::recoverHandle() {
  while (true) {
    try {
      return backend_->recover(run_.id);
    } catch (const ports::BackendError& e) {
      log(ports::LogLevel::kWarn, std::string{"cannot look for the run: "} + e.what());
      showBackendTrouble(unreachableBackend(e.message()));
    }
    pause(kBackendRetry);
  }
}

/// What cannot be read is learned again: the backend keeps the run's whole output.
void RunActor::restoreState() {
  auto state = OutputState::decode(run_.decoder_state);
  if (state.ok()) {
    assembler_ = LineAssembler{run_.output_offset};
    decoder_ = OutputDecoder{std::move(state).value()};
    return;
  }
  log(ports::LogLevel::kError, "the stored state of run " + run_.id + " cannot be read (" +
                                   state.error() + "): its whole output is read again");
  assembler_ = LineAssembler{0};
  decoder_ = OutputDecoder{OutputState{}};
}

/// Output that is stored already is being read again, and what it tells is not all known yet.
bool RunActor::rereading() const {
  return assembler_.consumedOffset() < run_.output_offset;
}

/// Load figures are a help, no condition: a run goes on without them.
void RunActor::sampleLoad() {
  if (sampler_ || !load_possible_) return;
  try {
    sampler_ = std::make_unique<LoadSampler>(
        context_.targets, context_.directory.addressOf(execution_.connection_id),
        shownLimits(execution_.params, context_.settings), context_.clock,
        std::chrono::seconds{context_.settings.load_sample_seconds}, [this] { notify(); });
  } catch (const StoreUnavailable&) {
    // Asked again in the next round.
  } catch (const std::exception& e) {
    log(ports::LogLevel::kWarn, std::string{"no load figures: "} + e.what());
    load_possible_ = false;
  }
}

void RunActor::supervise() {
  supervising_since_ = context_.clock.steady();
  pump_ = std::make_unique<OutputPump>(*backend_, run_.handle, assembler_.consumedOffset(),
                                       [this] { notify(); });
  bool finished = false;
  bool idle = true;
  while (!finished) {
    if (idle) waitForNews(kIdleWait);
    if (detaching_) {
      commitIfChanged();
      throw Detached{};
    }
    withdrawAttention();
    sampleLoad();
    lookForStopRequest();
    advanceStop();
    // Asked before taking: what ends in between is seen by the next round.
    finished = pump_->finished();
    const std::string bytes = pump_->take(kBytesPerCommit);
    idle = bytes.empty();
    digest(bytes, finished);
    commitIfChanged();
  }
}

void RunActor::digest(std::string_view bytes, bool finished) {
  std::vector<OutputLine> lines;
  assembler_.feed(bytes, lines);
  if (finished) assembler_.finish(lines);
  const Timestamp now = context_.clock.now();
  for (auto& line : lines) {
    if (line.end_offset <= run_.output_offset) {
      decoder_.take(line.text, Timestamp{});  // read again: in the log already, its time not known
      continue;
    }
    if (!decoder_.take(line.text, now)) continue;
    const auto number = run_.next_line + static_cast<std::int64_t>(pending_lines_.size());
    pending_lines_.push_back({number, now, std::move(line.text)});
  }
}

RunProgress RunActor::currentProgress() const {
  RunProgress progress = rereading() ? committed_progress_ : decoder_.progress();
  if (sampler_) progress.load = sampler_->latest();
  const Text trouble = pump_ ? pump_->trouble() : Text{};
  if (!trouble.empty()) progress.throttled_by = unreachableBackend(trouble);
  return progress;
}

void RunActor::commitIfChanged() {
  const RunProgress progress = currentProgress();
  const bool moved = assembler_.consumedOffset() > run_.output_offset;
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

ports::RunCommit RunActor::commitOf(const RunProgress& progress) const {
  ports::RunCommit c;
  c.execution_id = execution_.id;
  c.run_id = run_.id;
  c.lines = pending_lines_;
  c.output_offset = rereading() ? run_.output_offset : assembler_.consumedOffset();
  c.decoder_state = rereading() ? run_.decoder_state : decoder_.state().encode();
  c.progress = progress;
  return c;
}

/// True when the store holds what was decoded so far. Throws Detached when the execution is no
/// longer ours.
bool RunActor::commit(const RunProgress& progress) {
  const ports::RunCommit c = commitOf(progress);
  try {
    if (!context_.executions.commitRun(context_.node, run_.output_offset, c) && !commitWasKept(c)) {
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
    publishChange(progress);
  }
  return true;
}

void RunActor::publishChange(const RunProgress& progress) {
  context_.events.publish(ExecutionChanged{execution_.id,
                                           execution_.number,
                                           ExecutionStatus::kRunning,
                                           progress,
                                           {},
                                           execution_.attention});
}

/// An earlier actor's failures were told to people; this one works.
void RunActor::withdrawAttention() {
  if (trusted_ ||
      context_.clock.steady() - supervising_since_ < SupervisionFailures::kTrustedAfter) {
    return;
  }
  try {
    if (!execution_.attention.empty() &&
        context_.executions.setAttention(context_.node, execution_.id, {})) {
      execution_.attention = {};
      publishChange(committed_progress_);
    }
    trusted_ = true;
  } catch (const StoreUnavailable&) {
    // Asked again in the next round; commit complains about the store.
  }
}

/// A commit whose answer was lost (the connection broke just then) is in the store all the same:
/// then the store stands at its end, and the execution is still ours.
bool RunActor::commitWasKept(ports::RunCommit commit) {
  commit.lines.clear();
  return context_.executions.commitRun(context_.node, commit.output_offset, commit);
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
  if (!stop_requested_ || swapHasBegun(currentProgress().stage)) return;
  // It ends by itself, and what a signal interrupted would be left behind.
  if (decoder_.state().cleaning_up) return;
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
    // Not a step further than the run has been asked: a signal leaves triggers behind.
    if (e.kind() == ports::BackendError::Kind::kUnavailable) {
      stop_sequence_.notDelivered(context_.clock.steady());
    }
  }
}

}  // namespace oscar::engine
