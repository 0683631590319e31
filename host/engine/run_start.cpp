// How a RunActor starts its run, or finds that it must not.
#include "domain/error.hpp"
#include "domain/ids.hpp"
#include "engine/run_actor.hpp"
#include "engine/run_launcher.hpp"
#include "engine/table_definition.hpp"

namespace oscar::engine {

/// Returns false when the execution ended without a run.
bool RunActor::launch() {
  std::optional<Text> refusal = stop_requested_ ? Text{} : tryToStart();
  if (!refusal) return true;
  // Who wanted it stopped gets that, whatever else would have kept it from starting.
  if (stop_requested_) {
    endBeforeStart(ExecutionStatus::kCancelled, {});
  } else {
    endBeforeStart(ExecutionStatus::kFailed, std::move(*refusal));
  }
  return false;
}

/// Why the run was not started; nullopt when it was.
std::optional<Text> RunActor::tryToStart() {
  try {
    return startUnlessRefused();
  } catch (const ServiceError& e) {
    return e.message();
  } catch (const ports::TargetError& e) {
    return Text{std::string{"无法连接目标服务器："} + e.what(),
                std::string{"Cannot reach the target server: "} + e.what()};
  } catch (const ports::BackendError& e) {
    return Text{"执行后端无法启动运行：" + e.message().zh,
                "The backend could not start the run: " + e.message().en};
  }
}

/// As tryToStart. A stop that came meanwhile is a refusal without words.
std::optional<Text> RunActor::startUnlessRefused() {
  backend_ = context_.backends.find(execution_.backend);
  if (backend_ == nullptr) return context_.backends.whyNot(execution_.backend);
  const TargetAddress address =
      stored([&] { return context_.directory.addressOf(execution_.connection_id); });
  const Text refusal = stored([&] { return checkLaunch(); });
  // The look may have taken long (duplicates, statistics), and nothing has been started yet.
  if (stop_requested_) return Text{};
  if (detaching_) throw Detached{};
  if (!refusal.empty()) return refusal;
  const auto session = context_.targets.connect(address);
  const LaunchFacts facts = inspectBeforeLaunch(*session, execution_);
  const std::int64_t definition =
      definitionNumber(session->showCreateTable(execution_.database_name, execution_.table_name));
  if (stop_requested_) return Text{};
  recordRun(facts, definition);
  run_.handle = startOnBackend(
      makeRunSpec(execution_, run_.id, decoder_.state().event_mark, address, context_));
  return std::nullopt;
}

/// A check that was interrupted has no verdict; what interrupted it is looked at by the caller.
Text RunActor::checkLaunch() {
  try {
    return context_.launch_check.refusal(execution_, [this] {
      lookForStopRequest();
      return !stop_requested_ && !detaching_;
    });
  } catch (const ports::LaunchCheck::Interrupted&) {
    return {};
  }
}

/// Before it is started: should we die in the backend's `start`, the next oscard looks for it.
void RunActor::recordRun(const LaunchFacts& facts, std::int64_t definition) {
  OutputState state;
  state.event_mark = newEventMark();
  state.free_bytes_before = facts.free_bytes;
  state.definition_before = definition;
  state.tracker.estimate = facts.estimated_rows;
  run_ = Run{};
  run_.id = newUuid();
  run_.execution_id = execution_.id;
  run_.backend = execution_.backend;
  run_.next_line = stored([&] { return context_.executions.lastLogLine(execution_.id); }) + 1;
  run_.decoder_state = state.encode();
  restoreState();
  stored([&] {
    // An earlier try may have been kept although its answer was lost.
    const auto latest = context_.executions.latestRun(execution_.id);
    if (!latest || latest->id != run_.id) context_.executions.insertRun(run_);
    return true;
  });
}

std::string RunActor::startOnBackend(const ports::RunSpec& spec) {
  std::string handle;
  try {
    handle = backend_->start(spec);
  } catch (const ports::BackendError& e) {
    if (e.kind() == ports::BackendError::Kind::kRefused) throw;
    // The answer is bad; the run may live all the same.
    log(ports::LogLevel::kWarn, std::string{"start failed, looking for the run: "} + e.what());
    const auto found = recoverHandle();
    if (!found) throw;
    handle = *found;
  }
  // From here on the run exists. Should we die before the handle is stored, `recover` finds the
  // run.
  stored([&] {
    context_.executions.setRunHandle(run_.id, handle, "", context_.clock.now());
    return true;
  });
  log(ports::LogLevel::kInfo, "started as run " + run_.id);
  return handle;
}

}  // namespace oscar::engine
