#pragma once

#include "domain/audit.hpp"
#include "domain/page.hpp"
#include "store/sql.hpp"
#include "store/text_pool.hpp"

#include <atomic>
#include <cstdint>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

namespace oscar::store {

/// What the audit log is filtered by and counted from, in memory, as ExecutionMirror has it for
/// executions. Rows are only ever added to `audit_logs`, so it only ever grows. Thread-safe.
class AuditMirror {
 public:
  struct Limits {
    std::size_t entries = 300'000;  ///< beyond, it stays empty and says so: some 10 MiB
    std::size_t word_bytes = 2 << 20;
  };
  explicit AuditMirror(const Limits& limits) : limits_{limits} {}

  struct Found {
    std::int64_t total = 0;
    std::vector<std::int64_t> ids;  ///< of the page, newest first
  };
  /// Nullopt when it cannot tell: the filter asks for a resource_id (those are as many as the
  /// entries and have an index), there are more entries than the limits, or another thread is
  /// reading entries into it (to wait for that would keep a connection of the pool from everybody
  /// else). `where` and `values` are the filter as SQL.
  std::optional<Found> page(Sql& sql, const AuditFilter& filter, const PageRequest& page,
                            const std::string& where, const Values& values);

 private:
  struct Wanted;

  bool follow(Sql& sql);
  void clear();
  std::optional<Wanted> wantedOf(const AuditFilter& filter) const;

  const Limits limits_;
  std::atomic<bool> overflow_{false};  ///< for good: nothing is removed from the log

  std::shared_mutex mutex_;       ///< everything below
  std::int64_t followed_to_ = 0;  ///< entries up to this id are here
  std::vector<std::int64_t> ids_;
  std::vector<std::int64_t> created_at_ms_;
  std::vector<TextPool::Id> users_;
  std::vector<TextPool::Id> actions_;
  std::vector<TextPool::Id> types_;
  TextPool words_;
};

}  // namespace oscar::store
