#pragma once

#include "store/sql.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace oscar::store {

/// A prepared statement of SQLite. Not thread-safe. Everything throws SqlError.
///
/// Poco's own statements are not used: they prepare their text for every execution, and give each
/// column as a vector of its own.
class SqliteStatement {
 public:
  /// `database` must outlive it.
  SqliteStatement(sqlite3* database, const std::string& sql);

  std::vector<Row> query(std::string_view columns, const Values& values);
  /// Rows that it changed.
  std::int64_t execute(const Values& values);

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };

  void bind(const Values& values);
  bool step();
  Row row(std::string_view columns);
  [[noreturn]] void fail() const;

  sqlite3* database_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

}  // namespace oscar::store
