#pragma once

#include "engine/engine_context.hpp"
#include "engine/run_actor.hpp"
#include "engine/supervision_failures.hpp"

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace oscar::engine {

/// The scheduler: claims pending executions as the limits allow, renews this node's leases, takes
/// up this node's own executions after a restart (never another node's: see host/README.md), and
/// keeps one RunActor per running execution. Supervision that fails (a defect) is tried again, ever
/// less often, and people are told. All truth is in the store.
class Engine {
 public:
  /// Subscribes to `subscriber` for submissions and stop requests. Nothing runs before `start`.
  Engine(EngineContext context, ports::EventSubscriber& subscriber);
  /// Detaches from every run (they go on) and ends all threads.
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Takes up what was running before, then begins to claim. Call once, when plugins are loaded.
  void start();

  /// Runs supervised at the moment.
  std::size_t running() const;

 private:
  void main();
  void round();
  void tellFailures();
  void sweep();
  bool waitOrStop(std::chrono::milliseconds limit);
  void adopt(std::vector<Execution> executions);
  void supervise(Execution execution);
  void claim();
  void reap();
  void onEvent(const Event& event);
  void wake();

  const EngineContext context_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool wake_ = false;
  bool stopping_ = false;
  std::map<std::string, std::unique_ptr<RunActor>> actors_;  // by execution id
  std::unique_ptr<ports::Subscription> subscription_;
  SupervisionFailures failures_;                        // the scheduler thread's
  std::chrono::steady_clock::time_point next_lease_{};  // likewise
  std::thread thread_;
  std::thread sweeper_;
};

}  // namespace oscar::engine
