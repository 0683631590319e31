#pragma once

#include "ports/stores.hpp"

#include <functional>
#include <map>
#include <mutex>
#include <utility>

namespace oscar::test {

/// Sessions in memory.
class FakeSessionStore final : public ports::SessionStore {
 public:
  /// Called once, right before the next change: what somebody else does between a caller's reading
  /// and its writing.
  std::function<void()> meanwhile;

  void insert(const Session& session) override {
    letOthers();
    const std::lock_guard lock{mutex_};
    sessions_[session.id] = session;
  }
  std::optional<Session> find(const std::string& id) override {
    const std::lock_guard lock{mutex_};
    const auto found = sessions_.find(id);
    return found == sessions_.end() ? std::nullopt : std::optional{found->second};
  }
  void remove(const std::string& id) override {
    letOthers();
    const std::lock_guard lock{mutex_};
    sessions_.erase(id);
  }
  void removeOfUser(const std::string& user_id) override {
    letOthers();
    const std::lock_guard lock{mutex_};
    std::erase_if(sessions_, [&](const auto& entry) { return entry.second.user_id == user_id; });
  }
  void removeOfUserExcept(const std::string& user_id, const std::string& session_id) override {
    letOthers();
    const std::lock_guard lock{mutex_};
    std::erase_if(sessions_, [&](const auto& entry) {
      return entry.second.user_id == user_id && entry.first != session_id;
    });
  }
  void removeExpired(Timestamp now) override {
    letOthers();
    const std::lock_guard lock{mutex_};
    std::erase_if(sessions_, [&](const auto& entry) { return entry.second.expires_at <= now; });
  }
  std::size_t size() {
    const std::lock_guard lock{mutex_};
    return sessions_.size();
  }

 private:
  void letOthers() {
    if (const auto others = std::exchange(meanwhile, nullptr)) others();
  }

  std::mutex mutex_;
  std::map<std::string, Session> sessions_;
};

}  // namespace oscar::test
