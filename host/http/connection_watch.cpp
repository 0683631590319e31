#include "http/connection_watch.hpp"

#include <algorithm>
#include <sys/socket.h>

namespace oscar::http {
namespace {

constexpr std::chrono::milliseconds kTick{200};
/// Younger ones may just be about to send their request, or the rest of it.
constexpr std::chrono::seconds kLongEnough{1};

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

std::uint64_t ConnectionWatch::add(int descriptor, std::string peer, Clock::time_point deadline) {
  const std::lock_guard lock{mutex_};
  entries_[++last_id_] =
      Entry{descriptor, std::move(peer), Phase::kIdle, Clock::now(), deadline, false};
  return last_id_;
}

void ConnectionWatch::idle(std::uint64_t id, Clock::time_point deadline) {
  enter(id, Phase::kIdle, deadline);
}

void ConnectionWatch::receiving(std::uint64_t id, Clock::time_point deadline) {
  enter(id, Phase::kReceiving, deadline);
}

void ConnectionWatch::serving(std::uint64_t id, Clock::time_point deadline) {
  enter(id, Phase::kServing, deadline);
}

void ConnectionWatch::enter(std::uint64_t id, Phase phase, Clock::time_point deadline) {
  const std::lock_guard lock{mutex_};
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  entry.deadline = deadline;
  if (entry.phase != phase) entry.since = Clock::now();
  entry.phase = phase;
}

void ConnectionWatch::remove(std::uint64_t id) {
  const std::lock_guard lock{mutex_};
  entries_.erase(id);
}

void ConnectionWatch::cut(std::uint64_t id) {
  const std::lock_guard lock{mutex_};
  if (const auto found = entries_.find(id); found != entries_.end()) cutEntry(found->second);
}

void ConnectionWatch::cutIdle() {
  const std::lock_guard lock{mutex_};
  for (auto& [id, entry] : entries_) {
    if (entry.phase == Phase::kIdle) cutEntry(entry);
  }
}

void ConnectionWatch::cutAll() {
  const std::lock_guard lock{mutex_};
  for (auto& [id, entry] : entries_) cutEntry(entry);
}

std::size_t ConnectionWatch::size() {
  const std::lock_guard lock{mutex_};
  return entries_.size();
}

/// Ends reads and writes of the thread that owns the connection; that thread closes it. Below TLS,
/// because a TLS object must not be touched from here.
void ConnectionWatch::cutEntry(Entry& entry) {
  ::shutdown(entry.descriptor, SHUT_RDWR);
  entry.was_cut = true;
}

void ConnectionWatch::run() {
  std::unique_lock lock{mutex_};
  while (!wake_.wait_for(lock, kTick, [this] { return stop_; })) {
    cutLate();
    lock.unlock();
    const int count = waiting_();
    lock.lock();
    if (count > 0) makeRoom(count);
  }
}

void ConnectionWatch::cutLate() {
  const auto now = Clock::now();
  for (auto& [id, entry] : entries_) {
    if (!entry.was_cut && entry.deadline <= now) cutEntry(entry);
  }
}

void ConnectionWatch::makeRoom(int count) {
  const std::vector<Entry*> ordered = mayGiveWay();
  const auto end = ordered.begin() + std::min<std::ptrdiff_t>(count, std::ssize(ordered));
  std::for_each(ordered.begin(), end, [](Entry* entry) { cutEntry(*entry); });
}

/// The first to give way first: the longest idle, then unfinished requests of the peer that has the
/// most of them. So whoever opens hundreds pays for it before another slow client does.
std::vector<ConnectionWatch::Entry*> ConnectionWatch::mayGiveWay() {
  const auto latest = Clock::now() - kLongEnough;
  std::vector<Entry*> found;
  std::map<std::string_view, int> unfinished;
  for (auto& [id, entry] : entries_) {
    if (entry.phase == Phase::kServing || entry.was_cut) continue;
    if (entry.phase == Phase::kReceiving) ++unfinished[entry.peer];
    if (entry.since <= latest) found.push_back(&entry);
  }
  std::sort(found.begin(), found.end(), [&](const Entry* a, const Entry* b) {
    if (a->phase != b->phase) return a->phase == Phase::kIdle;
    if (a->phase == Phase::kReceiving && unfinished[a->peer] != unfinished[b->peer]) {
      return unfinished[a->peer] > unfinished[b->peer];
    }
    return a->since < b->since;
  });
  return found;
}

}  // namespace oscar::http
