#pragma once

#include "domain/user.hpp"
#include "ports/clock.hpp"
#include "ports/stores.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace oscar::services {

/// Remembers for a moment whom a bearer token belongs to, so that a client with many requests costs
/// one look into the store and not one per request. What this process changes (logout, role,
/// disabled account, password) takes effect at once, see forgetAll(); what another process on the
/// same store changes, within `lifetime`. Any thread.
class PrincipalCache {
 public:
  /// Throws ServiceError kUnauthenticated; only successes are remembered.
  using Authenticate = std::function<Principal(std::string_view token)>;

  /// `max_tokens`: beyond it all are forgotten, which costs each of them one look.
  PrincipalCache(Authenticate authenticate, const ports::Clock& clock,
                 std::chrono::milliseconds lifetime = std::chrono::seconds{2},
                 std::size_t max_tokens = 1000);

  /// The principal behind a token; throws what `authenticate` throws.
  Principal authenticate(std::string_view token);
  /// To be called after every change of a session or a user. What is being looked up at that moment
  /// is not remembered either.
  void forgetAll();

 private:
  using Instant = std::chrono::steady_clock::time_point;
  struct Entry {
    Principal principal;
    Instant until;
  };

  Authenticate authenticate_;
  const ports::Clock& clock_;
  std::chrono::milliseconds lifetime_;
  std::size_t max_tokens_;
  std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;  ///< by token
  std::uint64_t changes_ = 0;
};

/// A user store that tells when a user has changed.
class TellingUserStore final : public ports::UserStore {
 public:
  /// `changed` is called after a change, also after one that failed: it may have been committed.
  TellingUserStore(ports::UserStore& store, std::function<void()> changed);

  std::optional<User> findById(const std::string& id) override;
  std::optional<User> findByUsername(const std::string& username) override;
  Page<User> list(const PageRequest& page) override;
  std::int64_t count() override;
  ports::Saved insert(const User& user) override;
  Update update(const std::string& id, const ports::UserEdit& edit, Timestamp at) override;
  bool replacePassword(const std::string& id, const std::string& known_hash,
                       const std::string& hash, Timestamp at) override;
  void touchLastLogin(const std::string& id, Timestamp at) override;

 private:
  ports::UserStore& store_;
  std::function<void()> changed_;
};

/// A session store that tells when a session has ended.
class TellingSessionStore final : public ports::SessionStore {
 public:
  /// `changed`: see TellingUserStore.
  TellingSessionStore(ports::SessionStore& store, std::function<void()> changed);

  void insert(const Session& session) override;
  std::optional<Session> find(const std::string& id) override;
  void remove(const std::string& id) override;
  void removeOfUser(const std::string& user_id) override;
  void removeOfUserExcept(const std::string& user_id, const std::string& session_id) override;
  void removeExpired(Timestamp now) override;

 private:
  ports::SessionStore& store_;
  std::function<void()> changed_;
};

}  // namespace oscar::services
