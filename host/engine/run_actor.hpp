#pragma once

#include "domain/error.hpp"
#include "engine/engine_context.hpp"
#include "engine/line_assembler.hpp"
#include "engine/output_decoder.hpp"
#include "engine/run_conclusion.hpp"
#include "engine/run_launcher.hpp"
#include "engine/stop_sequence.hpp"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace oscar::engine {

class LoadSampler;
class OutputPump;

/// Drives one claimed execution to its end on a thread of its own: starts the run (or attaches to
/// the one that an earlier oscard started), stores what it says, obeys stop, concludes.
///
/// While the store is away the run goes on and its output waits in the run directory; while the
/// backend is away the actor keeps trying. Destroying the actor detaches: the run itself is not
/// touched.
class RunActor {
 public:
  /// `execution` is running and owned by `context.node`. `on_end` is called once, from the actor's
  /// thread, when there is nothing more to do.
  RunActor(const EngineContext& context, Execution execution, std::function<void()> on_end);
  ~RunActor();
  RunActor(const RunActor&) = delete;
  RunActor& operator=(const RunActor&) = delete;

  /// The user's wish to stop has been stored; act on it now.
  void requestStop();
  /// Begins to detach without waiting for it, as the destructor does.
  void detach();
  bool ended() const { return ended_; }
  /// Why supervision failed, once `ended`: a defect. The execution is still running in the store
  /// and has to be taken up again. nullopt when it ended as it should.
  const std::optional<std::string>& failure() const { return failure_; }
  /// Supervision has worked long enough to forget earlier failures.
  bool trusted() const { return trusted_; }

 private:
  /// Thrown inside the actor's thread to leave it: the process is shutting down, or another node
  /// owns the execution now. The run goes on.
  struct Detached {};
  static constexpr std::chrono::milliseconds kStoreRetry{1000};
  static constexpr std::chrono::milliseconds kBackendRetry{2000};

  void main();
  bool findOrStartRun();
  bool launch();
  std::optional<Text> tryToStart();
  std::optional<Text> startUnlessRefused();
  Text checkLaunch();
  void recordRun(const LaunchFacts& facts, std::int64_t definition);
  std::string startOnBackend(const ports::RunSpec& spec);
  std::optional<std::string> recoverHandle();
  void awaitBackend();
  void restoreState();
  bool rereading() const;
  void supervise();
  void sampleLoad();
  void concludeRun();
  ports::RunEnd awaitRunEnd(Evidence& evidence);
  ports::ExecutionEnd endOf(const Evidence& evidence) const;
  void requireOwnership();
  void endBeforeStart(ExecutionStatus status, Text reason);

  void digest(std::string_view bytes, bool finished);
  void commitIfChanged();
  bool commit(const RunProgress& progress);
  bool commitWasKept(ports::RunCommit commit);
  ports::RunCommit commitOf(const RunProgress& progress) const;
  void showBackendTrouble(Text why);
  static Text unreachableBackend(const Text& why);
  void finish(ports::ExecutionEnd end);
  void lookAfterwards(bool clean_up, Evidence& evidence, ports::ExecutionEnd& end);
  Text lookOnce(bool clean_up, Evidence& evidence, ports::ExecutionEnd& end);
  bool awaitSessionsGone(ports::TargetSession& session, Evidence& evidence);
  void tellWaiting(Text what);
  RunProgress currentProgress() const;
  void lookForStopRequest();
  void advanceStop();
  void withdrawAttention();
  void publishChange(const RunProgress& progress);
  Timestamp endTime(const ports::RunEnd& end) const;

  /// Repeats `action` until the store takes it. Throws Detached on shutdown.
  template <typename Action>
  auto stored(Action action);
  void waitForNews(std::chrono::milliseconds limit);
  void pause(std::chrono::milliseconds time);
  void notify();
  void log(ports::LogLevel level, const std::string& text);

  const EngineContext& context_;
  Execution execution_;
  const std::function<void()> on_end_;
  ports::ExecutionBackend* backend_ = nullptr;
  Run run_;
  LineAssembler assembler_{0};
  OutputDecoder decoder_{OutputState{}};
  std::vector<LogLine> pending_lines_;
  RunProgress committed_progress_;
  std::unique_ptr<OutputPump> pump_;
  std::unique_ptr<LoadSampler> sampler_;
  StopSequence stop_sequence_;
  std::chrono::steady_clock::time_point last_commit_{};
  std::chrono::steady_clock::time_point last_stop_look_{};
  std::chrono::steady_clock::time_point supervising_since_{};
  bool load_possible_ = true;
  std::optional<std::string> failure_;  // written before ended_

  std::mutex mutex_;
  std::condition_variable wake_;
  bool news_ = false;
  std::atomic<bool> detaching_{false};
  std::atomic<bool> stop_requested_{false};
  std::atomic<bool> trusted_{false};
  std::atomic<bool> ended_{false};
  std::thread thread_;  // last: it uses everything above
};

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

}  // namespace oscar::engine
