#pragma once

#include "domain/execution.hpp"
#include "domain/page.hpp"
#include "store/execution_criteria.hpp"
#include "store/execution_totals.hpp"
#include "store/sql.hpp"
#include "store/text_pool.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

namespace oscar::store {

/// What lists filter by and count, of every execution, in memory: a filter that nobody asked for
/// before is answered in less than a millisecond for a hundred thousand executions, whatever is
/// combined in it, and the database only gives the rows of the page.
///
/// The store stays the truth, and other processes may write to it. `execution_counters.changes`
/// moves in the transaction of every insert and status change; when it has moved, what can have
/// changed is read again: executions that are new, and those that had not ended. The counters'
/// sums then prove that nothing else has (rows deleted by hand), or everything is read anew.
/// Thread-safe.
class ExecutionMirror {
 public:
  /// Beyond these the mirror stays empty and says so: together some 40 MiB.
  struct Limits {
    std::size_t executions = 300'000;
    std::size_t name_bytes = 8 << 20;
    /// Texts of DDL. Those that do not fit are searched in the store.
    std::size_t text_bytes = 16 << 20;
    std::size_t longest_text = 4096;
  };
  explicit ExecutionMirror(const Limits& limits);
  ~ExecutionMirror();
  ExecutionMirror(const ExecutionMirror&) = delete;
  ExecutionMirror& operator=(const ExecutionMirror&) = delete;

  /// The `changes` of the store that it has followed to. To be read before the transaction in
  /// which follow() is called begins.
  std::int64_t changes() const { return changes_.load(); }
  /// Brings it up to date with what `sql` sees. False when the store holds more than the limits,
  /// and when another thread is at it: that one may read for long or wait for the database, and
  /// whoever waited for it would keep a connection of the pool from everybody else.
  bool follow(Sql& sql, std::int64_t changes_before);

  struct Found {
    std::int64_t total = 0;
    std::vector<std::int64_t> numbers;  ///< of the page, newest first
  };
  /// After follow(). `sql` is for the texts that are not held here. Nullopt when another thread has
  /// emptied it since, or is changing it.
  std::optional<Found> page(Sql& sql, const ExecutionFilter& filter, const PageRequest& page);
  /// Sums over the executions that match. Otherwise as page().
  std::optional<ExecutionTotals> totals(Sql& sql, const ExecutionFilter& filter);

 private:
  struct Record;
  /// One vector per field, so that a filter reads only the fields that it asks for. By number.
  struct Columns {
    std::vector<std::int64_t> number;
    std::vector<std::int64_t> created_at_ms;
    std::vector<std::int32_t> seconds;  ///< -1: unknown
    std::vector<std::uint8_t> status;
    std::array<std::vector<TextPool::Id>, kExactColumns.size()> exact;  ///< by placeOf
    std::vector<TextPool::Id> name;
    std::vector<TextPool::Id> text;

    std::size_t size() const;
    void reserveFor(std::size_t more);
    void add(const Record& record);
    ExecutionStatus statusAt(std::size_t at) const;
  };
  struct KeywordMatches;
  class Matcher;

  void update(Sql& sql);
  void clear();
  void append(Row& row);
  void readNew(Sql& sql);
  void readUnfinished(Sql& sql);
  std::size_t nameBytes() const;
  ExecutionTotals sumOf(const Matcher& matches) const;
  std::shared_ptr<const KeywordMatches> matchesOf(Sql& sql, const std::string& folded);
  std::vector<std::int64_t> searchInStore(Sql& sql, const std::string& folded, std::size_t from,
                                          bool everything) const;

  const Limits limits_;
  std::atomic<std::int64_t> changes_{-1};
  std::atomic<bool> names_overflow_{false};  ///< for good: it would overflow again

  mutable std::shared_mutex mutex_;  ///< everything below but the keywords
  Columns columns_;
  std::vector<std::uint32_t> unfinished_;    ///< places in columns_
  std::vector<std::int64_t> text_in_store_;  ///< numbers, ascending
  ExecutionTotals totals_;
  /// How far totals_ and the counters differ although everything was read: somebody has written
  /// into the store by hand. Reading everything again and again would not help.
  ExecutionTotals drift_;
  std::array<TextPool, kExactColumns.size()> exact_;  ///< as Columns::exact
  TextPool names_;                                    ///< `database.table` as keywords see it
  TextPool texts_;

  std::mutex keywords_mutex_;
  std::list<std::shared_ptr<const KeywordMatches>> keywords_;  ///< newest first
};

}  // namespace oscar::store
