#include "store/link.hpp"
#include "store/statement_cache.hpp"

#include <Poco/Data/MySQL/Connector.h>
#include <Poco/Data/MySQL/MySQLException.h>
#include <Poco/Data/MySQL/StatementExecutor.h>
#include <Poco/Data/MySQL/Utility.h>
#include <Poco/Data/Session.h>

#include <array>
#include <charconv>
#include <cstring>
#include <deque>
#include <mutex>

namespace oscar::store {
namespace {

namespace mysql = Poco::Data::MySQL;

/// Most texts are shorter than this and arrive with the row; a longer one is fetched by itself.
constexpr std::size_t kInlineText = 512;

/// The server's error number, which Poco 1.11 gives only inside the message.
int errorNumber(const std::string& message) {
  for (const std::string_view key : {"_errno]: ", "_errno:", "errno]: "}) {
    const auto at = message.find(key);
    if (at == std::string::npos) continue;
    int number = 0;
    const char* begin = message.data() + at + key.size();
    while (*begin == ' ') ++begin;
    if (std::from_chars(begin, message.data() + message.size(), number).ec == std::errc{}) {
      return number;
    }
  }
  return 0;
}

SqlFailure classify(int number) {
  switch (number) {
    case 1205:  // lock wait timeout
    case 1213:  // deadlock
    case 1020:  // record changed since last read (MariaDB snapshot isolation)
      return SqlFailure::kBusy;
    case 1062:
      return SqlFailure::kDuplicate;
    case 1053:  // server shutdown in progress
    case 1927:  // connection was killed (MariaDB)
    case 2006:  // server has gone away
    case 2013:  // lost connection during query
    case 2055:
    case 4031:  // disconnected because of inactivity
      return SqlFailure::kLost;
    case 1021:  // disk full
    case 1040:  // too many connections
    case 1041:  // out of memory
    case 1114:  // table is full
    case 1290:  // --read-only
    case 1317:  // query interrupted
    case 1792:  // read only transaction
    case 1836:  // read only mode
    case 3024:  // statement ran out of time
      return SqlFailure::kUnavailable;
    default:
      return SqlFailure::kStatement;
  }
}

/// Parameters as libmysqlclient wants them. Points into `values`, which must outlive it.
class Parameters {
 public:
  explicit Parameters(const Values& values) : binds_(values.size()), lengths_(values.size()) {
    for (std::size_t i = 0; i < values.size(); ++i) bind(i, values[i]);
  }
  void bindTo(mysql::StatementExecutor& statement) {
    if (!binds_.empty()) statement.bindParams(binds_.data(), binds_.size());
  }

 private:
  void bind(std::size_t i, const Value& value) {
    MYSQL_BIND& bind = binds_[i];
    bind.buffer_type = MYSQL_TYPE_NULL;
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
      bind.buffer_type = MYSQL_TYPE_LONGLONG;
      bind.buffer = const_cast<std::int64_t*>(number);
    } else if (const auto* real = std::get_if<double>(&value)) {
      bind.buffer_type = MYSQL_TYPE_DOUBLE;
      bind.buffer = const_cast<double*>(real);
    } else if (const auto* text = std::get_if<std::string>(&value)) {
      bind.buffer_type = MYSQL_TYPE_STRING;
      bind.buffer = const_cast<char*>(text->data());
      bind.buffer_length = text->size();
      lengths_[i] = text->size();
      bind.length = &lengths_[i];
    }
  }

  std::vector<MYSQL_BIND> binds_;
  std::vector<unsigned long> lengths_;
};

/// The buffers into which rows are fetched.
///
/// Poco's own extraction is not used: for a LONGTEXT column Poco 1.11 sizes its buffer by the
/// column's greatest length, which overflows to nothing, and gives back an empty text.
class Columns {
 public:
  explicit Columns(std::string_view types) : types_{types}, slots_(types.size()) {
    binds_.resize(types.size());
    for (std::size_t i = 0; i < types.size(); ++i) {
      MYSQL_BIND& bind = binds_[i];
      Slot& slot = slots_[i];
      bind.is_null = &slot.is_null;
      bind.length = &slot.length;
      bind.error = &slot.error;
      switch (types[i]) {
        case 'i':
          bind.buffer_type = MYSQL_TYPE_LONGLONG;
          bind.buffer = &slot.integer;
          break;
        case 'r':
          bind.buffer_type = MYSQL_TYPE_DOUBLE;
          bind.buffer = &slot.real;
          break;
        default:
          bind.buffer_type = MYSQL_TYPE_STRING;
          bind.buffer = slot.text.data();
          bind.buffer_length = slot.text.size();
      }
    }
  }
  void bindTo(mysql::StatementExecutor& statement) { statement.bindResult(binds_.data()); }

  Row row(mysql::StatementExecutor& statement) {
    std::vector<Row::Cell> cells;
    cells.reserve(types_.size());
    for (std::size_t i = 0; i < types_.size(); ++i) {
      const Slot& slot = slots_[i];
      if (slot.is_null) {
        cells.emplace_back();
      } else if (types_[i] == 'i') {
        cells.emplace_back(std::int64_t{slot.integer});
      } else if (types_[i] == 'r') {
        cells.emplace_back(slot.real);
      } else if (slot.length <= slot.text.size()) {
        cells.emplace_back(std::string(slot.text.data(), slot.length));
      } else {
        cells.emplace_back(longText(statement, i, slot.length));
      }
    }
    return Row{std::move(cells)};
  }

 private:
  struct Slot {
    long long integer = 0;
    double real = 0;
    std::array<char, kInlineText> text;
    unsigned long length = 0;
    my_bool is_null = 0;
    my_bool error = 0;
  };

  static std::string longText(mysql::StatementExecutor& statement, std::size_t column,
                              unsigned long length) {
    std::string text(length, '\0');
    MYSQL_BIND bind;
    std::memset(&bind, 0, sizeof bind);
    unsigned long fetched = 0;
    my_bool is_null = 0;
    my_bool error = 0;
    bind.buffer_type = MYSQL_TYPE_STRING;
    bind.buffer = text.data();
    bind.buffer_length = length;
    bind.length = &fetched;
    bind.is_null = &is_null;
    bind.error = &error;
    statement.fetchColumn(column, &bind);
    return text;
  }

  std::string_view types_;
  std::vector<Slot> slots_;
  std::vector<MYSQL_BIND> binds_;
};

std::string connectionString(const MysqlOptions& options) {
  // auto-reconnect off: a silent reconnect inside a transaction would commit its second half alone.
  return "host=" + options.host + ";port=" + std::to_string(options.port) +
         ";user=" + options.user + ";password=" + options.password + ";db=" + options.database +
         ";compress=false;auto-reconnect=false;character-set=utf8mb4";
}

std::string withoutSecret(std::string text, const std::string& secret) {
  constexpr std::string_view kMask = "***";
  std::size_t at = secret.empty() ? std::string::npos : text.find(secret);
  while (at != std::string::npos) {
    text.replace(at, secret.size(), kMask);
    at = text.find(secret, at + kMask.size());
  }
  return text;
}

class MysqlLink final : public Link {
 public:
  explicit MysqlLink(const MysqlOptions& options)
      : session_{mysql::Connector::KEY, connectionString(options),
                 static_cast<std::size_t>(options.connect_timeout_seconds)},
        handle_{mysql::Utility::handle(session_)} {
    execute(
        "SET time_zone = '+00:00', innodb_lock_wait_timeout = 5, "
        "sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO'",
        {});
    // Every compare-and-set reads what it locks; gap locks would only add deadlocks.
    execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED", {});
  }

  /// A read transaction is nothing here: at READ COMMITTED it would not make two statements agree,
  /// and beginning and ending it costs three round trips.
  void begin(bool write) override {
    in_transaction_ = write;
    if (write) guarded("BEGIN", [this] { session_.begin(); });
  }
  void commit() override {
    if (in_transaction_) guarded("COMMIT", [this] { session_.commit(); });
    in_transaction_ = false;
  }
  void rollback() override {
    if (in_transaction_) guarded("ROLLBACK", [this] { session_.rollback(); });
    in_transaction_ = false;
  }

  std::vector<Row> query(const std::string& sql, std::string_view columns,
                         const Values& values) override {
    std::vector<Row> rows;
    guarded(sql, [&] {
      auto statement = prepared(sql);
      Parameters parameters{values};
      parameters.bindTo(*statement);
      Columns buffers{columns};
      buffers.bindTo(*statement);
      statement->execute();
      while (statement->fetch()) rows.push_back(buffers.row(*statement));
      statements_.keep(sql, std::move(statement));
    });
    return rows;
  }

  std::int64_t execute(const std::string& sql, const Values& values) override {
    std::int64_t changed = 0;
    guarded(sql, [&] {
      auto statement = prepared(sql);
      Parameters parameters{values};
      parameters.bindTo(*statement);
      statement->execute();
      changed = statement->getAffectedRowCount();
      statements_.keep(sql, std::move(statement));
    });
    return changed;
  }

 private:
  template <typename Work>
  static void guarded(const std::string& sql, Work&& work) {
    try {
      work();
    } catch (const Poco::Exception& error) {
      const std::string message = error.displayText();
      throw SqlError{classify(errorNumber(message)), message + " [" + sql.substr(0, 120) + "]"};
    }
  }

  std::unique_ptr<mysql::StatementExecutor> prepared(const std::string& sql) {
    if (auto statement = statements_.take(sql)) return statement;
    auto statement = std::make_unique<mysql::StatementExecutor>(handle_);
    statement->prepare(sql);
    return statement;
  }

  Poco::Data::Session session_;
  MYSQL* handle_;
  StatementCache<mysql::StatementExecutor> statements_;
  bool in_transaction_ = false;
};

}  // namespace

namespace {

std::string remedyFor(int error) {
  constexpr int kUnknownDatabase = 1049;
  if (error != kUnknownDatabase) return "";
  return ". Make it first (CREATE DATABASE ... CHARACTER SET utf8mb4) and give the user all rights "
         "on it: config/README.md";
}

}  // namespace

std::unique_ptr<Link> openMysql(const MysqlOptions& options) {
  static std::once_flag registered;
  std::call_once(registered, [] { mysql::Connector::registerConnector(); });
  try {
    return std::make_unique<MysqlLink>(options);
  } catch (const Poco::Exception& error) {
    // Poco's own words may carry the connection string, and with it the password.
    const std::string reason = withoutSecret(error.displayText(), options.password);
    throw SqlError{SqlFailure::kUnavailable, "cannot connect to the store at " + options.host +
                                                 ":" + std::to_string(options.port) + ": " +
                                                 reason + remedyFor(errorNumber(reason))};
  }
}

}  // namespace oscar::store
