#pragma once

#include "store/sql.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace oscar::store {

/// One open connection of a driver. Not thread-safe. Everything throws SqlError. Values hold no
/// Timestamp any more: Sql has turned it into the dialect's form.
class Link {
 public:
  virtual ~Link() = default;
  /// `write` locks what the dialect must lock before it is known what will be written.
  virtual void begin(bool write) = 0;
  virtual void commit() = 0;
  virtual void rollback() = 0;
  virtual std::vector<Row> query(const std::string& sql, std::string_view columns,
                                 const Values& values) = 0;
  virtual std::int64_t execute(const std::string& sql, const Values& values) = 0;
};

/// How the SQLite file is opened.
struct SqliteOptions {
  std::string path;
  int busy_timeout_ms = 5000;  ///< how long a statement waits for another process's lock
};
std::unique_ptr<Link> openSqlite(const SqliteOptions& options);

/// Where the MySQL or MariaDB store is. `password` never appears in an error.
struct MysqlOptions {
  std::string host;
  int port = 3306;
  std::string user;
  std::string password;
  std::string database;
  int connect_timeout_seconds = 5;
};
std::unique_ptr<Link> openMysql(const MysqlOptions& options);

}  // namespace oscar::store
