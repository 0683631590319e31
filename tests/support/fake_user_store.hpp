#pragma once

#include "domain/error.hpp"
#include "ports/stores.hpp"

#include <algorithm>
#include <mutex>
#include <vector>

namespace oscar::test {

/// Users in memory, with the rules that ports::UserStore promises.
class FakeUserStore final : public ports::UserStore {
 public:
  bool away = false;  ///< every call throws StoreUnavailable

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
  bool update(const User& user) override {
    const std::lock_guard lock{open()};
    std::vector<User> changed = users_;
    const auto row = std::find_if(changed.begin(), changed.end(),
                                  [&](const User& known) { return known.id == user.id; });
    if (row == changed.end()) return false;
    const User before = *row;
    *row = user;
    row->created_at = before.created_at;
    row->last_login_at = before.last_login_at;
    const auto active_admin = [](const User& u) { return u.is_active && u.role == Role::kAdmin; };
    if (std::none_of(changed.begin(), changed.end(), active_admin)) return false;
    users_ = std::move(changed);
    return true;
  }
  void touchLastLogin(const std::string& id, Timestamp at) override {
    const std::lock_guard lock{open()};
    for (User& user : users_) {
      if (user.id == id) user.last_login_at = at;
    }
  }

 private:
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
