#pragma once

#include "domain/connection.hpp"
#include "domain/execution.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace oscar::ports {

/// MySQL said no. `message` is its own text, without any secret.
class TargetError : public std::exception {
 public:
  /// `code` is 0 when there is no number.
  TargetError(int code, std::string message) : code_{code}, message_{std::move(message)} {}
  int code() const { return code_; }  ///< MySQL error number, 0 when unknown
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  int code_;
  std::string message_;
};

/// What a server is, and what the account may see of it.
struct ServerFacts {
  std::string version;     ///< `10.11.19-MariaDB-...`
  std::string flavour;     ///< `MariaDB` or `MySQL`
  int version_number = 0;  ///< 101119, 90700, 80032
  std::string server_key;  ///< @@server_uuid / @@server_uid, else host name:port:datadir
  bool has_explain_format = false;
  bool replicates = false;  ///< a replica of something, or has replicas attached
  std::int64_t max_connections = 0;
  int lower_case_table_names = 0;
  double latency_ms = 0;  ///< of one SELECT 1
  /// What pt-osc's search for replicas can do with this account: read the process list, ask for the
  /// replicas' hosts, and read the replication status.
  bool sees_processes = true;
  bool sees_replica_hosts = true;
  bool sees_replica_status = true;
  /// How many warnings of a statement the server keeps by default, and whether this account may
  /// raise that for its session (newer MySQL wants SESSION_VARIABLES_ADMIN).
  std::int64_t max_error_count = 64;
  bool sets_error_count = true;
  /// What a new session of the tool begins with: the global sql_mode, and statements that the
  /// server executes for accounts without SUPER.
  std::string sql_mode;
  std::string init_connect;
  /// Whether the clock of a new session's time zone is ever set back or forth (daylight saving)
  /// within the years 1995–2037.
  bool shifts_clock = false;
};

/// A table or view, as information_schema knows it now.
struct TableFacts {
  std::string name;
  std::string engine;     ///< empty for a view
  std::string type;       ///< `BASE TABLE`, `VIEW`, `SYSTEM VERSIONED`, `SEQUENCE`
  std::int64_t rows = 0;  ///< information_schema's estimate
  std::int64_t data_bytes = 0;
  std::int64_t index_bytes = 0;
  std::int64_t free_bytes = 0;  ///< data_free: fragmentation
  std::string collation;
  std::string comment;
  std::optional<Timestamp> created_at;
};

/// A column of a live table.
struct ColumnFacts {
  std::string name;
  std::string column_type;  ///< `int(11) unsigned`, as information_schema writes it
  bool nullable = true;
  std::string charset;  ///< empty when not a string
  std::string collation;
  bool generated = false;  ///< computed from other columns, stored or virtual
};

/// An index of a live table.
struct IndexFacts {
  std::string name;  ///< `PRIMARY` for the primary key
  bool unique = false;
  std::vector<std::string> columns;  ///< in order; `(expression)` for a part that is one
};

/// What a live table is made of, and what lies around it.
struct TableDescription {
  TableFacts facts;
  std::vector<ColumnFacts> columns;   ///< in the table's order
  std::vector<IndexFacts> indexes;    ///< PRIMARY first, then by name
  std::vector<std::string> triggers;  ///< names, in order
  /// Tables of the database that are named as pt-osc names its copy of this one: `_t_new`,
  /// `__t_new`.
  std::vector<std::string> copies;
};

/// Values that occur more than once in the columns that are to become unique.
struct Duplicates {
  std::int64_t groups = 0;            ///< counted up to 1000
  std::vector<std::string> examples;  ///< `'a@b.c' ×3`, at most 5
};

/// Which rows are looked for. Made of names and values only: nothing of it is SQL text.
struct RowQuestion {
  /// What makes a row count.
  enum class Kind {
    kAnyNull = 1,  ///< NULL in at least one of the columns
    kEquals,       ///< the first column equals `value`
    kNoParent      ///< no column is NULL and no row of the parent has these values
  };
  Kind kind = Kind::kAnyNull;
  std::vector<std::string> columns;  ///< never empty
  std::string value;                 ///< of kEquals
  std::string parent_database;       ///< of kNoParent, and the next two
  std::string parent_table;
  std::vector<std::string> parent_columns;  ///< as many as `columns`
};

/// The answer to a RowQuestion.
struct FoundRows {
  std::int64_t count = 0;             ///< counted up to 1000
  std::vector<std::string> examples;  ///< `'a', '7'`, at most 5 different; none for kAnyNull
};

/// How the sessions of a run that has ended are recognised on the server.
struct RunSessions {
  std::vector<std::int64_t> ids;  ///< the server's own; after its restart others may have them
  int age_seconds = 0;            ///< how long ago the run began
  std::string database;           ///< that the sessions work in
  std::string new_table;          ///< pt-osc's statements naming it are the run's; empty: none
};

/// A live connection to one target server. One thread at a time. Every query is bounded in time;
/// all names are quoted as identifiers, all values bound. Throws TargetError.
class TargetSession {
 public:
  virtual ~TargetSession() = default;

  /// A borrowed session (TargetDatabase::borrow) may answer what was found when its link was
  /// opened, any other asks now. What the account may not see stays as if it were not there.
  virtual ServerFacts server() = 0;
  virtual std::vector<std::string> databases() = 0;  ///< without the system schemas
  /// Views included, by name. Empty for a database that is not there.
  virtual std::vector<TableFacts> tables(const std::string& database) = 0;
  /// nullopt when it is not there or the account may not see it.
  virtual std::optional<TableFacts> table(const std::string& database,
                                          const std::string& table) = 0;
  /// As table, with all that it is made of, in one round trip.
  virtual std::optional<TableDescription> describe(const std::string& database,
                                                   const std::string& table) = 0;
  /// Rows from MIN/MAX-free sources only (never a full scan): EXPLAIN's estimate.
  virtual std::int64_t estimateRows(const std::string& database, const std::string& table) = 0;
  /// ANALYZE TABLE, not into the binary log; may take minutes.
  virtual void analyzeTable(const std::string& database, const std::string& table) = 0;
  /// Bounded by `timeout_seconds`; nullopt when it took longer (then nothing is known).
  virtual std::optional<Duplicates> findDuplicates(const std::string& database,
                                                   const std::string& table,
                                                   const std::vector<std::string>& columns,
                                                   int timeout_seconds) = 0;
  /// Bounded by `timeout_seconds`; nullopt when it took longer (then nothing is known).
  virtual std::optional<FoundRows> findRows(const std::string& database, const std::string& table,
                                            const RowQuestion& question, int timeout_seconds) = 0;
  /// The definition in the server's words; TargetError 1146 when there is no such table.
  virtual std::string showCreateTable(const std::string& database, const std::string& table) = 0;
  /// Names of triggers on the table.
  virtual std::vector<std::string> triggers(const std::string& database,
                                            const std::string& table) = 0;
  /// Names of tables in the database that match a LIKE pattern (already escaped by the caller).
  virtual std::vector<std::string> tablesLike(const std::string& database,
                                              const std::string& pattern) = 0;
  /// Foreign keys that refer to this table, its own included: `database.table.constraint`. With
  /// PROCESS also those of databases that the account may not see.
  virtual std::vector<std::string> referencedBy(const std::string& database,
                                                const std::string& table) = 0;
  /// Global status and variables by exact name; the keys are the names as asked for, and what the
  /// server does not know is absent.
  virtual std::map<std::string, std::string> status(const std::vector<std::string>& names) = 0;
  virtual std::map<std::string, std::string> variables(const std::vector<std::string>& names) = 0;
  /// Ends those of a dead run's sessions that are still there (a statement that waits for a lock
  /// outlives its client) and returns their ids: they are gone once it returns none. Ids alone are
  /// believed only if the server has not been restarted since the run began. Never ends a session
  /// of another account.
  virtual std::vector<std::int64_t> killSessions(const RunSessions& run) = 0;
  /// Only ever called by the engine for what its own dead run left. What is gone already is no
  /// error. Waits for the table's lock for a few seconds only (TargetError 1205): who waits longer
  /// keeps the application from the table.
  virtual void dropTrigger(const std::string& database, const std::string& trigger) = 0;
  virtual void dropTable(const std::string& database, const std::string& table) = 0;
};

/// Opens sessions on target servers (libmariadb).
class TargetDatabase {
 public:
  /// Throws TargetError with the server's or the client library's own words.
  virtual std::unique_ptr<TargetSession> connect(const TargetAddress& address) = 0;

  /// As connect, but the session may be one that was opened a few seconds ago with exactly this
  /// address, and it goes back when it dies. For looking at tables, which people do again and
  /// again; where the point is whether one can connect, and for long use, take connect.
  virtual std::unique_ptr<TargetSession> borrow(const TargetAddress& address) {
    return connect(address);
  }

 protected:
  ~TargetDatabase() = default;
};

}  // namespace oscar::ports
