#pragma once

#include "ports/stores.hpp"
#include "store/database.hpp"

#include <optional>
#include <string>

namespace oscar::store {

/// Table `sessions`. Thread-safe. `database` must outlive it.
class SqlSessionStore final : public ports::SessionStore {
 public:
  explicit SqlSessionStore(Database& database) : database_{database} {}

  void insert(const Session& session) override;
  std::optional<Session> find(const std::string& id) override;
  void remove(const std::string& id) override;
  void removeOfUser(const std::string& user_id) override;
  void removeOfUserExcept(const std::string& user_id, const std::string& session_id) override;
  void removeExpired(Timestamp now) override;

 private:
  Database& database_;
};

}  // namespace oscar::store
