#pragma once

#include "ports/clock.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace oscar::services {

/// Slows down the guessing of passwords: at most `max_failures` failed attempts per account, and as
/// many per address, within a sliding window. Thread-safe; memory is bounded.
///
/// An attempt is counted before the password is checked and taken back when it was right, so that
/// many attempts sent at once do not all pass while the first hash is still being computed.
class LoginThrottle {
 public:
  /// `max_keys`: how many accounts and addresses are remembered; beyond it those longest unused are
  /// forgotten.
  LoginThrottle(const ports::Clock& clock, int max_failures, std::chrono::seconds window,
                std::size_t max_keys = 20'000);

  /// 0: the attempt may go on and is counted as failed until succeeded() or forgotten() says
  /// otherwise. Else the seconds until the next attempt may (at least 1); nothing is counted. An
  /// empty account or address is not looked at. IPv6 addresses count by their /64 network, which is
  /// what one customer has.
  int admit(std::string_view account, std::string_view address);
  /// The password was right: the account starts afresh; the address loses only this attempt, so
  /// that one known password does not buy endless guesses at others.
  void succeeded(std::string_view account, std::string_view address);
  /// The attempt could not be judged (the store was away): it counts for nothing.
  void forgotten(std::string_view account, std::string_view address);

 private:
  using Instant = std::chrono::steady_clock::time_point;
  using Attempts = std::map<std::string, std::deque<Instant>>;

  void expire(std::deque<Instant>& attempts, Instant now) const;
  int waitSeconds(const std::string& key, Instant now);
  void takeBack(const std::string& key);
  void makeRoom(Instant now);

  const ports::Clock& clock_;
  std::size_t max_failures_;
  std::chrono::seconds window_;
  std::size_t max_keys_;
  std::mutex mutex_;
  Attempts attempts_;
};

}  // namespace oscar::services
