#pragma once

#include "ports/stores.hpp"
#include "store/database.hpp"

#include <optional>
#include <string>

namespace oscar::store {

/// Table `users`. Thread-safe. `database` must outlive it.
class SqlUserStore final : public ports::UserStore {
 public:
  explicit SqlUserStore(Database& database) : database_{database} {}

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
  Database& database_;
};

}  // namespace oscar::store
