#pragma once

#include "domain/connection.hpp"
#include "ports/target_database.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct st_mysql;  // libmariadb's MYSQL and MYSQL_STMT, whose header stays out of ours
struct st_mysql_stmt;

namespace oscar::adapters {

/// One connection to a target server by libmariadb, over TCP only. The session's character set is
/// always utf8mb4, whatever the Connection says: that one is for pt-osc. One thread at a time. All
/// functions throw TargetError with the server's or the library's own words.
class MariadbLink {
 public:
  using Row = std::vector<std::optional<std::string>>;  ///< nullopt = NULL
  /// The answer to one statement, wholly in memory; both are empty when it has no result set.
  struct Rows {
    std::vector<std::string> names;  ///< of the columns, as the server wrote them
    std::vector<Row> rows;
    /// Index of a column by name (case-insensitive); throws TargetError when it is not there.
    std::size_t column(std::string_view name) const;
  };

  /// `io_timeout_seconds` bounds each wait for the server after the connect. The server itself is
  /// told to end a SELECT after `statement_seconds` (0 = no bound), where it knows how to.
  MariadbLink(const TargetAddress& address, int io_timeout_seconds, int statement_seconds);
  ~MariadbLink();
  MariadbLink(const MariadbLink&) = delete;
  MariadbLink& operator=(const MariadbLink&) = delete;

  /// Runs one statement. With `values`, each `?` in `sql` is bound (never spliced) as a string; the
  /// first few of such statements stay prepared, so that asking again takes one round trip.
  Rows query(const std::string& sql, const std::vector<std::string>& values = {});
  /// As query, but nullopt when the server refuses it (no such variable, no right); a lost
  /// connection still throws.
  std::optional<Rows> tryQuery(const std::string& sql, const std::vector<std::string>& values = {});

  bool isMariaDb() const { return is_mariadb_; }
  /// As the server announced it at the handshake: 101119, 50744, 80032.
  int serverVersion() const;
  std::uint64_t threadId() const;  ///< the server's CONNECTION_ID()

  /// False once a statement has thrown: what state the session is in is not known then.
  bool usable() const { return usable_; }
  std::chrono::steady_clock::time_point openedAt() const { return opened_at_; }
  /// True when the server has neither closed the idle connection nor said a word unasked (its words
  /// before it closes). Asks the local socket only.
  bool isQuiet() const;

  /// What was last told about the server over this link, for who asks again: it is as old as the
  /// link at most.
  const std::optional<ports::ServerFacts>& knownServer() const { return known_server_; }
  void rememberServer(const ports::ServerFacts& facts) { known_server_ = facts; }

 private:
  struct CloseStatement {
    void operator()(st_mysql_stmt* statement) const;
  };
  using Statement = std::unique_ptr<st_mysql_stmt, CloseStatement>;

  void connect(const TargetAddress& address, int io_timeout_seconds);
  void prepareSession(int statement_seconds);
  Rows run(const std::string& sql, const std::vector<std::string>& values);
  Rows queryText(const std::string& sql);
  Rows queryBound(const std::string& sql, const std::vector<std::string>& values);
  Statement prepare(const std::string& sql);
  Rows execute(st_mysql_stmt* statement, const std::vector<std::string>& values);

  st_mysql* handle_ = nullptr;
  std::map<std::string, Statement> prepared_;  ///< by text; all are closed before the handle
  std::optional<ports::ServerFacts> known_server_;
  bool is_mariadb_ = false;
  bool usable_ = true;
  std::chrono::steady_clock::time_point opened_at_ = std::chrono::steady_clock::now();
};

/// A name as MySQL writes it: in backticks, with backticks doubled.
std::string quoteIdentifier(std::string_view name);
/// `database`.`table`, each quoted.
std::string quoteTable(std::string_view database, std::string_view table);

/// 0 for NULL and for what is no number; clamped to the range of int64.
std::int64_t toInteger(const std::optional<std::string>& value);
std::string toText(const std::optional<std::string>& value);  ///< empty for NULL

}  // namespace oscar::adapters
