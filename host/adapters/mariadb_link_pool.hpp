#pragma once

#include "adapters/mariadb_link.hpp"
#include "domain/connection.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace oscar::adapters {

/// Links that wait a few seconds for the next question to the same server: whoever types an ALTER
/// asks again and again, and the handshake (TCP, TLS, password) would be most of the time. Any
/// thread.
///
/// Few and short-lived on purpose, because each counts in Threads_connected of a production server,
/// and because a server may keep to the rights that an account had when it logged in: no link is
/// given out or kept longer than `max_age` after it was opened. A thread closes them in time.
class MariadbLinkPool {
 public:
  struct Limits {
    std::size_t per_address = 2;  ///< idle links to one address
    std::size_t total = 16;       ///< idle links in all
    std::chrono::milliseconds max_age{10'000};
  };

  explicit MariadbLinkPool(Limits limits);
  MariadbLinkPool(const MariadbLinkPool&) = delete;
  MariadbLinkPool& operator=(const MariadbLinkPool&) = delete;
  ~MariadbLinkPool();

  /// An idle link opened with exactly this address (password and TLS included) that the server has
  /// not closed; nullptr when there is none. The caller owns it.
  std::unique_ptr<MariadbLink> take(const TargetAddress& address);

  /// Keeps `link`, or closes it when it has failed, is too old, or enough wait already.
  void give(const TargetAddress& address, std::unique_ptr<MariadbLink> link);

 private:
  struct Idle {
    TargetAddress address;
    std::unique_ptr<MariadbLink> link;
  };
  using Clock = std::chrono::steady_clock;

  bool isOld(const MariadbLink& link, Clock::time_point now) const;
  /// Moves the old ones out. The caller holds the mutex, and closes them without it.
  std::vector<Idle> removeOld(Clock::time_point now);
  void closeInTime(const std::stop_token& stop);

  const Limits limits_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<Idle> idle_;  ///< the longest waiting first
  std::jthread closer_;     ///< last: it uses all the others
};

}  // namespace oscar::adapters
