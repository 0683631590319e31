#include "store/link.hpp"

#include <Poco/Data/SQLite/Connector.h>
#include <Poco/Data/SQLite/SQLiteException.h>
#include <Poco/Data/Session.h>
#include <Poco/Data/Statement.h>
#include <Poco/Nullable.h>

#include <cerrno>
#include <cstring>
#include <deque>
#include <fcntl.h>
#include <mutex>
#include <unistd.h>

namespace oscar::store {
namespace {

using Poco::Data::Keywords::into;
using Poco::Data::Keywords::use;
namespace lite = Poco::Data::SQLite;

template <typename T>
using Column = std::vector<Poco::Nullable<T>>;
using AnyColumn = std::variant<Column<Poco::Int64>, Column<double>, Column<std::string>>;

SqlFailure classify(const Poco::Exception& error) {
  if (dynamic_cast<const lite::DBLockedException*>(&error) ||
      dynamic_cast<const lite::TableLockedException*>(&error)) {
    return SqlFailure::kBusy;
  }
  if (dynamic_cast<const lite::ConstraintViolationException*>(&error)) {
    return error.message().find("UNIQUE") != std::string::npos ? SqlFailure::kDuplicate
                                                               : SqlFailure::kStatement;
  }
  if (dynamic_cast<const lite::InvalidSQLStatementException*>(&error) ||
      dynamic_cast<const lite::ParameterCountMismatchException*>(&error) ||
      dynamic_cast<const lite::DataTypeMismatchException*>(&error) ||
      dynamic_cast<const lite::RowTooBigException*>(&error)) {
    return SqlFailure::kStatement;
  }
  return SqlFailure::kUnavailable;
}

/// Parameters in the types that Poco binds. Poco keeps references to them, so they must neither
/// move nor die before the statement: hence the deques.
class Parameters {
 public:
  void bindTo(Poco::Data::Statement& statement, const Values& values) {
    for (const auto& value : values) {
      if (const auto* number = std::get_if<std::int64_t>(&value)) {
        statement, use(integers_.emplace_back(*number));
      } else if (const auto* real = std::get_if<double>(&value)) {
        statement, use(reals_.emplace_back(*real));
      } else if (const auto* text = std::get_if<std::string>(&value)) {
        statement, use(texts_.emplace_back(*text));
      } else {
        statement, use(null_);
      }
    }
  }

 private:
  std::deque<Poco::Int64> integers_;
  std::deque<double> reals_;
  std::deque<std::string> texts_;
  Poco::Nullable<std::string> null_;
};

template <typename T>
Row::Cell cellAt(const Column<T>& column, std::size_t row) {
  if (column[row].isNull()) return {};
  if constexpr (std::is_same_v<T, Poco::Int64>) {
    return static_cast<std::int64_t>(column[row].value());
  } else {
    return column[row].value();
  }
}

template <typename Work>
auto guarded(const std::string& sql, Work&& work) {
  try {
    return work();
  } catch (const Poco::Exception& error) {
    throw SqlError{classify(error), error.displayText() + " [" + sql.substr(0, 120) + "]"};
  }
}

class SqliteLink final : public Link {
 public:
  explicit SqliteLink(const SqliteOptions& options) : session_{lite::Connector::KEY, options.path} {
    query("PRAGMA busy_timeout = " + std::to_string(options.busy_timeout_ms), "i", {});
    query("PRAGMA journal_mode = WAL", "s", {});
    // FULL: a commit is on the disk when it returns. NORMAL could lose the last commits with the
    // machine's power, and with them the handle of a run that goes on.
    execute("PRAGMA synchronous = FULL", {});
    execute("PRAGMA foreign_keys = ON", {});
    query("PRAGMA mmap_size = 0", "i", {});
    query("PRAGMA journal_size_limit = 67108864", "i", {});
  }

  void begin(bool write) override { execute(write ? "BEGIN IMMEDIATE" : "BEGIN DEFERRED", {}); }
  void commit() override { execute("COMMIT", {}); }
  void rollback() override { execute("ROLLBACK", {}); }

  std::vector<Row> query(const std::string& sql, std::string_view columns,
                         const Values& values) override {
    return guarded(sql, [&] {
      std::vector<AnyColumn> data;
      data.reserve(columns.size());
      Poco::Data::Statement statement{session_};
      statement << sql;
      Parameters parameters;
      parameters.bindTo(statement, values);
      for (const char type : columns) {
        if (type == 'i') {
          statement, into(std::get<0>(data.emplace_back(Column<Poco::Int64>{})));
        } else if (type == 'r') {
          statement, into(std::get<1>(data.emplace_back(Column<double>{})));
        } else {
          statement, into(std::get<2>(data.emplace_back(Column<std::string>{})));
        }
      }
      statement.execute();
      return rowsOf(data);
    });
  }

  std::int64_t execute(const std::string& sql, const Values& values) override {
    return guarded(sql, [&] {
      Poco::Data::Statement statement{session_};
      statement << sql;
      Parameters parameters;
      parameters.bindTo(statement, values);
      return static_cast<std::int64_t>(statement.execute());
    });
  }

 private:
  static std::vector<Row> rowsOf(const std::vector<AnyColumn>& data) {
    std::vector<Row> rows;
    const auto count = std::visit([](const auto& column) { return column.size(); }, data.front());
    rows.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      std::vector<Row::Cell> cells;
      cells.reserve(data.size());
      for (const auto& any : data) {
        cells.push_back(std::visit([i](const auto& column) { return cellAt(column, i); }, any));
      }
      rows.emplace_back(std::move(cells));
    }
    return rows;
  }

  Poco::Data::Session session_;
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
