#include "adapters/mariadb_link.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mysql.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

namespace oscar::adapters {
namespace {

using ports::TargetError;

constexpr int kFirstClientError = 2000;  // CR_MIN_ERROR: the library's own errors, not the server's
constexpr int kLastClientError = 2999;
constexpr int kMariadbFirstClientError = 5000;  // CR_MARIADB_LAST block: 5000-5999
constexpr int kMariadbLastClientError = 5999;

/// More different questions than one preview asks; each costs the server a little memory.
constexpr std::size_t kMaxPrepared = 16;

/// Longest wait for a metadata lock: a look at a table must not queue behind a DDL for minutes.
constexpr int kLockWaitSeconds = 20;

/// Plugins that never send the password itself. A forged server could otherwise ask for
/// mysql_clear_password.
constexpr const char* kAuthPlugins =
    "mysql_native_password,caching_sha2_password,sha256_password,client_ed25519";

/// The CA as a file that only this process can see and that vanishes with it: libmariadb takes a
/// path, and the PEM text comes from the store.
class MemoryFile {
 public:
  explicit MemoryFile(const std::string& content)
      : descriptor_{::memfd_create("oscar-ca", MFD_CLOEXEC)} {
    if (descriptor_ < 0) throw TargetError{0, std::string{"memfd_create: "} + std::strerror(errno)};
    std::string_view rest{content};
    while (!rest.empty()) {
      const ssize_t put = ::write(descriptor_, rest.data(), rest.size());
      if (put < 0) {
        const int error = errno;
        ::close(descriptor_);
        throw TargetError{0, std::string{"memfd: "} + std::strerror(error)};
      }
      rest.remove_prefix(static_cast<std::size_t>(put));
    }
  }
  ~MemoryFile() { ::close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

template <typename T>
void setOption(MYSQL* handle, mysql_option option, const T& value) {
  mysql_optionsv(handle, option, &value);
}

[[noreturn]] void raise(MYSQL* handle) {
  throw TargetError{static_cast<int>(mysql_errno(handle)), mysql_error(handle)};
}

[[noreturn]] void raise(MYSQL_STMT* statement) {
  throw TargetError{static_cast<int>(mysql_stmt_errno(statement)), mysql_stmt_error(statement)};
}

std::unique_ptr<MemoryFile> useTls(MYSQL* handle, const TargetAddress& address) {
  const my_bool on = 1;
  const my_bool check_name = address.ssl_verify == SslVerify::kVerifyIdentity ? 1 : 0;
  setOption(handle, MYSQL_OPT_SSL_ENFORCE, on);
  setOption(handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, check_name);
  mysql_optionsv(handle, MYSQL_OPT_TLS_VERSION, "TLSv1.2,TLSv1.3");
  if (address.ssl_verify == SslVerify::kRequired) return nullptr;
  // libmariadb checks the chain exactly when a CA is named, so the system's must be named too.
  if (address.ssl_ca.empty()) {
    mysql_optionsv(handle, MYSQL_OPT_SSL_CA, "/etc/ssl/certs/ca-certificates.crt");
    return nullptr;
  }
  auto file = std::make_unique<MemoryFile>(address.ssl_ca);
  mysql_optionsv(handle, MYSQL_OPT_SSL_CA, file->path().c_str());
  return file;
}

using ResultPtr = std::unique_ptr<MYSQL_RES, decltype(&mysql_free_result)>;

std::vector<std::string> namesOf(MYSQL_RES* result) {
  std::vector<std::string> names;
  const unsigned count = mysql_num_fields(result);
  const MYSQL_FIELD* fields = mysql_fetch_fields(result);
  for (unsigned i = 0; i < count; ++i) names.emplace_back(fields[i].name, fields[i].name_length);
  return names;
}

/// Takes all rows of an executed statement, every value as text.
class BoundFetch {
 public:
  explicit BoundFetch(MYSQL_STMT* statement, unsigned columns)
      : statement_{statement}, cells_(columns), binds_(columns) {
    for (unsigned i = 0; i < columns; ++i) {
      cells_[i].buffer.resize(kInitialBytes);
      MYSQL_BIND& bind = binds_[i];
      bind.buffer_type = MYSQL_TYPE_STRING;
      bind.buffer = cells_[i].buffer.data();
      bind.buffer_length = cells_[i].buffer.size();
      bind.length = &cells_[i].length;
      bind.is_null = &cells_[i].is_null;
      bind.error = &cells_[i].truncated;
    }
    if (mysql_stmt_bind_result(statement_, binds_.data()) != 0) raise(statement_);
    if (mysql_stmt_store_result(statement_) != 0) raise(statement_);
  }

  bool next(MariadbLink::Row& row) {
    const int state = mysql_stmt_fetch(statement_);
    if (state == MYSQL_NO_DATA) return false;
    if (state != 0 && state != MYSQL_DATA_TRUNCATED) raise(statement_);
    row.clear();
    for (unsigned i = 0; i < cells_.size(); ++i) row.push_back(cell(i));
    return true;
  }

 private:
  static constexpr std::size_t kInitialBytes = 512;
  struct Cell {
    std::string buffer;
    unsigned long length = 0;
    my_bool is_null = 0;
    my_bool truncated = 0;
  };

  std::optional<std::string> cell(unsigned index) {
    const Cell& source = cells_[index];
    if (source.is_null) return std::nullopt;
    if (source.length <= source.buffer.size()) return source.buffer.substr(0, source.length);
    std::string whole(source.length, '\0');
    unsigned long length = 0;
    my_bool is_null = 0;
    my_bool truncated = 0;
    MYSQL_BIND bind;
    std::memset(&bind, 0, sizeof bind);
    bind.buffer_type = MYSQL_TYPE_STRING;
    bind.buffer = whole.data();
    bind.buffer_length = whole.size();
    bind.length = &length;
    bind.is_null = &is_null;
    bind.error = &truncated;
    if (mysql_stmt_fetch_column(statement_, &bind, index, 0) != 0) raise(statement_);
    return whole;
  }

  MYSQL_STMT* statement_;
  std::vector<Cell> cells_;
  std::vector<MYSQL_BIND> binds_;
};

}  // namespace

std::size_t MariadbLink::Rows::column(std::string_view name) const {
  const auto found = std::find_if(names.begin(), names.end(), [&](const std::string& known) {
    return known.size() == name.size() &&
           ::strncasecmp(known.data(), name.data(), name.size()) == 0;
  });
  if (found == names.end()) {
    throw TargetError{0, "the server's answer has no column " + std::string{name}};
  }
  return static_cast<std::size_t>(found - names.begin());
}

MariadbLink::MariadbLink(const TargetAddress& address, int io_timeout_seconds,
                         int statement_seconds)
    : handle_{mysql_init(nullptr)} {
  if (handle_ == nullptr) throw TargetError{0, "libmariadb: out of memory"};
  try {
    connect(address, io_timeout_seconds);
    prepareSession(statement_seconds);
  } catch (...) {
    mysql_close(handle_);
    throw;
  }
}

MariadbLink::~MariadbLink() {
  prepared_.clear();
  mysql_close(handle_);
}

void MariadbLink::connect(const TargetAddress& address, int io_timeout_seconds) {
  setOption(handle_, MYSQL_OPT_CONNECT_TIMEOUT,
            static_cast<unsigned>(address.connect_timeout_seconds));
  setOption(handle_, MYSQL_OPT_READ_TIMEOUT, static_cast<unsigned>(io_timeout_seconds));
  setOption(handle_, MYSQL_OPT_WRITE_TIMEOUT, static_cast<unsigned>(io_timeout_seconds));
  // `localhost` would otherwise mean the local socket, and the port would be ignored.
  setOption(handle_, MYSQL_OPT_PROTOCOL, static_cast<unsigned>(MYSQL_PROTOCOL_TCP));
  // A server may ask for any local file in answer to any statement; it gets none.
  setOption(handle_, MYSQL_OPT_LOCAL_INFILE, 0U);
  mysql_optionsv(handle_, MARIADB_OPT_RESTRICTED_AUTH, kAuthPlugins);
  mysql_optionsv(handle_, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  mysql_options4(handle_, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", "oscar");

  std::unique_ptr<MemoryFile> authority;  // must live until the handshake is over
  if (address.use_ssl) authority = useTls(handle_, address);

  const char* database = address.database.empty() ? nullptr : address.database.c_str();
  if (mysql_real_connect(handle_, address.host.c_str(), address.username.c_str(),
                         address.password.reveal().c_str(), database,
                         static_cast<unsigned>(address.port), nullptr, 0) == nullptr) {
    raise(handle_);
  }
  // Measured with libmariadb 3.3: ENFORCE does not refuse a server that offers no TLS unless the
  // name is verified too; the connection is then simply in plain text.
  if (address.use_ssl && mysql_get_ssl_cipher(handle_) == nullptr) {
    constexpr int kTlsError = 2026;  // CR_SSL_CONNECTION_ERROR
    throw TargetError{kTlsError,
                      "SSL connection error: SSL is required, but the server does not support it"};
  }
  is_mariadb_ = mariadb_connection(handle_) != 0;
}

void MariadbLink::prepareSession(int statement_seconds) {
  // The server's init_connect or defaults may say otherwise: autocommit off would keep metadata
  // locks, ANSI quotes would change SHOW CREATE TABLE.
  const std::string always =
      "SET SESSION autocommit=1, sql_mode='', sql_quote_show_create=1, lock_wait_timeout=" +
      std::to_string(kLockWaitSeconds);
  // MySQL 8 answers from statistics that may be a day old unless it is told not to.
  const std::vector<std::string> wishes =
      is_mariadb_ ? std::vector{"max_statement_time=" + std::to_string(statement_seconds)}
                  : std::vector{"max_execution_time=" + std::to_string(statement_seconds * 1000),
                                std::string{"information_schema_stats_expiry=0"}};
  std::string all = always;
  for (const std::string& wish : wishes) all += ", " + wish;
  if (tryQuery(all)) return;
  // An old server lacks one of them, and then takes nothing of the whole.
  query(always);
  for (const std::string& wish : wishes) tryQuery("SET SESSION " + wish);
}

MariadbLink::Rows MariadbLink::query(const std::string& sql,
                                     const std::vector<std::string>& values) {
  try {
    return run(sql, values);
  } catch (...) {
    usable_ = false;
    throw;
  }
}

std::optional<MariadbLink::Rows> MariadbLink::tryQuery(const std::string& sql,
                                                       const std::vector<std::string>& values) {
  try {
    return run(sql, values);
  } catch (const TargetError& error) {
    const int code = error.code();
    const bool ours = code == 0 || (code >= kFirstClientError && code <= kLastClientError) ||
                      (code >= kMariadbFirstClientError && code <= kMariadbLastClientError);
    if (!ours) return std::nullopt;
    usable_ = false;
    throw;
  }
}

MariadbLink::Rows MariadbLink::run(const std::string& sql, const std::vector<std::string>& values) {
  return values.empty() ? queryText(sql) : queryBound(sql, values);
}

int MariadbLink::serverVersion() const {
  return static_cast<int>(mysql_get_server_version(handle_));
}

bool MariadbLink::isQuiet() const {
  char byte = 0;
  const auto socket = static_cast<int>(mysql_get_socket(handle_));
  const ssize_t got = ::recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

std::uint64_t MariadbLink::threadId() const {
  return mysql_thread_id(handle_);
}

MariadbLink::Rows MariadbLink::queryText(const std::string& sql) {
  if (mysql_real_query(handle_, sql.data(), static_cast<unsigned long>(sql.size())) != 0) {
    raise(handle_);
  }
  const ResultPtr result{mysql_store_result(handle_), &mysql_free_result};
  Rows rows;
  if (!result) {
    if (mysql_errno(handle_) != 0) raise(handle_);
    return rows;
  }
  rows.names = namesOf(result.get());
  while (MYSQL_ROW row = mysql_fetch_row(result.get())) {
    const unsigned long* lengths = mysql_fetch_lengths(result.get());
    Row values;
    for (std::size_t i = 0; i < rows.names.size(); ++i) {
      if (row[i] == nullptr) {
        values.emplace_back();
      } else {
        values.emplace_back(std::string{row[i], lengths[i]});
      }
    }
    rows.rows.push_back(std::move(values));
  }
  return rows;
}

MariadbLink::Rows MariadbLink::queryBound(const std::string& sql,
                                          const std::vector<std::string>& values) {
  // Out of the map while it runs: one that fails is closed and not used again.
  const auto known = prepared_.find(sql);
  Statement statement = known != prepared_.end() ? std::move(known->second) : prepare(sql);
  if (known != prepared_.end()) prepared_.erase(known);
  Rows rows = execute(statement.get(), values);
  if (prepared_.size() < kMaxPrepared && mysql_stmt_free_result(statement.get()) == 0) {
    prepared_.emplace(sql, std::move(statement));
  }
  return rows;
}

MariadbLink::Statement MariadbLink::prepare(const std::string& sql) {
  Statement statement{mysql_stmt_init(handle_)};
  if (!statement) raise(handle_);
  if (mysql_stmt_prepare(statement.get(), sql.data(), static_cast<unsigned long>(sql.size())) !=
      0) {
    raise(statement.get());
  }
  return statement;
}

MariadbLink::Rows MariadbLink::execute(st_mysql_stmt* statement,
                                       const std::vector<std::string>& values) {
  if (mysql_stmt_param_count(statement) != values.size()) {
    throw TargetError{0, "statement and values do not agree in number"};
  }
  std::vector<MYSQL_BIND> binds(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    binds[i].buffer_type = MYSQL_TYPE_STRING;
    binds[i].buffer = const_cast<char*>(values[i].data());  // C API; it only reads parameters
    binds[i].buffer_length = static_cast<unsigned long>(values[i].size());
  }
  if (mysql_stmt_bind_param(statement, binds.data()) != 0) raise(statement);
  if (mysql_stmt_execute(statement) != 0) raise(statement);
  const ResultPtr shape{mysql_stmt_result_metadata(statement), &mysql_free_result};
  Rows rows;
  if (!shape) return rows;
  rows.names = namesOf(shape.get());
  BoundFetch fetch{statement, static_cast<unsigned>(rows.names.size())};
  for (Row row; fetch.next(row);) rows.rows.push_back(row);
  return rows;
}

void MariadbLink::CloseStatement::operator()(st_mysql_stmt* statement) const {
  mysql_stmt_close(statement);
}

std::string quoteIdentifier(std::string_view name) {
  std::string quoted = "`";
  for (const char c : name) {
    if (c == '`') quoted += '`';
    quoted += c;
  }
  return quoted + "`";
}

std::string quoteTable(std::string_view database, std::string_view table) {
  return quoteIdentifier(database) + "." + quoteIdentifier(table);
}

std::int64_t toInteger(const std::optional<std::string>& value) {
  return value ? std::strtoll(value->c_str(), nullptr, 10) : 0;
}

std::string toText(const std::optional<std::string>& value) {
  return value.value_or(std::string{});
}

}  // namespace oscar::adapters
