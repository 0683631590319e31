#include "plugin_runtime/probe_cache.hpp"

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

namespace oscar::plugin_runtime {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

constexpr std::chrono::seconds kLeaveAfter{3};

ProbeResult stillChecking() {
  ProbeResult result;
  result.report.reason = {
      "执行后端的检查尚未完成。请稍后重试；如果一直如此，请检查它所依赖的环境是否无响应。",
      "The backend is still being checked. Try again in a moment; if this stays so, what it "
      "depends "
      "on does not respond."};
  return result;
}

}  // namespace

/// Shared with the probing thread, which may outlive the cache.
struct ProbeCache::State {
  std::mutex mutex;
  std::condition_variable finished;
  std::optional<ProbeResult> last;
  SteadyTime begun_at{};
  bool fresh = false;  ///< `last` belongs to the probe begun at begun_at
  bool running = false;
  std::uint64_t generation = 0;  ///< raised by invalidate: an older probe's result is stale at once
};

ProbeCache::ProbeCache(const ports::Clock& clock, ProbeMaker make_probe)
    : clock_{clock}, make_probe_{std::move(make_probe)}, state_{std::make_shared<State>()} {}

ProbeCache::~ProbeCache() {
  std::unique_lock lock{state_->mutex};
  state_->finished.wait_for(lock, kLeaveAfter, [this] { return !state_->running; });
}

void ProbeCache::begin() {
  const SteadyTime now = clock_.steady();
  std::lock_guard lock{state_->mutex};
  if (state_->running || (state_->fresh && now - state_->begun_at < kMaxAge)) return;
  state_->running = true;
  state_->fresh = false;
  state_->begun_at = now;
  try {
    std::thread{[state = state_, probe = make_probe_(), generation = state_->generation]() mutable {
      ProbeResult result = probe();
      probe = nullptr;  // lets go of the instance before anybody is told that this is over
      std::lock_guard done{state->mutex};
      state->last = std::move(result);
      state->fresh = state->generation == generation;
      state->running = false;
      state->finished.notify_all();
    }}.detach();
  } catch (const std::system_error&) {
    // No thread to be had now: the next question tries again.
    state_->running = false;
  }
}

ProbeResult ProbeCache::get(std::chrono::milliseconds patience) {
  begin();
  std::unique_lock lock{state_->mutex};
  state_->finished.wait_for(lock, patience, [this] { return !state_->running; });
  return state_->last ? *state_->last : stillChecking();
}

void ProbeCache::invalidate() {
  std::lock_guard lock{state_->mutex};
  state_->fresh = false;
  ++state_->generation;
}

}  // namespace oscar::plugin_runtime
