#include "store/link.hpp"
#include "store/sqlite_statement.hpp"
#include "store/statement_cache.hpp"

#include <Poco/Data/SQLite/Connector.h>
#include <Poco/Data/SQLite/Utility.h>
#include <Poco/Data/Session.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <mutex>
#include <sqlite3.h>
#include <unistd.h>

namespace oscar::store {
namespace {

namespace lite = Poco::Data::SQLite;

class SqliteLink final : public Link {
 public:
  explicit SqliteLink(const SqliteOptions& options)
      : session_{lite::Connector::KEY, options.path}, handle_{lite::Utility::dbHandle(session_)} {
    sqlite3_extended_result_codes(handle_, 1);
    query("PRAGMA busy_timeout = " + std::to_string(options.busy_timeout_ms), "i", {});
    query("PRAGMA journal_mode = WAL", "s", {});
    // FULL: a commit is on the disk when it returns. NORMAL could lose the last commits with the
    // machine's power, and with them the handle of a run that goes on.
    execute("PRAGMA synchronous = FULL", {});
    execute("PRAGMA foreign_keys = ON", {});
    query("PRAGMA mmap_size = 0", "i", {});
    // A MiB instead of two for each connection: the kernel caches the file once for all of them.
    execute("PRAGMA cache_size = -1000", {});
    query("PRAGMA journal_size_limit = 67108864", "i", {});
  }

  void begin(bool write) override { execute(write ? "BEGIN IMMEDIATE" : "BEGIN DEFERRED", {}); }
  void commit() override { execute("COMMIT", {}); }
  void rollback() override { execute("ROLLBACK", {}); }

  std::vector<Row> query(const std::string& sql, std::string_view columns,
                         const Values& values) override {
    auto statement = prepared(sql);
    auto rows = statement->query(columns, values);
    statements_.keep(sql, std::move(statement));
    return rows;
  }

  std::int64_t execute(const std::string& sql, const Values& values) override {
    auto statement = prepared(sql);
    const std::int64_t changed = statement->execute(values);
    statements_.keep(sql, std::move(statement));
    return changed;
  }

 private:
  std::unique_ptr<SqliteStatement> prepared(const std::string& sql) {
    auto statement = statements_.take(sql);
    return statement ? std::move(statement) : std::make_unique<SqliteStatement>(handle_, sql);
  }

  Poco::Data::Session session_;
  sqlite3* handle_;
  StatementCache<SqliteStatement> statements_;
};

/// SQLite would create the file readable for everyone that the umask lets; the log of an ALTER and
/// the sealed passwords are nobody else's business. WAL and shared memory files inherit the mode.
void createPrivately(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) {
    throw SqlError{SqlFailure::kUnavailable, "cannot open " + path + ": " + std::strerror(errno)};
  }
  ::close(file);
}

}  // namespace

std::unique_ptr<Link> openSqlite(const SqliteOptions& options) {
  static std::once_flag registered;
  std::call_once(registered, [] { lite::Connector::registerConnector(); });
  createPrivately(options.path);
  try {
    return std::make_unique<SqliteLink>(options);
  } catch (const Poco::Exception& error) {
    throw SqlError{SqlFailure::kUnavailable,
                   "cannot open " + options.path + ": " + error.displayText()};
  }
}

}  // namespace oscar::store
