#pragma once

#include "ports/stores.hpp"

#include <map>
#include <mutex>
#include <set>

namespace oscar::test {

/// Connections in memory; list() filters by environment and name only.
class FakeConnectionStore final : public ports::ConnectionStore {
 public:
  std::set<std::string> in_use;  ///< ids that remove() refuses

  std::optional<ports::StoredConnection> find(const std::string& id) override {
    const std::lock_guard lock{mutex_};
    const auto found = rows_.find(id);
    return found == rows_.end() ? std::nullopt : std::optional{found->second};
  }
  std::optional<ports::StoredConnection> findByName(const std::string& name) override {
    const std::lock_guard lock{mutex_};
    for (const auto& [id, row] : rows_) {
      if (row.connection.name == name) return row;
    }
    return std::nullopt;
  }
  Page<Connection> list(const ports::ConnectionFilter& filter, const PageRequest&) override {
    const std::lock_guard lock{mutex_};
    Page<Connection> page;
    for (const auto& [id, row] : rows_) {
      if (filter.environment && row.connection.environment != *filter.environment) continue;
      if (row.connection.name.find(filter.keyword) == std::string::npos) continue;
      page.items.push_back(row.connection);
    }
    page.total = static_cast<std::int64_t>(page.items.size());
    return page;
  }
  ports::Saved insert(const ports::StoredConnection& row) override {
    if (findByName(row.connection.name)) return ports::Saved::kDuplicate;
    const std::lock_guard lock{mutex_};
    rows_[row.connection.id] = row;
    return ports::Saved::kOk;
  }
  ports::Saved update(const ports::StoredConnection& row) override {
    const auto namesake = findByName(row.connection.name);
    if (namesake && namesake->connection.id != row.connection.id) return ports::Saved::kDuplicate;
    const std::lock_guard lock{mutex_};
    if (!rows_.contains(row.connection.id)) return ports::Saved::kNotFound;
    rows_[row.connection.id] = row;
    return ports::Saved::kOk;
  }
  Removed remove(const std::string& id, Timestamp) override {
    const std::lock_guard lock{mutex_};
    if (in_use.contains(id)) return Removed::kInUse;
    return rows_.erase(id) > 0 ? Removed::kOk : Removed::kNotFound;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, ports::StoredConnection> rows_;
};

}  // namespace oscar::test
