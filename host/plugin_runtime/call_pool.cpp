#include "plugin_runtime/call_pool.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace oscar::plugin_runtime {
namespace {

struct Job {
  std::string name;
  std::function<void()> work;
  bool done = false;
};

}  // namespace

struct CallPool::State {
  using Jobs = std::deque<std::shared_ptr<Job>>;

  std::mutex mutex;
  std::condition_variable offered;
  std::condition_variable changed;
  Jobs waiting;
  Jobs left_behind;
  std::size_t threads = 0;  ///< those that hang included
  std::size_t busy = 0;
  bool closing = false;

  static bool take(Jobs& jobs, const std::shared_ptr<Job>& job) {
    return std::erase(jobs, job) > 0;
  }

  /// Under the lock: a thread for each job that waits, as far as there may be.
  static void addThreads(const std::shared_ptr<State>& state) {
    while (state->waiting.size() > state->threads - state->busy &&
           state->threads - state->left_behind.size() < kThreads &&
           state->left_behind.size() < kMostLeftBehind) {
      try {
        std::thread{[state] { work(*state); }}.detach();
      } catch (const std::system_error&) {
        return;  // no thread to be had now: the job waits for one that there is
      }
      ++state->threads;
    }
  }

  static void work(State& state) {
    std::unique_lock lock{state.mutex};
    while (true) {
      state.offered.wait(lock, [&] { return state.closing || !state.waiting.empty(); });
      if (state.waiting.empty()) break;
      const auto job = std::move(state.waiting.front());
      state.waiting.pop_front();
      ++state.busy;
      lock.unlock();
      job->work();
      job->work = nullptr;
      lock.lock();
      --state.busy;
      job->done = true;
      const bool was_replaced = take(state.left_behind, job);
      state.changed.notify_all();
      if (was_replaced && state.threads - state.left_behind.size() > kThreads) break;
    }
    --state.threads;
    state.changed.notify_all();
  }
};

CallPool::CallPool() : state_{std::make_shared<State>()} {}

CallPool::~CallPool() {
  std::unique_lock lock{state_->mutex};
  state_->closing = true;
  state_->offered.notify_all();
  state_->changed.wait(lock, [&] { return state_->threads == state_->left_behind.size(); });
}

CallPool::Outcome CallPool::run(std::string name, std::function<void()> work,
                                std::chrono::milliseconds deadline) {
  const auto job = std::make_shared<Job>(Job{std::move(name), std::move(work)});
  std::unique_lock lock{state_->mutex};
  state_->waiting.push_back(job);
  State::addThreads(state_);
  state_->offered.notify_one();
  if (state_->changed.wait_for(lock, deadline, [&] { return job->done; })) return Outcome::kDone;
  if (State::take(state_->waiting, job)) return Outcome::kNotBegun;
  state_->left_behind.push_back(job);
  State::addThreads(state_);  // its thread may have been the one that others wait for
  return Outcome::kOverran;
}

std::optional<std::string> CallPool::leftBehind() const {
  const std::lock_guard lock{state_->mutex};
  if (state_->left_behind.empty()) return std::nullopt;
  return state_->left_behind.front()->name;
}

}  // namespace oscar::plugin_runtime
