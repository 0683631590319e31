#include "adapters/mariadb_target_session.hpp"

#include "adapters/encoding.hpp"
#include "adapters/mariadb_table_description.hpp"
#include "json/utf8.hpp"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdio>

namespace oscar::adapters {
namespace {

using ports::TargetError;

constexpr int kIoSeconds = 30;
constexpr int kStatementSeconds = 25;  // below kIoSeconds: the server's own words come first
constexpr int kSlowIoSeconds = 600;
constexpr int kLockSeconds = 3;
constexpr int kMaxDuplicateGroups = 1000;
constexpr int kMaxFoundRows = 1000;
constexpr std::size_t kMaxExamples = 5;
constexpr int kExampleCharacters = 60;

constexpr int kLostConnection = 2013;           // CR_SERVER_LOST
constexpr int kMariadbStatementTimeout = 1969;  // ER_STATEMENT_TIMEOUT
constexpr int kMysqlStatementTimeout = 3024;    // ER_QUERY_TIMEOUT

/// What pt-osc sends about the new table (3.2 to 3.7): its copying has a comment, the rest are
/// these statements, LOCK TABLES with --preserve-triggers only. That the name occurs is not enough:
/// a session of the application that is inside of a trigger shows the trigger's statement.
constexpr const char* kRunsStatement =
    "(LOCATE(?, INFO) > 0 AND (LOCATE('/*pt-online-schema-change ', INFO) > 0 OR "
    "SUBSTRING_INDEX(INFO, ' ', 2) IN ('CREATE TABLE', 'ALTER TABLE', 'CREATE TRIGGER', "
    "'RENAME TABLE', 'DROP TABLE', 'ANALYZE TABLE') OR LOCATE(?, INFO) = 1))";

/// `10.11.19-MariaDB` → 101119.
int versionNumber(const std::string& version) {
  int major = 0;
  int minor = 0;
  int patch = 0;
  if (std::sscanf(version.c_str(), "%d.%d.%d", &major, &minor, &patch) < 2) return 0;
  return major * 10000 + minor * 100 + patch;
}

std::string globalVariable(const std::string& name) {
  return "@@GLOBAL." + name + " AS " + quoteIdentifier(name);
}

/// How many offsets from UTC the session's clock has had, in winter and summer of each year.
std::string clockOffsetsQuery() {
  std::string days;
  for (int year = 1995; year <= 2037; ++year) {
    for (const char* day : {"-01-15", "-07-15"}) {
      days += (days.empty() ? "SELECT '" : " UNION ALL SELECT '") + std::to_string(year) + day +
              "' AS d";
    }
  }
  return "SELECT COUNT(DISTINCT TIMESTAMPDIFF(SECOND, '1970-01-01', d) - UNIX_TIMESTAMP(d)) FROM "
         "(" +
         days + ") AS days";
}

/// Text in quotes, bytes that are no text as hexadecimal.
std::string exampleValue(const std::string& value) {
  const bool printable =
      json::isUtf8(value) && std::none_of(value.begin(), value.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t';
      });
  return printable ? "'" + value + "'" : "0x" + toHex(value);
}

std::string duplicatesQuery(const std::string& database, const std::string& table,
                            const std::vector<std::string>& columns) {
  std::string shown;
  std::string grouped;
  std::string present;  // a unique key lets any number of NULLs through
  for (const std::string& column : columns) {
    const std::string name = quoteIdentifier(column);
    const std::string separator = shown.empty() ? "" : ", ";
    shown += separator + "LEFT(" + name + ", " + std::to_string(kExampleCharacters) + ")";
    grouped += separator + name;
    present += (present.empty() ? "" : " AND ") + name + " IS NOT NULL";
  }
  return "SELECT " + shown + ", COUNT(*) FROM " + quoteTable(database, table) + " WHERE " +
         present + " GROUP BY " + grouped + " HAVING COUNT(*) > 1 LIMIT " +
         std::to_string(kMaxDuplicateGroups);
}

ports::Duplicates readDuplicates(const MariadbLink::Rows& found) {
  ports::Duplicates duplicates;
  duplicates.groups = static_cast<std::int64_t>(found.rows.size());
  for (std::size_t i = 0; i < std::min(found.rows.size(), kMaxExamples); ++i) {
    const MariadbLink::Row& row = found.rows[i];
    std::string example;
    for (std::size_t j = 0; j + 1 < row.size(); ++j) {
      example += (j ? ", " : "") + exampleValue(toText(row[j]));
    }
    duplicates.examples.push_back(example + " ×" + toText(row.back()));
  }
  return duplicates;
}

std::string join(const std::vector<std::string>& parts, const std::string& separator) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : separator) + part;
  return out;
}

std::string rowsQuery(const std::string& database, const std::string& table,
                      const ports::RowQuestion& question) {
  using Kind = ports::RowQuestion::Kind;
  std::vector<std::string> shown;
  std::vector<std::string> empty;
  std::vector<std::string> present;
  std::vector<std::string> matched;
  for (std::size_t i = 0; i < question.columns.size(); ++i) {
    const std::string name = "c." + quoteIdentifier(question.columns[i]);
    shown.push_back("LEFT(" + name + ", " + std::to_string(kExampleCharacters) + ")");
    empty.push_back(name + " IS NULL");
    present.push_back(name + " IS NOT NULL");
    if (question.kind == Kind::kNoParent) {
      matched.push_back("p." + quoteIdentifier(question.parent_columns.at(i)) + " = " + name);
    }
  }
  std::string where;
  if (question.kind == Kind::kAnyNull) {
    where = join(empty, " OR ");
  } else if (question.kind == Kind::kEquals) {
    where = "c." + quoteIdentifier(question.columns.front()) + " = ?";
  } else {
    where = join(present, " AND ") + " AND NOT EXISTS (SELECT 1 FROM " +
            quoteTable(question.parent_database, question.parent_table) + " AS p WHERE " +
            join(matched, " AND ") + ")";
  }
  return "SELECT " + join(shown, ", ") + " FROM " + quoteTable(database, table) + " AS c WHERE " +
         where + " LIMIT " + std::to_string(kMaxFoundRows);
}

ports::FoundRows readRows(const MariadbLink::Rows& found, bool with_examples) {
  ports::FoundRows out;
  out.count = static_cast<std::int64_t>(found.rows.size());
  if (!with_examples) return out;
  for (const MariadbLink::Row& row : found.rows) {
    std::vector<std::string> values;
    values.reserve(row.size());
    for (const auto& value : row) values.push_back(exampleValue(toText(value)));
    std::string example = join(values, ", ");
    const bool known =
        std::find(out.examples.begin(), out.examples.end(), example) != out.examples.end();
    if (!known) out.examples.push_back(std::move(example));
    if (out.examples.size() == kMaxExamples) break;
  }
  return out;
}

}  // namespace

MariadbTargetSession::MariadbTargetSession(const TargetAddress& address)
    : address_{address},
      link_{std::make_unique<MariadbLink>(address, kIoSeconds, kStatementSeconds)} {}

MariadbTargetSession::MariadbTargetSession(const TargetAddress& address,
                                           std::shared_ptr<MariadbLinkPool> pool)
    : address_{address}, pool_{std::move(pool)}, link_{pool_->take(address)} {
  if (!link_) link_ = std::make_unique<MariadbLink>(address, kIoSeconds, kStatementSeconds);
}

MariadbTargetSession::~MariadbTargetSession() {
  if (pool_) pool_->give(address_, std::move(link_));
}

ports::ServerFacts MariadbTargetSession::server() {
  if (link_->knownServer()) return *link_->knownServer();
  ports::ServerFacts facts;
  const auto start = std::chrono::steady_clock::now();
  link_->query("SELECT 1");
  facts.latency_ms =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();

  auto known = serverVariables();
  facts.version = known["version"];
  facts.version_number = versionNumber(facts.version);
  const bool mariadb = link_->isMariaDb() || facts.version.find("MariaDB") != std::string::npos ||
                       known["version_comment"].find("MariaDB") != std::string::npos;
  facts.flavour = mariadb ? "MariaDB" : "MySQL";
  facts.server_key = serverKey(known);
  facts.has_explain_format = known.contains("explain_format");
  facts.sees_processes = seesProcesses();
  facts.replicates = replicates(facts.sees_processes);
  facts.sees_replica_hosts = works({"SHOW SLAVE HOSTS", "SHOW REPLICAS"});
  facts.sees_replica_status = works({"SHOW SLAVE STATUS", "SHOW REPLICA STATUS"});
  facts.sets_error_count = works({"SET SESSION max_error_count = 65535"});
  facts.max_error_count = toInteger(known["max_error_count"]);
  facts.sql_mode = known["sql_mode"];
  facts.init_connect = known["init_connect"];
  facts.max_connections = toInteger(known["max_connections"]);
  facts.lower_case_table_names = static_cast<int>(toInteger(known["lower_case_table_names"]));
  const auto offsets = link_->tryQuery(clockOffsetsQuery());
  facts.shifts_clock = !offsets || offsets->rows.empty() || toInteger(offsets->rows[0][0]) != 1;
  link_->rememberServer(facts);
  return facts;
}

/// By SELECT: SHOW VARIABLES reads all the hundreds there are to give a few.
std::map<std::string, std::string> MariadbTargetSession::serverVariables() {
  std::string sql;
  for (const char* name :
       {"version", "version_comment", "hostname", "port", "datadir", "max_connections",
        "lower_case_table_names", "max_error_count", "sql_mode", "init_connect"}) {
    sql += (sql.empty() ? "SELECT " : ", ") + globalVariable(name);
  }
  std::vector<MariadbLink::Rows> answers{link_->query(sql)};
  // Not every version has these.
  const std::vector<const char*> rare =
      link_->isMariaDb() ? std::vector{"server_uid"} : std::vector{"server_uuid", "explain_format"};
  for (const char* name : rare) {
    auto answer = link_->tryQuery("SELECT " + globalVariable(name));
    if (answer) answers.push_back(std::move(*answer));
  }
  std::map<std::string, std::string> known;
  for (const auto& answer : answers) {
    for (std::size_t i = 0; i < answer.names.size() && !answer.rows.empty(); ++i) {
      known[answer.names[i]] = toText(answer.rows.front()[i]);
    }
  }
  return known;
}

std::string MariadbTargetSession::serverKey(std::map<std::string, std::string>& facts) {
  if (!facts["server_uuid"].empty()) return facts["server_uuid"];
  const std::string place = facts["hostname"] + ":" + facts["port"];
  // server_uid is a hash of the network card's address and the port, and containers on different
  // hosts often have equal ones: alone it would take two servers for one.
  if (!facts["server_uid"].empty()) return facts["server_uid"] + "@" + place;
  return place + ":" + facts["datadir"];
}

// The words that pt-osc itself looks for: a role's privileges do not count there.
bool MariadbTargetSession::seesProcesses() {
  const auto grants = link_->tryQuery("SHOW GRANTS FOR CURRENT_USER()");
  return grants && std::any_of(grants->rows.begin(), grants->rows.end(), [](const auto& row) {
           const std::string grant = toText(row[0]);
           const auto all = grant.find("ALL PRIVILEGES");
           return grant.find("PROCESS") != grant.npos ||
                  (all != grant.npos && grant.find("*.*", all) != grant.npos);
         });
}

bool MariadbTargetSession::works(std::initializer_list<const char*> alternatives) {
  return std::any_of(alternatives.begin(), alternatives.end(),
                     [this](const char* sql) { return link_->tryQuery(sql).has_value(); });
}

/// A replica of something, or with replicas attached; these are threads in the process list, which
/// not every account sees.
bool MariadbTargetSession::replicates(bool sees_processes) {
  const auto some = [this](const std::string& sql) {
    const auto rows = link_->tryQuery(sql);
    return rows && !rows->rows.empty();
  };
  if (link_->isMariaDb()) {
    if (some("SHOW ALL SLAVES STATUS")) return true;
    if (!sees_processes) {
      const auto counted = link_->query("SHOW GLOBAL STATUS LIKE 'Slaves\\_connected'");
      if (!counted.rows.empty() && toInteger(counted.rows.front()[1]) > 0) return true;
    }
  } else if (some("SHOW REPLICA STATUS") || some("SHOW SLAVE STATUS")) {
    return true;
  }
  return some(
      "SELECT ID FROM information_schema.PROCESSLIST WHERE COMMAND LIKE 'Binlog Dump%' LIMIT 1");
}

std::vector<std::string> MariadbTargetSession::databases() {
  return firstColumn(
      "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE LOWER(SCHEMA_NAME) NOT IN "
      "('information_schema', 'mysql', 'performance_schema', 'sys') ORDER BY SCHEMA_NAME",
      {});
}

std::vector<ports::TableFacts> MariadbTargetSession::tables(const std::string& database) {
  std::vector<ports::TableFacts> tables;
  const auto found = link_->query(selectTables() + " ORDER BY TABLE_NAME", {database});
  for (const auto& row : found.rows) tables.push_back(readTableFacts(row));
  return tables;
}

std::optional<ports::TableFacts> MariadbTargetSession::table(const std::string& database,
                                                             const std::string& table) {
  const auto found = link_->query(selectTables() + " AND TABLE_NAME = ?", {database, table});
  if (found.rows.empty()) return std::nullopt;
  return readTableFacts(found.rows.front());
}

std::optional<ports::TableDescription> MariadbTargetSession::describe(const std::string& database,
                                                                      const std::string& table) {
  return readTableDescription(
      link_->query(describeTableQuery(), describeTableValues(database, table)));
}

std::int64_t MariadbTargetSession::estimateRows(const std::string& database,
                                                const std::string& table) {
  const auto plan =
      link_->query("EXPLAIN FORMAT=TRADITIONAL SELECT * FROM " + quoteTable(database, table));
  return plan.rows.empty() ? 0 : toInteger(plan.rows.front()[plan.column("rows")]);
}

void MariadbTargetSession::analyzeTable(const std::string& database, const std::string& table) {
  MariadbLink slow{address_, kSlowIoSeconds, 0};
  // Not into the binary log: the replicas need no statistics of ours.
  const auto answer = slow.query("ANALYZE NO_WRITE_TO_BINLOG TABLE " + quoteTable(database, table));
  const std::size_t type = answer.column("Msg_type");
  const std::size_t text = answer.column("Msg_text");
  for (const auto& row : answer.rows) {
    // ANALYZE reports even a missing table as a row, not as an error.
    if (toText(row[type]) == "Error") throw TargetError{0, toText(row[text])};
  }
}

std::optional<ports::Duplicates> MariadbTargetSession::findDuplicates(
    const std::string& database, const std::string& table, const std::vector<std::string>& columns,
    int timeout_seconds) {
  if (columns.empty()) return ports::Duplicates{};
  const auto found = boundedQuery(duplicatesQuery(database, table, columns), {}, timeout_seconds);
  if (!found) return std::nullopt;
  return readDuplicates(*found);
}

std::optional<ports::FoundRows> MariadbTargetSession::findRows(const std::string& database,
                                                               const std::string& table,
                                                               const ports::RowQuestion& question,
                                                               int timeout_seconds) {
  using Kind = ports::RowQuestion::Kind;
  const std::vector<std::string> values =
      question.kind == Kind::kEquals ? std::vector{question.value} : std::vector<std::string>{};
  const auto found = boundedQuery(rowsQuery(database, table, question), values, timeout_seconds);
  if (!found) return std::nullopt;
  return readRows(*found, question.kind != Kind::kAnyNull);
}

std::optional<MariadbLink::Rows> MariadbTargetSession::boundedQuery(
    const std::string& sql, const std::vector<std::string>& values, int timeout_seconds) {
  const int bound = std::max(1, timeout_seconds);
  constexpr int kGraceSeconds = 5;
  MariadbLink slow{address_, bound + kGraceSeconds, bound};
  try {
    return slow.query(sql, values);
  } catch (const TargetError& error) {
    if (error.code() == kLostConnection) killAbandoned(slow.threadId());
    if (error.code() == kLostConnection || error.code() == kMariadbStatementTimeout ||
        error.code() == kMysqlStatementTimeout) {
      return std::nullopt;
    }
    throw;
  }
}

/// A server that knows no statement bound goes on with a query whose client has left.
void MariadbTargetSession::killAbandoned(std::uint64_t thread_id) {
  try {
    link_->tryQuery("KILL " + std::to_string(thread_id));
  } catch (const TargetError&) {
    // The server is gone, and the query with it.
  }
}

std::string MariadbTargetSession::showCreateTable(const std::string& database,
                                                  const std::string& table) {
  const auto found = link_->query("SHOW CREATE TABLE " + quoteTable(database, table));
  if (found.rows.empty() || found.rows.front().size() < 2) {
    throw TargetError{0, "the server gave no definition of the table"};
  }
  return toText(found.rows.front()[1]);
}

std::vector<std::string> MariadbTargetSession::triggers(const std::string& database,
                                                        const std::string& table) {
  return firstColumn(
      "SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = ? AND "
      "EVENT_OBJECT_TABLE = ? ORDER BY TRIGGER_NAME",
      {database, table});
}

std::vector<std::string> MariadbTargetSession::tablesLike(const std::string& database,
                                                          const std::string& pattern) {
  return firstColumn(
      "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME "
      "LIKE ? ORDER BY TABLE_NAME",
      {database, pattern});
}

/// From InnoDB's own list, which takes no time and has the databases that the account may not see.
/// nullopt when it cannot be read (that wants PROCESS).
std::optional<std::vector<std::string>> MariadbTargetSession::innodbReferences(
    const std::string& database, const std::string& table) {
  constexpr int kMysql8 = 80000;
  const bool plain = !link_->isMariaDb() && link_->serverVersion() >= kMysql8;
  const std::string folded = "IF(@@lower_case_table_names = 0, ?, LOWER(?))";
  // Until MySQL 8 names are kept as those of files ("Mapping of Identifiers to File Names" in the
  // MySQL manual), constraints' names plainly everywhere.
  const std::string name = plain ? "CAST(" + folded + " AS BINARY)"
                                 : "CAST(CONVERT(" + folded + " USING filename) AS BINARY)";
  const auto part = [&](const char* index) {
    const std::string text = std::string{"SUBSTRING_INDEX(FOR_NAME, '/', "} + index + ")";
    return plain ? text : "CONVERT(CAST(" + text + " AS BINARY) USING filename)";
  };
  const auto found = link_->tryQuery(
      "SELECT " + part("1") + ", " + part("-1") +
          ", SUBSTRING(ID, LOCATE('/', ID) + 1) FROM information_schema." +
          (plain ? "INNODB_FOREIGN" : "INNODB_SYS_FOREIGN") +
          " WHERE CAST(REF_NAME AS BINARY) = CONCAT(" + name + ", '/', " + name + ")",
      {database, database, table, table});
  if (!found) return std::nullopt;
  std::vector<std::string> keys;
  for (const auto& row : found->rows) {
    keys.push_back(toText(row[0]) + "." + toText(row[1]) + "." + toText(row[2]));
  }
  return keys;
}

std::vector<std::string> MariadbTargetSession::referencedBy(const std::string& database,
                                                            const std::string& table) {
  const auto innodb = innodbReferences(database, table);
  // MariaDB and MySQL 5.7 open every table of every database to answer the next question.
  if (innodb && innodb->empty()) return {};
  auto keys = firstColumn(
      "SELECT CONCAT(CONSTRAINT_SCHEMA, '.', TABLE_NAME, '.', CONSTRAINT_NAME) AS k FROM "
      "information_schema.REFERENTIAL_CONSTRAINTS WHERE UNIQUE_CONSTRAINT_SCHEMA = ? AND "
      "REFERENCED_TABLE_NAME = ? ORDER BY k",
      {database, table});
  if (!innodb) return keys;
  for (const auto& key : *innodb) {
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
  }
  std::sort(keys.begin(), keys.end());
  return keys;
}

std::map<std::string, std::string> MariadbTargetSession::status(
    const std::vector<std::string>& names) {
  return show("STATUS", names);
}

std::map<std::string, std::string> MariadbTargetSession::variables(
    const std::vector<std::string>& names) {
  return show("VARIABLES", names);
}

/// Keys are the names as asked for, since servers differ in the case they answer with.
std::map<std::string, std::string> MariadbTargetSession::show(
    const std::string& what, const std::vector<std::string>& names) {
  if (names.empty()) return {};
  std::string places = "?";
  for (std::size_t i = 1; i < names.size(); ++i) places += ", ?";
  const auto found =
      link_->query("SHOW GLOBAL " + what + " WHERE Variable_name IN (" + places + ")", names);
  std::map<std::string, std::string> values;
  for (const auto& row : found.rows) {
    const std::string answered = toText(row[0]);
    const auto same = [&](const std::string& asked) {
      return asked.size() == answered.size() &&
             std::equal(asked.begin(), asked.end(), answered.begin(), [](char a, char b) {
               return std::tolower(static_cast<unsigned char>(a)) ==
                      std::tolower(static_cast<unsigned char>(b));
             });
    };
    const auto asked = std::find_if(names.begin(), names.end(), same);
    values[asked == names.end() ? answered : *asked] = toText(row[1]);
  }
  return values;
}

bool MariadbTargetSession::upFor(int seconds) {
  const auto found = link_->query("SHOW GLOBAL STATUS LIKE 'Uptime'");
  return !found.rows.empty() && toInteger(found.rows.front()[1]) >= seconds;
}

std::vector<std::int64_t> MariadbTargetSession::killSessions(const ports::RunSessions& run) {
  std::string ids;
  if (!run.ids.empty() && upFor(run.age_seconds)) {
    for (const auto id : run.ids) ids += (ids.empty() ? "" : ", ") + std::to_string(id);
  }
  const std::string known = "ID IN (" + ids + ") AND (DB IS NULL OR DB = ?)";
  std::vector<std::string> values;
  std::string where;
  if (!ids.empty()) {
    where = "(" + known + ")";
    values.push_back(run.database);
  }
  if (!run.new_table.empty()) {
    const std::string name = quoteTable(run.database, run.new_table);
    where += (where.empty() ? "" : " OR ") + std::string{kRunsStatement};
    values.insert(values.end(), {name, "LOCK TABLES " + name + " WRITE"});
  }
  if (where.empty()) return {};
  // The statement that asks has the words it looks for.
  const auto found = link_->query(
      "SELECT ID, USER FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID() AND (" +
          where + ") ORDER BY ID",
      values);
  std::vector<std::int64_t> there;
  for (const auto& row : found.rows) {
    if (toText(row[1]) != address_.username) continue;
    there.push_back(toInteger(row[0]));
    link_->tryQuery("KILL " + std::to_string(there.back()));
  }
  return there;
}

void MariadbTargetSession::runSlowly(const std::string& sql) {
  MariadbLink slow{address_, kSlowIoSeconds, 0};
  slow.query("SET SESSION lock_wait_timeout = " + std::to_string(kLockSeconds));
  slow.query(sql);
}

void MariadbTargetSession::dropTrigger(const std::string& database, const std::string& trigger) {
  runSlowly("DROP TRIGGER IF EXISTS " + quoteTable(database, trigger));
}

void MariadbTargetSession::dropTable(const std::string& database, const std::string& table) {
  runSlowly("DROP TABLE IF EXISTS " + quoteTable(database, table));
}

std::vector<std::string> MariadbTargetSession::firstColumn(const std::string& sql,
                                                           const std::vector<std::string>& values) {
  std::vector<std::string> column;
  for (const auto& row : link_->query(sql, values).rows) column.push_back(toText(row[0]));
  return column;
}

}  // namespace oscar::adapters
