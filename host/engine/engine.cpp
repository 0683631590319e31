#include "engine/engine.hpp"

#include "domain/error.hpp"
#include "engine/run_files.hpp"
#include "engine/waiting_text.hpp"

#include <chrono>

namespace oscar::engine {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// How often the queue is looked at without being woken: limits may have become free on another
/// node.
constexpr milliseconds kQueueInterval{1000};
constexpr milliseconds kSweepRetry{5000};

}  // namespace

Engine::Engine(EngineContext context, ports::EventSubscriber& subscriber)
    : context_{std::move(context)}, subscription_{subscriber.subscribe([this](const Event& event) {
        onEvent(event);
      })} {}

Engine::~Engine() {
  subscription_.reset();
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  if (sweeper_.joinable()) sweeper_.join();
  // All at once: one that waits for a dead server must not make the others wait behind it.
  for (const auto& [id, actor] : actors_) actor->detach();
  actors_.clear();
}

void Engine::start() {
  thread_ = std::thread{[this] { main(); }};
  sweeper_ = std::thread{[this] { sweep(); }};
}

std::size_t Engine::running() const {
  const std::lock_guard lock{mutex_};
  return actors_.size();
}

void Engine::wake() {
  {
    const std::lock_guard lock{mutex_};
    wake_ = true;
  }
  changed_.notify_all();
}

void Engine::onEvent(const Event& event) {
  if (std::holds_alternative<ExecutionSubmitted>(event)) {
    wake();
  } else if (const auto* stop = std::get_if<StopRequested>(&event)) {
    const std::lock_guard lock{mutex_};
    const auto it = actors_.find(stop->execution_id);
    if (it != actors_.end()) it->second->requestStop();
  }
}

void Engine::main() {
  do {
    try {
      round();
    } catch (const StoreUnavailable& e) {
      context_.log.write(ports::LogLevel::kWarn, "engine",
                         std::string{"the store is away, no execution can start: "} + e.what());
    } catch (const std::exception& e) {
      context_.log.write(ports::LogLevel::kError, "engine",
                         std::string{"the scheduler failed and goes on: "} + e.what());
    }
    reap();
  } while (waitOrStop(kQueueInterval));
}

void Engine::round() {
  tellFailures();
  const auto steady = context_.clock.steady();
  if (steady >= next_lease_ || failures_.due(steady)) {
    const seconds lease{context_.settings.lease_seconds};
    const Timestamp now = context_.clock.now();
    context_.executions.renewLeases(context_.node, now + lease);
    // With this time only our own are taken: no lease has ended before the epoch. A run of another
    // node's local backend cannot be seen from here, and who cannot see it must not conclude that
    // it is lost. Leases are written all the same, for backends whose runs every node can reach.
    adopt(context_.executions.takeOver(context_.node, Timestamp{}, now + lease));
    next_lease_ = steady + lease / 3;
  }
  claim();
}

/// True to go on, false to end.
bool Engine::waitOrStop(milliseconds limit) {
  std::unique_lock lock{mutex_};
  changed_.wait_for(lock, limit, [this] { return wake_ || stopping_; });
  wake_ = false;
  return !stopping_;
}

/// Before the next try, so that it finds the words in the store and goes on showing them.
void Engine::tellFailures() {
  for (const auto& [id, why] : failures_.untold()) {
    const Text attention = SupervisionFailures::attention(why);
    const bool kept = context_.executions.setAttention(context_.node, id, attention);
    const auto execution = context_.executions.find(id);
    if (kept && execution) {
      context_.events.publish(ExecutionChanged{id, execution->number, execution->status,
                                               execution->run, execution->error_message,
                                               execution->attention});
    }
    failures_.told(id);
  }
}

/// On a thread of its own: a backend that answers slowly must not keep executions waiting.
void Engine::sweep() {
  const auto goes_on = [this] {
    const std::lock_guard lock{mutex_};
    return !stopping_;
  };
  while (goes_on()) {
    try {
      sweepRunFiles(context_, goes_on);
      return;
    } catch (const std::exception& e) {
      context_.log.write(ports::LogLevel::kWarn, "engine",
                         std::string{"files of ended runs are removed later: "} + e.what());
    }
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, kSweepRetry, [this] { return stopping_; });
  }
}

void Engine::adopt(std::vector<Execution> executions) {
  const auto steady = context_.clock.steady();
  std::vector<std::string> ours;
  for (auto& execution : executions) {
    ours.push_back(execution.id);
    {
      const std::lock_guard lock{mutex_};
      if (actors_.contains(execution.id)) continue;
    }
    if (!failures_.mayTry(execution.id, steady)) continue;
    failures_.tried(execution.id);
    supervise(std::move(execution));
  }
  failures_.keepOnly(ours);
}

void Engine::supervise(Execution execution) {
  const std::string id = execution.id;
  auto actor = std::make_unique<RunActor>(context_, std::move(execution), [this] { wake(); });
  const std::lock_guard lock{mutex_};
  actors_[id] = std::move(actor);
}

void Engine::claim() {
  const ports::ClaimLimits limits{context_.settings.max_concurrent,
                                  context_.settings.max_per_server, &waitingText};
  while (true) {
    const Timestamp now = context_.clock.now();
    auto execution = context_.executions.claimNext(
        context_.node, now, now + seconds{context_.settings.lease_seconds}, limits);
    if (!execution) return;
    context_.events.publish(ExecutionChanged{
        execution->id, execution->number, ExecutionStatus::kRunning, execution->run, {}, {}});
    supervise(std::move(*execution));
  }
}

void Engine::reap() {
  std::vector<std::unique_ptr<RunActor>>
      ended;  // destroyed after the lock: their last wake() needs it
  const std::lock_guard lock{mutex_};
  for (auto it = actors_.begin(); it != actors_.end();) {
    const auto& [id, actor] = *it;
    if (!actor->ended()) {
      if (actor->trusted()) failures_.forget(id);
      ++it;
      continue;
    }
    if (const auto why = actor->failure()) {
      failures_.add(id, *why, context_.clock.steady());
    } else {
      failures_.forget(id);
    }
    ended.push_back(std::move(it->second));
    it = actors_.erase(it);
  }
}

}  // namespace oscar::engine
