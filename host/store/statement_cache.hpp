#pragma once

#include <list>
#include <memory>
#include <string>
#include <utility>

namespace oscar::store {

/// Prepared statements of one connection that rest between two uses, so that the text is parsed
/// and planned once. The least recently used goes first. Not thread-safe.
template <typename Statement>
class StatementCache {
 public:
  /// The statement prepared from `sql`, which leaves the cache while it is used; null when there is
  /// none. One that fails is simply not kept again.
  std::unique_ptr<Statement> take(const std::string& sql) {
    for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
      if (entry->first != sql) continue;
      auto statement = std::move(entry->second);
      entries_.erase(entry);
      return statement;
    }
    return nullptr;
  }

  /// The statement must be ready for its next use.
  void keep(const std::string& sql, std::unique_ptr<Statement> statement) {
    entries_.emplace_front(sql, std::move(statement));
    if (entries_.size() > kMaxStatements) entries_.pop_back();
  }

 private:
  /// A server limits the prepared statements of all its clients together (16 382 by default).
  static constexpr std::size_t kMaxStatements = 64;

  std::list<std::pair<std::string, std::unique_ptr<Statement>>> entries_;  ///< newest first
};

}  // namespace oscar::store
