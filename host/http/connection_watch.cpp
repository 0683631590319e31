#include "http/connection_watch.hpp"

#include <algorithm>
#include <sys/socket.h>

namespace oscar::http {
namespace {

constexpr std::chrono::milliseconds kTick{200};
/// Younger ones may just be about to send their request.
constexpr std::chrono::seconds kIdleEnough{1};

/// Ends reads and writes of the thread that owns the connection; that thread closes it. Below TLS,
/// because a TLS object must not be touched from here.
void shutDown(int descriptor) {
  ::shutdown(descriptor, SHUT_RDWR);
}

}  // namespace

ConnectionWatch::ConnectionWatch(std::function<int()> waiting)
    : waiting_{std::move(waiting)}, thread_{[this] { run(); }} {}

ConnectionWatch::~ConnectionWatch() {
  {
    const std::lock_guard lock{mutex_};
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

std::uint64_t ConnectionWatch::add(int descriptor, Clock::time_point deadline) {
  const std::lock_guard lock{mutex_};
  entries_[++last_id_] = Entry{descriptor, deadline, Clock::now()};
  return last_id_;
}

void ConnectionWatch::expect(std::uint64_t id, Clock::time_point deadline) {
  const std::lock_guard lock{mutex_};
  if (const auto it = entries_.find(id); it != entries_.end()) {
    it->second.deadline = deadline;
    it->second.idle_since = Clock::time_point::max();
  }
}

void ConnectionWatch::idle(std::uint64_t id, Clock::time_point deadline) {
  const std::lock_guard lock{mutex_};
  if (const auto it = entries_.find(id); it != entries_.end()) {
    it->second.deadline = deadline;
    it->second.idle_since = Clock::now();
  }
}

void ConnectionWatch::remove(std::uint64_t id) {
  const std::lock_guard lock{mutex_};
  entries_.erase(id);
}

void ConnectionWatch::cut(std::uint64_t id) {
  const std::lock_guard lock{mutex_};
  if (const auto it = entries_.find(id); it != entries_.end()) shutDown(it->second.descriptor);
}

void ConnectionWatch::cutIdle() {
  const std::lock_guard lock{mutex_};
  for (const auto& [id, entry] : entries_) {
    if (entry.idle_since != Clock::time_point::max()) shutDown(entry.descriptor);
  }
}

std::size_t ConnectionWatch::size() {
  const std::lock_guard lock{mutex_};
  return entries_.size();
}

void ConnectionWatch::cutAll() {
  const std::lock_guard lock{mutex_};
  for (const auto& [id, entry] : entries_) shutDown(entry.descriptor);
}

void ConnectionWatch::run() {
  std::unique_lock lock{mutex_};
  while (!wake_.wait_for(lock, kTick, [this] { return stop_; })) {
    cutLate();
    lock.unlock();
    const int count = waiting_();
    lock.lock();
    if (count > 0) cutLongestIdle(count);
  }
}

void ConnectionWatch::cutLate() {
  const auto now = Clock::now();
  for (auto& [id, entry] : entries_) {
    if (entry.deadline > now) continue;
    shutDown(entry.descriptor);
    entry.deadline = Clock::time_point::max();
  }
}

void ConnectionWatch::cutLongestIdle(int count) {
  const auto latest = Clock::now() - kIdleEnough;
  for (; count > 0; --count) {
    const auto oldest = std::min_element(
        entries_.begin(), entries_.end(),
        [](const auto& a, const auto& b) { return a.second.idle_since < b.second.idle_since; });
    if (oldest == entries_.end() || oldest->second.idle_since > latest) return;
    shutDown(oldest->second.descriptor);
    oldest->second.idle_since = Clock::time_point::max();
  }
}

}  // namespace oscar::http
