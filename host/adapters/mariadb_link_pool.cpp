#include "adapters/mariadb_link_pool.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace oscar::adapters {
namespace {

bool same(const TargetAddress& a, const TargetAddress& b) {
  return a.host == b.host && a.port == b.port && a.username == b.username &&
         a.password.reveal() == b.password.reveal() && a.database == b.database &&
         a.connect_timeout_seconds == b.connect_timeout_seconds && a.use_ssl == b.use_ssl &&
         a.ssl_verify == b.ssl_verify && a.ssl_ca == b.ssl_ca;
}

}  // namespace

MariadbLinkPool::MariadbLinkPool(Limits limits)
    : limits_{limits}, closer_{[this](const std::stop_token& stop) { closeInTime(stop); }} {}

MariadbLinkPool::~MariadbLinkPool() {
  closer_.request_stop();
  closer_.join();
}

std::unique_ptr<MariadbLink> MariadbLinkPool::take(const TargetAddress& address) {
  std::vector<Idle> useless;  // closed after the mutex is free: closing may wait for the network
  const std::lock_guard lock{mutex_};
  useless = removeOld(Clock::now());
  // The newest first, so that what is not needed grows old.
  for (std::size_t i = idle_.size(); i-- > 0;) {
    if (!same(idle_[i].address, address)) continue;
    Idle found = std::move(idle_[i]);
    idle_.erase(idle_.begin() + static_cast<std::ptrdiff_t>(i));
    if (found.link->isQuiet()) return std::move(found.link);
    useless.push_back(std::move(found));
  }
  return nullptr;
}

void MariadbLinkPool::give(const TargetAddress& address, std::unique_ptr<MariadbLink> link) {
  const auto now = Clock::now();
  if (!link->usable() || isOld(*link, now)) return;
  std::vector<Idle> useless;
  {
    const std::lock_guard lock{mutex_};
    useless = removeOld(now);
    const auto there = static_cast<std::size_t>(std::count_if(
        idle_.begin(), idle_.end(), [&](const Idle& one) { return same(one.address, address); }));
    if (there >= limits_.per_address || idle_.size() >= limits_.total) return;
    idle_.push_back({address, std::move(link)});
  }
  changed_.notify_all();
}

bool MariadbLinkPool::isOld(const MariadbLink& link, Clock::time_point now) const {
  return now - link.openedAt() >= limits_.max_age;
}

std::vector<MariadbLinkPool::Idle> MariadbLinkPool::removeOld(Clock::time_point now) {
  const auto old = std::stable_partition(idle_.begin(), idle_.end(),
                                         [&](const Idle& one) { return !isOld(*one.link, now); });
  std::vector<Idle> removed{std::make_move_iterator(old), std::make_move_iterator(idle_.end())};
  idle_.erase(old, idle_.end());
  return removed;
}

void MariadbLinkPool::closeInTime(const std::stop_token& stop) {
  std::unique_lock lock{mutex_};
  while (!stop.stop_requested()) {
    if (idle_.empty()) {
      changed_.wait(lock, stop, [this] { return !idle_.empty(); });
      continue;
    }
    const auto oldest = std::min_element(
        idle_.begin(), idle_.end(),
        [](const Idle& a, const Idle& b) { return a.link->openedAt() < b.link->openedAt(); });
    const auto due = oldest->link->openedAt() + limits_.max_age;
    changed_.wait_until(lock, stop, due, [due] { return Clock::now() >= due; });
    std::vector<Idle> old = removeOld(Clock::now());
    lock.unlock();
    old.clear();
    lock.lock();
  }
}

}  // namespace oscar::adapters
