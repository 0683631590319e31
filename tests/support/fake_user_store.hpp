#pragma once

#include "domain/error.hpp"
#include "ports/stores.hpp"

#include <algorithm>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace oscar::test {

/// Users in memory, with the rules that ports::UserStore promises.
class FakeUserStore final : public ports::UserStore {
 public:
  bool away = false;  ///< every call throws StoreUnavailable
  /// Called once, right before the next update or replacePassword: what somebody else does between
  /// a caller's reading and its writing.
  std::function<void()> meanwhile;

  std::optional<User> findById(const std::string& id) override {
    return find([&](const User& user) { return user.id == id; });
  }
  std::optional<User> findByUsername(const std::string& username) override {
    return find([&](const User& user) { return user.username == username; });
  }
  Page<User> list(const PageRequest& page) override {
    const std::lock_guard lock{open()};
    Page<User> result;
    result.total = static_cast<std::int64_t>(users_.size());
    const auto first = static_cast<std::size_t>((page.page - 1) * page.page_size);
    for (std::size_t i = first; i < users_.size(); ++i) {
      if (result.items.size() == static_cast<std::size_t>(page.page_size)) break;
      result.items.push_back(users_[i]);
    }
    return result;
  }
  std::int64_t count() override {
    const std::lock_guard lock{open()};
    return static_cast<std::int64_t>(users_.size());
  }
  ports::Saved insert(const User& user) override {
    const std::lock_guard lock{open()};
    const auto same = [&](const User& known) { return known.username == user.username; };
    if (std::any_of(users_.begin(), users_.end(), same)) return ports::Saved::kDuplicate;
    users_.push_back(user);
    return ports::Saved::kOk;
  }
  Update update(const std::string& id, const ports::UserEdit& edit, Timestamp at) override {
    letOthers();
    const std::lock_guard lock{open()};
    const auto row = rowOf(id);
    if (row == users_.end()) return {};
    const User before = *row;
    User after = before;
    if (edit.password_hash) after.password_hash = *edit.password_hash;
    if (edit.display_name) after.display_name = *edit.display_name;
    if (edit.email) after.email = *edit.email;
    if (edit.role) after.role = *edit.role;
    if (edit.is_active) after.is_active = *edit.is_active;
    after.updated_at = at;
    const auto active_admin = [](const User& u) { return u.is_active && u.role == Role::kAdmin; };
    *row = after;
    if (active_admin(before) && std::none_of(users_.begin(), users_.end(), active_admin)) {
      *row = before;
      return {Updated::kLastAdmin, {}, {}};
    }
    return {Updated::kDone, before, after};
  }
  bool replacePassword(const std::string& id, const std::string& known_hash,
                       const std::string& hash, Timestamp at) override {
    letOthers();
    const std::lock_guard lock{open()};
    const auto row = rowOf(id);
    if (row == users_.end() || !row->is_active || row->password_hash != known_hash) return false;
    row->password_hash = hash;
    row->updated_at = at;
    return true;
  }
  /// Not of the port: no user is ever removed by Oscar itself.
  void erase(const std::string& id) {
    const std::lock_guard lock{mutex_};
    std::erase_if(users_, [&](const User& user) { return user.id == id; });
  }
  void touchLastLogin(const std::string& id, Timestamp at) override {
    const std::lock_guard lock{open()};
    for (User& user : users_) {
      if (user.id == id) user.last_login_at = at;
    }
  }

 private:
  void letOthers() {
    if (const auto others = std::exchange(meanwhile, nullptr)) others();
  }
  std::vector<User>::iterator rowOf(const std::string& id) {
    return std::find_if(users_.begin(), users_.end(),
                        [&](const User& user) { return user.id == id; });
  }
  std::mutex& open() {
    if (away) throw StoreUnavailable{"fake: away"};
    return mutex_;
  }
  template <typename Match>
  std::optional<User> find(Match match) {
    const std::lock_guard lock{open()};
    const auto found = std::find_if(users_.begin(), users_.end(), match);
    return found == users_.end() ? std::nullopt : std::optional{*found};
  }

  std::mutex mutex_;
  std::vector<User> users_;
};

}  // namespace oscar::test
