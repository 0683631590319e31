#pragma once

#include "ports/clock.hpp"

#include <chrono>
#include <cstddef>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace oscar::services {

/// Slows down the guessing of passwords. Failed attempts are counted within a sliding window, each
/// in three ways:
/// - one account from one address: at most `max_failures`. Whoever mistypes locks out only
///   themselves, even when a whole office shares the address;
/// - one account from all addresses: at most kAccountFactor times as many, against guessing from
///   many places. One address alone never gets there, so it cannot lock the account's owner out;
/// - one address for all accounts: at most kAddressFactor times as many, against trying one
///   password on every account.
/// Thread-safe; memory is bounded.
///
/// An attempt is counted before the password is checked and taken back when it was right, so that
/// many attempts sent at once do not all pass while the first hash is still being computed.
class LoginThrottle {
 public:
  static constexpr std::size_t kAccountFactor = 10;
  static constexpr std::size_t kAddressFactor = 20;

  /// `max_failures` is at least 1. `max_keys`: how many accounts, addresses and pairs of them are
  /// remembered; beyond it those longest unused are forgotten, blocked ones last.
  LoginThrottle(const ports::Clock& clock, int max_failures, std::chrono::seconds window,
                std::size_t max_keys = 20'000);

  /// 0: the attempt may go on and is counted as failed until succeeded() or forgotten() says
  /// otherwise. Else the seconds until the next attempt may (at least 1); nothing is counted. An
  /// empty account or address is not looked at. IPv6 addresses count by their /64 network, which is
  /// what one customer has.
  int admit(std::string_view account, std::string_view address);
  /// The password was right: the account starts afresh at this address; address and account as a
  /// whole lose only this attempt, so that one known password does not buy endless guesses.
  void succeeded(std::string_view account, std::string_view address);
  /// The attempt could not be judged (the store was away): it counts for nothing.
  void forgotten(std::string_view account, std::string_view address);

 private:
  using Instant = std::chrono::steady_clock::time_point;
  /// A key and how many failures it may have.
  struct Limit {
    std::string key;
    std::size_t max_failures = 0;
  };
  struct Record {
    std::string key;
    std::size_t max_failures = 0;
    std::vector<Instant> attempts;  ///< oldest first, never more than max_failures
    bool blocked = false;           ///< in which list it is
  };
  /// The longest unused first.
  using Records = std::list<Record>;

  std::vector<Limit> limitsFor(std::string_view account, std::string_view address) const;
  void expire(Record& record, Instant now) const;
  int waitSeconds(const Limit& limit, Instant now);
  void count(const Limit& limit, Instant now);
  void takeBack(const std::string& key);
  void erase(const std::string& key);
  void settle(Records::iterator record);
  void makeRoom();
  Records& listOf(const Record& record) { return record.blocked ? blocked_ : open_; }

  const ports::Clock& clock_;
  std::size_t max_failures_;
  std::chrono::seconds window_;
  std::size_t max_keys_;
  std::mutex mutex_;
  Records open_;     ///< may still attempt
  Records blocked_;  ///< kept apart: invented names must not push a blocked account out
  std::unordered_map<std::string, Records::iterator> by_key_;
};

}  // namespace oscar::services
