#pragma once

#include "domain/text.hpp"
#include "domain/time.hpp"

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace oscar::store {

class Link;

/// Which database the store is; kMysql is MySQL and MariaDB.
enum class Dialect { kSqlite = 1, kMysql };

/// A bound parameter. A Timestamp becomes the dialect's own form of a time.
using Value = std::variant<std::monostate, std::int64_t, double, std::string, Timestamp>;
using Values = std::vector<Value>;

/// Parameter for a column that is NULL when the value is absent.
template <typename T>
Value nullable(const std::optional<T>& maybe) {
  return maybe ? Value{*maybe} : Value{};
}
inline Value nullable(const std::optional<int>& maybe) {
  return maybe ? Value{std::int64_t{*maybe}} : Value{};
}
/// Parameter for a column that is NULL when the text is empty.
inline Value nullIfEmpty(const std::string& text) {
  return text.empty() ? Value{} : Value{text};
}
inline Value flag(bool on) {
  return std::int64_t{on ? 1 : 0};
}

/// A SELECT with the type of each column it gives: `i` integer (also booleans and times), `r` real,
/// `s` text. Both drivers need to know the type before they fetch.
///
/// Its text is the same for both dialects but for these marks:
///   {ms:column}    the time in `column` as milliseconds
///   {lock}         lock the rows read until the transaction ends (SQLite: the write transaction
///                  holds the whole database already)
///   {index:name}   read by this index and no other
struct Query {
  std::string_view sql;
  std::string_view columns;
};

/// One row of a result, read from left to right.
class Row {
 public:
  using Cell = std::variant<std::monostate, std::int64_t, double, std::string>;

  explicit Row(std::vector<Cell> cells) : cells_{std::move(cells)} {}

  std::int64_t integer() { return optionalInteger().value_or(0); }
  std::string text();  ///< empty for NULL
  bool boolean() { return integer() != 0; }
  Timestamp time() { return fromMillis(integer()); }
  std::optional<std::int64_t> optionalInteger();
  std::optional<double> optionalReal();
  std::optional<Timestamp> optionalTime();
  Text bilingual();  ///< two columns: Chinese, then English

 private:
  Cell& next() { return cells_.at(position_++); }

  std::vector<Cell> cells_;
  std::size_t position_ = 0;
};

/// Why a statement failed, in the terms that matter here.
enum class SqlFailure {
  kBusy = 1,     ///< locked or deadlocked: may work when tried again
  kLost,         ///< the connection is gone
  kUnavailable,  ///< full, read-only, damaged, refused
  kDuplicate,    ///< a unique key
  kStatement     ///< anything else: an error of the program
};

/// A statement failed. `what` is the database's own text, for the log: it may hold values.
class SqlError : public std::exception {
 public:
  SqlError(SqlFailure failure, std::string message)
      : failure_{failure}, message_{std::move(message)} {}
  SqlFailure failure() const { return failure_; }
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  SqlFailure failure_;
  std::string message_;
};

/// The statements of one transaction. Borrowed from Database for the length of a callback; belongs
/// to one thread. Every method throws SqlError.
class Sql {
 public:
  Sql(Link& link, Dialect dialect) : link_{link}, dialect_{dialect} {}

  std::vector<Row> query(const Query& query, const Values& values = {});
  /// The first row.
  std::optional<Row> one(const Query& query, const Values& values = {});
  /// Rows that were changed. MySQL does not count a row whose new values equal the old ones: a
  /// compare-and-set must change what it compares.
  std::int64_t execute(std::string_view sql, const Values& values = {});
  /// The key that the last INSERT of this transaction was given.
  std::int64_t lastInsertId();
  Dialect dialect() const { return dialect_; }

 private:
  Link& link_;
  Dialect dialect_;
};

/// `word` as a LIKE pattern for "contains it", for use with ESCAPE '!'.
std::string containsPattern(std::string_view word);

/// "?, ?, ?" for an IN list.
std::string placeholders(std::size_t count);

}  // namespace oscar::store
