// Against real servers: OSCAR_TEST_MARIADB_URL and OSCAR_TEST_MYSQL_URL, each
// mysql://user[:password]@host:port of an account that may do everything. Every test makes its own
// database and drops it.
#include "adapters/mariadb_target_database.hpp"

#include "target_test.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <arpa/inet.h>
#include <chrono>
#include <cstdlib>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace oscar::adapters {
namespace {

using ports::TargetError;

TEST_P(TargetTest, TellsWhatTheServerIs) {
  const auto facts = session_->server();
  EXPECT_EQ(facts.flavour, isMaria() ? "MariaDB" : "MySQL");
  EXPECT_GT(facts.version_number, 50000) << facts.version;
  EXPECT_EQ(facts.version_number / 10000, std::stoi(facts.version));
  EXPECT_GE(facts.server_key.size(), 20U) << facts.server_key;
  EXPECT_EQ(facts.server_key, MariadbTargetDatabase{}.connect(root_)->server().server_key);
  EXPECT_FALSE(facts.replicates);
  EXPECT_GT(facts.max_connections, 0);
  EXPECT_EQ(facts.lower_case_table_names, 0);
  EXPECT_GT(facts.latency_ms, 0);
  EXPECT_EQ(facts.has_explain_format, !isMaria() && facts.version_number >= 80032);
}

TEST_P(TargetTest, TellsWhatTheAccountSeesOfReplication) {
  const auto root = session_->server();
  EXPECT_TRUE(root.sees_processes && root.sees_replica_hosts && root.sees_replica_status);
  const TargetAddress limited = newUser("BY 'Pa55-word'", "Pa55-word");
  const auto nothing = MariadbTargetDatabase{}.connect(limited)->server();
  EXPECT_FALSE(nothing.sees_processes || nothing.sees_replica_hosts || nothing.sees_replica_status);
  EXPECT_TRUE(root.sets_error_count);
  EXPECT_GT(root.max_error_count, 0);
  EXPECT_EQ(nothing.sets_error_count, nothing.flavour == "MariaDB");  // measured on MySQL 9.7
  for (const std::string& user : users_) admin_->query("GRANT PROCESS ON *.* TO " + user);
  const auto some = MariadbTargetDatabase{}.connect(limited)->server();
  EXPECT_TRUE(some.sees_processes);
  EXPECT_FALSE(some.sees_replica_hosts || some.sees_replica_status);
}

TEST_P(TargetTest, WaitsForALockOnlyShortlyBeforeItDrops) {
  admin_->query("CREATE TABLE t (id INT PRIMARY KEY)");
  admin_->query("BEGIN");
  admin_->query("SELECT * FROM t");
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(errorOf([&] { session_->dropTable(database_, "t"); }).code(), 1205);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds{10});
  admin_->query("COMMIT");
  session_->dropTable(database_, "t");
}

TEST_P(TargetTest, ListsDatabasesWithoutTheServersOwn) {
  const auto names = session_->databases();
  EXPECT_NE(std::find(names.begin(), names.end(), database_), names.end());
  for (const char* own : {"mysql", "information_schema", "performance_schema", "sys"}) {
    EXPECT_EQ(std::find(names.begin(), names.end(), own), names.end()) << own;
  }
}

TEST_P(TargetTest, DescribesTablesWithAnyName) {
  const std::string name = "订`单'\"t";
  admin_->query("CREATE TABLE " + quoteIdentifier(name) +
                " (id INT UNSIGNED NOT NULL AUTO_INCREMENT, `名`` 称` VARCHAR(20) CHARACTER SET "
                "latin1, total DECIMAL(10,2) NOT NULL, PRIMARY KEY (id), UNIQUE KEY u (total, id), "
                "KEY k (`名`` 称`)) COMMENT='备注 it''s'");
  admin_->query("CREATE VIEW v AS SELECT 1 AS one");
  admin_->query("INSERT INTO " + quoteIdentifier(name) +
                " (total) VALUES (1),(2),(3),(4),(5),(6),(7)");
  session_->analyzeTable(database_, name);

  const auto tables = session_->tables(database_);
  ASSERT_EQ(tables.size(), 2U);
  const auto facts = session_->table(database_, name);
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->name, name);
  EXPECT_EQ(facts->engine, "InnoDB");
  EXPECT_EQ(facts->rows, 7);
  EXPECT_GT(facts->data_bytes, 0);
  EXPECT_GT(facts->index_bytes, 0);
  EXPECT_EQ(facts->comment, "备注 it's");
  EXPECT_TRUE(facts->collation.starts_with("utf8mb4_"));
  ASSERT_TRUE(facts->created_at);
  const auto age = std::chrono::system_clock::now() - *facts->created_at;
  EXPECT_LT(std::chrono::abs(age), std::chrono::minutes{5});

  const auto view = session_->table(database_, "v");
  ASSERT_TRUE(view);
  EXPECT_EQ(view->engine, "");
  EXPECT_EQ(session_->table(database_, "none"), std::nullopt);

  admin_->query("CREATE TRIGGER z AFTER DELETE ON " + quoteIdentifier(name) +
                " FOR EACH ROW SET @x = 1");
  admin_->query("CREATE TABLE " + quoteIdentifier("_" + name + "_new") + " (id INT PRIMARY KEY)");
  admin_->query("CREATE TABLE " + quoteIdentifier("x" + name + "_new") + " (id INT PRIMARY KEY)");
  EXPECT_FALSE(session_->describe(database_, "none"));
  ASSERT_TRUE(session_->describe(database_, name));
  const auto [same, columns, indexes, triggers, copies] = *session_->describe(database_, name);
  EXPECT_EQ(same.name, name);
  EXPECT_EQ(same.comment, facts->comment);
  EXPECT_EQ(same.created_at, facts->created_at);
  EXPECT_EQ(same.type, "BASE TABLE");
  EXPECT_EQ(triggers, std::vector<std::string>{"z"});
  EXPECT_EQ(copies, std::vector<std::string>{"_" + name + "_new"});
  ASSERT_EQ(columns.size(), 3U);
  EXPECT_TRUE(columns[0].column_type.ends_with("unsigned")) << columns[0].column_type;
  EXPECT_FALSE(columns[0].nullable);
  EXPECT_EQ(columns[0].charset, "");
  EXPECT_EQ(columns[1].name, "名` 称");
  EXPECT_TRUE(columns[1].nullable);
  EXPECT_EQ(columns[1].charset, "latin1");

  ASSERT_EQ(indexes.size(), 3U);
  EXPECT_EQ(indexes[0].name, "PRIMARY");
  EXPECT_TRUE(indexes[0].unique);
  EXPECT_EQ(indexes[1].name, "k");
  EXPECT_FALSE(indexes[1].unique);
  EXPECT_EQ(indexes[2].columns, (std::vector<std::string>{"total", "id"}));

  EXPECT_EQ(session_->estimateRows(database_, name), 7);
  const std::string definition = session_->showCreateTable(database_, name);
  EXPECT_NE(definition.find("`名`` 称`"), std::string::npos) << definition;
}

TEST_P(TargetTest, SeesTableSizesAsTheyAreNow) {
  admin_->query("CREATE TABLE fresh (id INT PRIMARY KEY, pad CHAR(200))");
  EXPECT_EQ(session_->table(database_, "fresh")->rows, 0);
  std::string values = "(1,'x')";
  for (int i = 2; i <= 2000; ++i) values += ",(" + std::to_string(i) + ",'x')";
  admin_->query("INSERT INTO fresh VALUES " + values);
  session_->analyzeTable(database_, "fresh");
  // MySQL 8 would answer 0 for a day if it were allowed to use its cached statistics.
  EXPECT_NEAR(static_cast<double>(session_->table(database_, "fresh")->rows), 2000, 400);
}

TEST_P(TargetTest, FindsDuplicates) {
  admin_->query(
      "CREATE TABLE d (id INT PRIMARY KEY AUTO_INCREMENT, mail VARCHAR(100), n INT, "
      "b VARBINARY(10))");
  admin_->query(
      "INSERT INTO d (mail, n, b) VALUES ('a@b.c',1,x'ff00'),('A@B.C',1,x'ff00'),"
      "('a@b.c',2,x'01'),('邮`',3,NULL),('邮`',3,NULL),(NULL,4,NULL),(NULL,4,NULL)");
  const auto mail = session_->findDuplicates(database_, "d", {"mail"}, 10);
  ASSERT_TRUE(mail);
  EXPECT_EQ(mail->groups, 2);
  ASSERT_EQ(mail->examples.size(), 2U);
  EXPECT_NE(std::find(mail->examples.begin(), mail->examples.end(), "'邮`' ×2"),
            mail->examples.end());

  const auto both = session_->findDuplicates(database_, "d", {"mail", "n"}, 10);
  ASSERT_TRUE(both);
  EXPECT_EQ(both->groups, 2);
  const auto binary = session_->findDuplicates(database_, "d", {"b"}, 10);
  ASSERT_TRUE(binary);
  EXPECT_EQ(binary->examples, std::vector<std::string>{"0xff00 ×2"});
  EXPECT_EQ(session_->findDuplicates(database_, "d", {"id"}, 10)->groups, 0);
  EXPECT_EQ(errorOf([&] { session_->findDuplicates(database_, "d", {"none"}, 10); }).code(), 1054);
}

TEST_P(TargetTest, CountsAtMostAThousandGroupsAndShowsFive) {
  admin_->query("CREATE TABLE d (id INT PRIMARY KEY AUTO_INCREMENT, n INT)");
  std::string values;
  for (int i = 0; i < 1200; ++i) {
    const std::string n = std::to_string(i);
    values += (i ? ",(" : "(") + n + "),(" + n + ")";
  }
  admin_->query("INSERT INTO d (n) VALUES " + values);
  const auto found = session_->findDuplicates(database_, "d", {"n"}, 10);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->groups, 1000);
  EXPECT_EQ(found->examples.size(), 5U);
}

TEST_P(TargetTest, GivesUpTheSearchForDuplicatesInTime) {
  // A slow view stands for a big table: the bound is the server's, whatever makes it slow.
  admin_->query(
      "CREATE VIEW slow AS SELECT SLEEP(1) AS s, a.TABLE_NAME AS n FROM "
      "information_schema.TABLES a LIMIT 30");
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(session_->findDuplicates(database_, "slow", {"n"}, 1), std::nullopt);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds{5});
  const auto busy = admin_->query(
      "SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE '%SLEEP(1) AS s%' AND ID <> "
      "CONNECTION_ID()");
  EXPECT_TRUE(busy.rows.empty());               // the server does not go on by itself
  EXPECT_FALSE(session_->databases().empty());  // the session itself lives on
}

TEST_P(TargetTest, FindsRows) {
  using Kind = ports::RowQuestion::Kind;
  admin_->query("CREATE TABLE `p``p` (a INT, `b``` VARCHAR(9))");
  admin_->query("INSERT INTO `p``p` VALUES (1, 'x'), (2, 'y')");
  admin_->query("CREATE TABLE c (id INT PRIMARY KEY, a INT, `b``` VARCHAR(9))");
  admin_->query(
      "INSERT INTO c VALUES (1, 1, 'x'), (2, 1, 'y'), (3, NULL, 'z'), (4, 2, NULL), (5, 1, 'y')");
  const auto ask = [&](const ports::RowQuestion& question) {
    const auto found = session_->findRows(database_, "c", question, 10);
    EXPECT_TRUE(found);
    return found.value_or(ports::FoundRows{-1, {}});
  };
  EXPECT_EQ(ask({Kind::kAnyNull, {"a"}, {}, {}, {}, {}}).count, 1);
  const auto both = ask({Kind::kAnyNull, {"a", "b`"}, {}, {}, {}, {}});
  EXPECT_EQ(both.count, 2);
  EXPECT_TRUE(both.examples.empty());
  EXPECT_EQ(ask({Kind::kEquals, {"b`"}, "y", {}, {}, {}}).count, 2);
  EXPECT_EQ(ask({Kind::kEquals, {"b`"}, "y' OR 1=1 -- ", {}, {}, {}}).count, 0);
  EXPECT_EQ(ask({Kind::kNoParent, {"a"}, {}, database_, "p`p", {"a"}}).count, 0);
  const auto orphans = ask({Kind::kNoParent, {"a", "b`"}, {}, database_, "p`p", {"a", "b`"}});
  EXPECT_EQ(orphans.count, 2);
  EXPECT_EQ(orphans.examples, std::vector<std::string>{"'1', 'y'"});
  EXPECT_EQ(errorOf([&] { ask({Kind::kAnyNull, {"none"}, {}, {}, {}, {}}); }).code(), 1054);

  admin_->query(
      "CREATE VIEW slow AS SELECT SLEEP(1) AS s, a.TABLE_NAME AS n FROM "
      "information_schema.TABLES a LIMIT 30");
  EXPECT_EQ(session_->findRows(database_, "slow", {Kind::kEquals, {"s"}, "7", {}, {}, {}}, 1),
            std::nullopt);
}

TEST_P(TargetTest, KnowsCharacterSetsAndGeneratedColumns) {
  const auto known = [&](const std::string& charset) {
    return session_
        ->findRows("information_schema", "CHARACTER_SETS",
                   {ports::RowQuestion::Kind::kEquals, {"CHARACTER_SET_NAME"}, charset, {}, {}, {}},
                   10)
        ->count;
  };
  EXPECT_EQ(known("utf8mb4"), 1);
  EXPECT_EQ(known("klingon"), 0);
  admin_->query(
      "CREATE TABLE g (a INT, s INT AS (a + 1) STORED, v INT AS (a + 2) VIRTUAL, "
      "t TIMESTAMP DEFAULT CURRENT_TIMESTAMP)");
  const auto columns = session_->describe(database_, "g")->columns;
  ASSERT_EQ(columns.size(), 4U);
  EXPECT_FALSE(columns[0].generated);
  EXPECT_TRUE(columns[1].generated);
  EXPECT_TRUE(columns[2].generated);
  EXPECT_FALSE(columns[3].generated);
}

TEST_P(TargetTest, FindsAndDropsLeftovers) {
  admin_->query("CREATE TABLE orders (id INT PRIMARY KEY)");
  admin_->query("CREATE TABLE _orders_new (id INT PRIMARY KEY)");
  admin_->query("CREATE TABLE xorders_new (id INT PRIMARY KEY)");
  admin_->query("CREATE TRIGGER pt_osc_del AFTER DELETE ON orders FOR EACH ROW SET @x = 1");
  EXPECT_EQ(session_->triggers(database_, "orders"), std::vector<std::string>{"pt_osc_del"});
  EXPECT_TRUE(session_->triggers(database_, "_orders_new").empty());
  EXPECT_EQ(session_->tablesLike(database_, "\\_orders\\_new"),
            std::vector<std::string>{"_orders_new"});
  EXPECT_EQ(session_->tablesLike(database_, "%orders\\_new").size(), 2U);
  session_->dropTrigger(database_, "pt_osc_del");
  session_->dropTable(database_, "_orders_new");
  session_->dropTable(database_, "_orders_new");  // gone already: no error
  EXPECT_TRUE(session_->triggers(database_, "orders").empty());
  EXPECT_FALSE(session_->table(database_, "_orders_new"));
}

TEST_P(TargetTest, FindsForeignKeysThatReferToATable) {
  admin_->query(
      "CREATE TABLE parent (id INT PRIMARY KEY, up INT, "
      "CONSTRAINT self_fk FOREIGN KEY (up) REFERENCES parent (id))");
  admin_->query(
      "CREATE TABLE child (id INT PRIMARY KEY, p INT, "
      "CONSTRAINT child_fk FOREIGN KEY (p) REFERENCES parent (id))");
  EXPECT_EQ(
      session_->referencedBy(database_, "parent"),
      (std::vector<std::string>{database_ + ".child.child_fk", database_ + ".parent.self_fk"}));
  EXPECT_TRUE(session_->referencedBy(database_, "child").empty());
}

TEST_P(TargetTest, ReadsStatusAndVariables) {
  const auto status = session_->status({"Threads_connected", "threads_running", "No_such"});
  EXPECT_EQ(status.size(), 2U);
  EXPECT_GE(std::stoi(status.at("Threads_connected")), 1);
  EXPECT_TRUE(status.contains("threads_running"));  // as it was asked for
  EXPECT_EQ(session_->variables({"lower_case_table_names"}).at("lower_case_table_names"), "0");
  EXPECT_TRUE(session_->variables({}).empty());
  EXPECT_TRUE(session_->variables({"' OR 1=1 -- "}).empty());
}

TEST_P(TargetTest, ReportsProblemsInTheServersOwnWords) {
  EXPECT_EQ(errorOf([&] { session_->showCreateTable(database_, "none"); }).code(), 1146);
  const auto analyze = errorOf([&] { session_->analyzeTable(database_, "none"); });
  EXPECT_NE(std::string{analyze.what()}.find("doesn't exist"), std::string::npos);

  TargetAddress wrong = root_;
  wrong.password = Secret{"wrong-pass-word"};
  const auto denied = errorOf([&] { MariadbTargetDatabase{}.connect(wrong); });
  EXPECT_EQ(denied.code(), 1045);
  EXPECT_NE(std::string{denied.what()}.find("Access denied"), std::string::npos);
  EXPECT_EQ(std::string{denied.what()}.find("wrong-pass-word"), std::string::npos);

  TargetAddress lost = root_;
  lost.database = "no_such_database";
  EXPECT_EQ(errorOf([&] { MariadbTargetDatabase{}.connect(lost); }).code(), 1049);
}

TEST_P(TargetTest, SpeaksUtf8mb4WhateverTheConnectionSays) {
  root_.charset = "latin1";
  MariadbLink link{root_, 30, 0};
  const auto rows = link.query("SELECT @@character_set_client AS c, '中😀' AS t");
  EXPECT_EQ(rows.rows[0][0], "utf8mb4");
  EXPECT_EQ(rows.rows[0][1], "中😀");
  EXPECT_EQ(link.query("SELECT ? AS t, LENGTH(?) AS n", {"中😀'\\", "中😀"}).rows[0],
            (MariadbLink::Row{"中😀'\\", "7"}));
}

TEST_P(TargetTest, BindsAndFetchesValuesOfAnySize) {
  MariadbLink link{root_, 30, 0};
  const std::string large(300'000, 'x');
  const auto rows =
      link.query("SELECT REPEAT(?, 300000) AS big, ? AS nothing, NULL AS null_value", {"x", ""});
  ASSERT_EQ(rows.rows.size(), 1U);
  EXPECT_EQ(rows.rows[0][0], large);
  EXPECT_EQ(rows.rows[0][1], "");
  EXPECT_EQ(rows.rows[0][2], std::nullopt);
}

TEST_P(TargetTest, LogsInWithEachUsualPlugin) {
  std::vector<std::string> ways{"BY 'p@ss''1'"};
  if (isMaria()) ways.emplace_back("VIA mysql_native_password USING PASSWORD('p@ss''1')");
  if (!isMaria()) ways.emplace_back("WITH caching_sha2_password BY 'p@ss''1'");
  for (const std::string& way : ways) {
    const TargetAddress address = newUser(way, "p@ss'1");
    EXPECT_NO_THROW(MariadbTargetDatabase{}.connect(address)) << way;
    EXPECT_NO_THROW(MariadbTargetDatabase{}.connect(address)) << way;  // MySQL's cached path
  }
}

TEST_P(TargetTest, AccountWithoutRightsStillGetsServerFacts) {
  const TargetAddress poor = newUser("BY 'p@ss''1'", "p@ss'1");
  const auto facts = MariadbTargetDatabase{}.connect(poor)->server();
  EXPECT_EQ(facts.flavour, isMaria() ? "MariaDB" : "MySQL");
  EXPECT_FALSE(facts.replicates);
}

TEST_P(TargetTest, LocalhostMeansTcp) {
  TargetAddress address = root_;
  address.host = "localhost";
  const auto session = MariadbTargetDatabase{}.connect(address);
  EXPECT_EQ(session->variables({"port"}).at("port"), std::to_string(root_.port));
}

TEST_P(TargetTest, SessionDoesNotTakeOverDangerousServerDefaults) {
  MariadbLink link{root_, 30, 7};
  const auto rows =
      link.query("SELECT @@autocommit AS a, @@sql_mode AS m, @@lock_wait_timeout AS l");
  EXPECT_EQ(rows.rows[0], (MariadbLink::Row{"1", "", "20"}));
  const auto bound = link.query(isMaria() ? "SELECT FLOOR(@@max_statement_time) AS b"
                                          : "SELECT @@max_execution_time AS b");
  EXPECT_EQ(toInteger(bound.rows[0][0]), isMaria() ? 7 : 7000);
}

TEST_P(TargetTest, KnowsTablesWithHistory) {
  admin_->query("CREATE TABLE plain (id INT PRIMARY KEY)");
  EXPECT_EQ(session_->table(database_, "plain")->type, "BASE TABLE");
  if (!isMaria()) return;  // MySQL has no system-versioned tables
  admin_->query("CREATE TABLE versioned (id INT PRIMARY KEY) WITH SYSTEM VERSIONING");
  EXPECT_EQ(session_->table(database_, "versioned")->type, "SYSTEM VERSIONED");
}

TEST_P(TargetTest, KnowsWithWhatASessionBegins) {
  admin_->query("SET GLOBAL sql_mode = 'NO_BACKSLASH_ESCAPES'");
  admin_->query("SET GLOBAL init_connect = 'SET @a = 1'");
  const auto facts = MariadbTargetDatabase{}.connect(root_)->server();
  admin_->query("SET GLOBAL sql_mode = DEFAULT");
  admin_->query("SET GLOBAL init_connect = ''");
  EXPECT_EQ(facts.sql_mode, "NO_BACKSLASH_ESCAPES");
  EXPECT_EQ(facts.init_connect, "SET @a = 1");
}

TEST_P(TargetTest, FindsForeignKeysFromAnywhereByAnyName) {
  const std::string parent = "订 单_-a";
  admin_->query("CREATE TABLE " + quoteIdentifier(parent) + " (id INT PRIMARY KEY)");
  EXPECT_TRUE(session_->referencedBy(database_, parent).empty());
  const std::string other = "o" + newUuid().substr(0, 8);
  admin_->query("CREATE DATABASE " + other);
  admin_->query("CREATE TABLE " + other +
                ".child (p INT PRIMARY KEY, CONSTRAINT far_fk FOREIGN KEY "
                "(p) REFERENCES " +
                quoteTable(database_, parent) + " (id))");
  const std::vector<std::string> expected{other + ".child.far_fk"};
  EXPECT_EQ(session_->referencedBy(database_, parent), expected);
  // Without PROCESS InnoDB's own list cannot be read.
  const TargetAddress limited = newUser("BY 'Pa55-word'", "Pa55-word");
  for (const std::string& user : users_) admin_->query("GRANT SELECT, ALTER ON *.* TO " + user);
  EXPECT_EQ(MariadbTargetDatabase{}.connect(limited)->referencedBy(database_, parent), expected);
  admin_->query("DROP DATABASE " + other);
}

TEST_P(TargetTest, FindsForeignKeysOfDatabasesThatTheAccountMayNotSee) {
  admin_->query("CREATE TABLE parent (id INT PRIMARY KEY)");
  const std::string other = "o" + newUuid().substr(0, 8);
  admin_->query("CREATE DATABASE " + other);
  admin_->query("CREATE TABLE " + other +
                ".child (p INT PRIMARY KEY, CONSTRAINT far_fk FOREIGN KEY (p) REFERENCES " +
                quoteTable(database_, "parent") + " (id))");
  const TargetAddress limited = newUser("BY 'Pa55-word'", "Pa55-word");
  for (const std::string& user : users_) {
    admin_->query("GRANT ALL ON " + quoteIdentifier(database_) + ".* TO " + user);
    admin_->query("GRANT PROCESS ON *.* TO " + user);
  }
  EXPECT_EQ(MariadbTargetDatabase{}.connect(limited)->referencedBy(database_, "parent"),
            std::vector<std::string>{other + ".child.far_fk"});
  EXPECT_EQ(session_->referencedBy(database_, "parent"),
            std::vector<std::string>{other + ".child.far_fk"});
  admin_->query("DROP DATABASE " + other);
}

TEST_P(TargetTest, KnowsAClockThatIsNeverShifted) {
  admin_->query("SET GLOBAL time_zone = '+08:00'");
  const bool shifts = MariadbTargetDatabase{}.connect(root_)->server().shifts_clock;
  admin_->query("SET GLOBAL time_zone = SYSTEM");
  EXPECT_FALSE(shifts);
}

INSTANTIATE_TEST_SUITE_P(Servers, TargetTest,
                         testing::Values("OSCAR_TEST_MARIADB_URL", "OSCAR_TEST_MYSQL_URL"),
                         [](const auto& server) {
                           return std::string{server.param}.find("MARIADB") != std::string::npos
                                      ? "MariaDB"
                                      : "MySQL";
                         });

/// A TCP port that accepts and never says a word, or is closed.
class SilentPort {
 public:
  SilentPort() : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof place;
    auto* general = reinterpret_cast<sockaddr*>(&place);
    if (::bind(socket_, general, size) != 0 || ::listen(socket_, 5) != 0 ||
        ::getsockname(socket_, general, &size) != 0) {
      throw std::runtime_error{"listen"};
    }
    port_ = ntohs(place.sin_port);
  }
  ~SilentPort() { close(); }
  SilentPort(const SilentPort&) = delete;
  SilentPort& operator=(const SilentPort&) = delete;
  void close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }
  int port() const { return port_; }

 private:
  int socket_;
  int port_ = 0;
};

TEST(UnreachableTarget, IsGivenUpWithinTheConnectTimeout) {
  const SilentPort silent;
  TargetAddress address;
  address.host = "127.0.0.1";
  address.port = silent.port();
  address.username = "u";
  address.connect_timeout_seconds = 1;
  const auto start = std::chrono::steady_clock::now();
  const auto error = errorOf([&] { MariadbTargetDatabase{}.connect(address); });
  EXPECT_GE(error.code(), 2000);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds{4});
}

TEST(UnreachableTarget, SaysSoInTheLibrarysWords) {
  SilentPort closed;
  closed.close();
  TargetAddress address;
  address.host = "127.0.0.1";
  address.port = closed.port();
  const auto refused = errorOf([&] { MariadbTargetDatabase{}.connect(address); });
  EXPECT_EQ(refused.code(), 2002);
  EXPECT_NE(std::string{refused.what()}.find("127.0.0.1"), std::string::npos);

  address.host = "no-such-host.invalid";
  EXPECT_GE(errorOf([&] { MariadbTargetDatabase{}.connect(address); }).code(), 2000);
}

TEST(QuoteIdentifier, DoublesBackticks) {
  EXPECT_EQ(quoteIdentifier("a`b"), "`a``b`");
  EXPECT_EQ(quoteTable("d`", "表'\""), "`d```.`表'\"`");
  EXPECT_EQ(quoteIdentifier(""), "``");
}

}  // namespace
}  // namespace oscar::adapters
