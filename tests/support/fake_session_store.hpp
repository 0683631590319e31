#pragma once

#include "ports/stores.hpp"

#include <map>
#include <mutex>

namespace oscar::test {

/// Sessions in memory.
class FakeSessionStore final : public ports::SessionStore {
 public:
  void insert(const Session& session) override {
    const std::lock_guard lock{mutex_};
    sessions_[session.id] = session;
  }
  std::optional<Session> find(const std::string& id) override {
    const std::lock_guard lock{mutex_};
    const auto found = sessions_.find(id);
    return found == sessions_.end() ? std::nullopt : std::optional{found->second};
  }
  void remove(const std::string& id) override {
    const std::lock_guard lock{mutex_};
    sessions_.erase(id);
  }
  void removeOfUser(const std::string& user_id) override {
    const std::lock_guard lock{mutex_};
    std::erase_if(sessions_, [&](const auto& entry) { return entry.second.user_id == user_id; });
  }
  void removeExpired(Timestamp now) override {
    const std::lock_guard lock{mutex_};
    std::erase_if(sessions_, [&](const auto& entry) { return entry.second.expires_at <= now; });
  }
  std::size_t size() {
    const std::lock_guard lock{mutex_};
    return sessions_.size();
  }

 private:
  std::mutex mutex_;
  std::map<std::string, Session> sessions_;
};

}  // namespace oscar::test
