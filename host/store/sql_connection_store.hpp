#pragma once

#include "ports/stores.hpp"
#include "store/database.hpp"

#include <optional>
#include <string>

namespace oscar::store {

/// Table `connections`. Thread-safe. `database` must outlive it.
class SqlConnectionStore final : public ports::ConnectionStore {
 public:
  explicit SqlConnectionStore(Database& database) : database_{database} {}

  std::optional<ports::StoredConnection> find(const std::string& id) override;
  std::optional<ports::StoredConnection> findByName(const std::string& name) override;
  Page<Connection> list(const ports::ConnectionFilter& filter, const PageRequest& page) override;
  ports::Saved insert(const ports::StoredConnection& connection) override;
  ports::Saved update(const ports::StoredConnection& connection) override;
  Removed remove(const std::string& id, Timestamp at) override;

 private:
  Database& database_;
};

}  // namespace oscar::store
