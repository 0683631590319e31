#include "services/login_throttle.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>

namespace oscar::services {
namespace {

// No user name is longer; what is longer is nobody's, and need not be remembered in full.
constexpr std::size_t kMaxNameBytes = 64;

std::string folded(std::string_view account) {
  std::string name{account.substr(0, kMaxNameBytes)};
  std::transform(name.begin(), name.end(), name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return name;
}

std::string network(std::string_view address) {
  std::string text{address.substr(0, kMaxNameBytes)};
  in6_addr bytes{};
  if (::inet_pton(AF_INET6, text.c_str(), &bytes) == 1 && !IN6_IS_ADDR_V4MAPPED(&bytes)) {
    std::array<char, INET6_ADDRSTRLEN> network{};
    std::fill(bytes.s6_addr + 8, bytes.s6_addr + 16, std::uint8_t{0});
    if (::inet_ntop(AF_INET6, &bytes, network.data(), network.size()) != nullptr) {
      return network.data();
    }
  }
  return text;
}

}  // namespace

LoginThrottle::LoginThrottle(const ports::Clock& clock, int max_failures,
                             std::chrono::seconds window, std::size_t max_keys)
    : clock_{clock},
      max_failures_{static_cast<std::size_t>(std::max(1, max_failures))},
      window_{window},
      max_keys_{std::max<std::size_t>(3, max_keys)} {}

int LoginThrottle::admit(std::string_view account, std::string_view address) {
  const Instant now = clock_.steady();
  const std::lock_guard lock{mutex_};
  const std::vector<Limit> limits = limitsFor(account, address);
  int wait = 0;
  for (const Limit& limit : limits) wait = std::max(wait, waitSeconds(limit, now));
  if (wait > 0) return wait;
  for (const Limit& limit : limits) count(limit, now);
  return 0;
}

void LoginThrottle::succeeded(std::string_view account, std::string_view address) {
  const std::lock_guard lock{mutex_};
  const std::vector<Limit> limits = limitsFor(account, address);
  for (const Limit& limit : limits) takeBack(limit.key);
  if (!account.empty()) erase(limits.front().key);  // the pair
}

void LoginThrottle::forgotten(std::string_view account, std::string_view address) {
  const std::lock_guard lock{mutex_};
  for (const Limit& limit : limitsFor(account, address)) takeBack(limit.key);
}

/// The strictest first. A zero byte parts name and address: neither can hold one.
std::vector<LoginThrottle::Limit> LoginThrottle::limitsFor(std::string_view account,
                                                           std::string_view address) const {
  const std::string name = folded(account);
  const std::string from = network(address);
  const char zero = '\0';
  std::vector<Limit> limits;
  if (!name.empty()) limits.push_back({"pair " + name + zero + from, max_failures_});
  if (!name.empty() && !from.empty()) {
    limits.push_back({"account " + name, max_failures_ * kAccountFactor});
  }
  if (!from.empty()) limits.push_back({"address " + from, max_failures_ * kAddressFactor});
  return limits;
}

void LoginThrottle::expire(Record& record, Instant now) const {
  const auto fresh = std::find_if(record.attempts.begin(), record.attempts.end(),
                                  [&](Instant at) { return now - at < window_; });
  record.attempts.erase(record.attempts.begin(), fresh);
}

int LoginThrottle::waitSeconds(const Limit& limit, Instant now) {
  const auto found = by_key_.find(limit.key);
  if (found == by_key_.end()) return 0;
  Record& record = *found->second;
  expire(record, now);
  if (record.attempts.size() < record.max_failures) return 0;
  const Instant free_at = record.attempts.front() + window_;
  const auto left = std::chrono::ceil<std::chrono::seconds>(free_at - now);
  return std::max(1, static_cast<int>(left.count()));
}

void LoginThrottle::count(const Limit& limit, Instant now) {
  auto found = by_key_.find(limit.key);
  if (found == by_key_.end()) {
    makeRoom();
    open_.push_back({limit.key, limit.max_failures, {}, false});
    found = by_key_.emplace(limit.key, std::prev(open_.end())).first;
  }
  found->second->attempts.push_back(now);
  settle(found->second);
}

void LoginThrottle::takeBack(const std::string& key) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return;
  std::vector<Instant>& attempts = found->second->attempts;
  if (!attempts.empty()) attempts.pop_back();
  if (attempts.empty()) {
    erase(key);
  } else {
    settle(found->second);
  }
}

/// To the end of the list that it now belongs to.
void LoginThrottle::settle(Records::iterator record) {
  Records& from = listOf(*record);
  record->blocked = record->attempts.size() >= record->max_failures;
  Records& to = listOf(*record);
  to.splice(to.end(), from, record);
}

void LoginThrottle::erase(const std::string& key) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return;
  const Records::iterator record = found->second;
  by_key_.erase(found);
  listOf(*record).erase(record);
}

void LoginThrottle::makeRoom() {
  if (by_key_.size() < max_keys_) return;
  Records& records = open_.empty() ? blocked_ : open_;
  by_key_.erase(records.front().key);
  records.pop_front();
}

}  // namespace oscar::services
