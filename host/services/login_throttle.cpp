#include "services/login_throttle.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>

namespace oscar::services {
namespace {

// No user name is longer; what is longer is nobody's, and need not be remembered in full.
constexpr std::size_t kMaxKeyBytes = 64;

std::string accountKey(std::string_view account) {
  if (account.empty()) return {};
  std::string key = "account ";
  for (const char c : account.substr(0, kMaxKeyBytes)) {
    key += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return key;
}

std::string addressKey(std::string_view address) {
  if (address.empty()) return {};
  const std::string text{address.substr(0, kMaxKeyBytes)};
  in6_addr bytes{};
  if (::inet_pton(AF_INET6, text.c_str(), &bytes) == 1 && !IN6_IS_ADDR_V4MAPPED(&bytes)) {
    std::array<char, INET6_ADDRSTRLEN> network{};
    std::fill(bytes.s6_addr + 8, bytes.s6_addr + 16, std::uint8_t{0});
    if (::inet_ntop(AF_INET6, &bytes, network.data(), network.size()) != nullptr) {
      return std::string{"network "} + network.data();
    }
  }
  return "address " + text;
}

}  // namespace

LoginThrottle::LoginThrottle(const ports::Clock& clock, int max_failures,
                             std::chrono::seconds window, std::size_t max_keys)
    : clock_{clock},
      max_failures_{static_cast<std::size_t>(std::max(1, max_failures))},
      window_{window},
      max_keys_{std::max<std::size_t>(2, max_keys)} {}

int LoginThrottle::admit(std::string_view account, std::string_view address) {
  const Instant now = clock_.steady();
  const std::lock_guard lock{mutex_};
  const std::array<std::string, 2> keys{accountKey(account), addressKey(address)};
  int wait = 0;
  for (const std::string& key : keys) wait = std::max(wait, waitSeconds(key, now));
  if (wait > 0) return wait;
  makeRoom(now);
  for (const std::string& key : keys) {
    if (!key.empty()) attempts_[key].push_back(now);
  }
  return 0;
}

void LoginThrottle::succeeded(std::string_view account, std::string_view address) {
  const std::lock_guard lock{mutex_};
  attempts_.erase(accountKey(account));
  takeBack(addressKey(address));
}

void LoginThrottle::forgotten(std::string_view account, std::string_view address) {
  const std::lock_guard lock{mutex_};
  takeBack(accountKey(account));
  takeBack(addressKey(address));
}

void LoginThrottle::expire(std::deque<Instant>& attempts, Instant now) const {
  while (!attempts.empty() && now - attempts.front() >= window_) attempts.pop_front();
}

int LoginThrottle::waitSeconds(const std::string& key, Instant now) {
  const auto found = attempts_.find(key);
  if (found == attempts_.end()) return 0;
  std::deque<Instant>& attempts = found->second;
  expire(attempts, now);
  if (attempts.size() < max_failures_) return 0;
  const Instant free_at = attempts[attempts.size() - max_failures_] + window_;
  const auto left = std::chrono::ceil<std::chrono::seconds>(free_at - now);
  return std::max(1, static_cast<int>(left.count()));
}

void LoginThrottle::takeBack(const std::string& key) {
  const auto found = attempts_.find(key);
  if (found == attempts_.end()) return;
  if (!found->second.empty()) found->second.pop_back();
  if (found->second.empty()) attempts_.erase(found);
}

/// Keeps room for two more keys. A key that holds a block is given up last: whoever fills the table
/// with invented names must not be able to free an account by it.
void LoginThrottle::makeRoom(Instant now) {
  if (attempts_.size() + 2 <= max_keys_) return;
  for (auto it = attempts_.begin(); it != attempts_.end();) {
    expire(it->second, now);
    it = it->second.empty() ? attempts_.erase(it) : std::next(it);
  }
  const auto gives_way_before = [this](const Attempts::value_type& a,
                                       const Attempts::value_type& b) {
    const bool a_blocked = a.second.size() >= max_failures_;
    const bool b_blocked = b.second.size() >= max_failures_;
    if (a_blocked != b_blocked) return b_blocked;
    return a.second.back() < b.second.back();
  };
  while (!attempts_.empty() && attempts_.size() + 2 > max_keys_) {
    attempts_.erase(std::min_element(attempts_.begin(), attempts_.end(), gives_way_before));
  }
}

}  // namespace oscar::services
