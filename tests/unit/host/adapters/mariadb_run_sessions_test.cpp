// Which sessions are ended after a run's death, against the same servers as
// mariadb_target_database_test.cpp.
#include "adapters/encoding.hpp"
#include "adapters/mariadb_target_database.hpp"
#include "target_test.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace oscar::adapters {
namespace {

using ports::TargetError;

/// The tables `t` and `_t_new`, both held by a transaction of `holder`, and a session that waits
/// for them.
struct Waiting {
  Waiting(MariadbLink& holder, const TargetAddress& address, const std::string& database,
          const std::string& sql)
      : link{address, 30, 0} {
    holder.query("CREATE TABLE IF NOT EXISTS t (id INT PRIMARY KEY)");
    holder.query("CREATE TABLE IF NOT EXISTS _t_new (id INT PRIMARY KEY)");
    holder.query("BEGIN");
    holder.query("SELECT * FROM t");
    holder.query("INSERT INTO _t_new VALUES (7)");
    link.query("USE " + quoteIdentifier(database));
    thread = std::thread{[this, sql] {
      try {
        link.query(sql);
      } catch (const TargetError& error) {
        code = error.code();
      }
    }};
  }
  ~Waiting() { thread.join(); }
  MariadbLink link;
  std::atomic<int> code = 0;
  std::thread thread;
};

std::string renameOf(const std::string& database) {
  return "RENAME TABLE " + quoteTable(database, "t") + " TO `_t_old`, " +
         quoteTable(database, "_t_new") + " TO " + quoteTable(database, "t");
}

TEST_P(TargetTest, EndsTheSessionsOfARunAndNobodyElses) {
  const TargetAddress account = newUser("BY 'Pa55-word'", "Pa55-word");
  const TargetAddress other = newUser("BY 'Pa55-word'", "Pa55-word");
  for (const std::string& user : users_) admin_->query("GRANT ALL ON *.* TO " + user);
  Waiting waiting{*admin_, account, database_, renameOf(database_)};
  const auto id = static_cast<std::int64_t>(waiting.link.threadId());
  const auto kill = [&](const TargetAddress& who, ports::RunSessions run) {
    run.database = database_;
    return MariadbTargetDatabase{}.connect(who)->killSessions(run);
  };
  const std::vector<std::int64_t> none;
  const int before_the_server = 2'000'000'000;
  EXPECT_EQ(kill(other, {{id}, 0, "", "_t_new"}), none);
  EXPECT_EQ(kill(account, {{id}, before_the_server, "", ""}), none);
  EXPECT_EQ(kill(account, {{id + 100'000}, 0, "", "_other_new"}), none);
  EXPECT_EQ(kill(account, {{}, 0, "", ""}), none);
  EXPECT_EQ(waiting.code, 0);
  // Also without its id, by the table that its statement names.
  std::vector<std::int64_t> found;
  for (int i = 0; i < 100 && found.empty(); ++i) {
    found = kill(account, {{}, before_the_server, "", "_t_new"});
    if (found.empty()) std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
  EXPECT_EQ(found, std::vector{id});
  for (int i = 0; i < 250 && !kill(account, {{id}, 0, "", ""}).empty(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
  EXPECT_EQ(kill(account, {{id}, 0, "", ""}), none);
  admin_->query("COMMIT");
  EXPECT_TRUE(session_->table(database_, "_t_new"));
  MariadbLink idle{account, 30, 0};
  EXPECT_EQ(kill(account, {{static_cast<std::int64_t>(idle.threadId())}, 0, "", ""}).size(), 1U);
}

/// Sessions of the account that a statement about `_t_new` shows to be a dead run's.
std::vector<std::int64_t> killByTable(const TargetAddress& account, const std::string& database) {
  ports::RunSessions run;
  run.database = database;
  run.new_table = "_t_new";
  return MariadbTargetDatabase{}.connect(account)->killSessions(run);
}

TEST_P(TargetTest, KnowsARunsSessionByWhatItExecutes) {
  const TargetAddress account = newUser("BY 'Pa55-word'", "Pa55-word");
  for (const std::string& user : users_) admin_->query("GRANT ALL ON *.* TO " + user);
  const std::string copy = quoteTable(database_, "_t_new");
  const std::string table = quoteTable(database_, "t");
  for (const std::string& sql :
       {"INSERT LOW_PRIORITY IGNORE INTO " + copy +
            " (`id`) SELECT 7 LOCK IN SHARE MODE /*pt-online-schema-change 4711 copy nibble*/",
        "CREATE TRIGGER `pt_osc_x_t_del` AFTER DELETE ON " + table +
            " FOR EACH ROW DELETE IGNORE FROM " + copy + " WHERE id = OLD.id",
        "ALTER TABLE " + copy + " ADD COLUMN b INT",
        "LOCK TABLES " + copy + " WRITE, " + table + " WRITE;",
        "DROP TABLE IF EXISTS " + copy + ";"}) {
    SCOPED_TRACE(sql);
    Waiting waiting{*admin_, account, database_, sql};
    std::vector<std::int64_t> found;
    for (int i = 0; i < 100 && found.empty(); ++i) {
      found = killByTable(account, database_);
      if (found.empty()) std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
    EXPECT_EQ(found, std::vector{static_cast<std::int64_t>(waiting.link.threadId())});
    admin_->query("ROLLBACK");
  }
}

/// MariaDB shows for the application's session the statement of pt-osc's trigger that it is in.
TEST_P(TargetTest, LeavesTheApplicationInsideOfATriggerAlone) {
  const TargetAddress account = newUser("BY 'Pa55-word'", "Pa55-word");
  for (const std::string& user : users_) admin_->query("GRANT ALL ON *.* TO " + user);
  const std::string copy = quoteTable(database_, "_t_new");
  admin_->query("CREATE TABLE t (id INT PRIMARY KEY)");
  admin_->query("CREATE TABLE _t_new (id INT PRIMARY KEY)");
  admin_->query("CREATE TRIGGER pt_osc_x_t_ins AFTER INSERT ON t FOR EACH ROW REPLACE INTO " +
                copy + " (id) VALUES (NEW.id)");
  {
    Waiting application{*admin_, account, database_, "INSERT INTO t VALUES (7)"};
    const std::string waits =
        "SELECT INFO FROM information_schema.PROCESSLIST WHERE TIME_MS > 300 AND ID = " +
        std::to_string(application.link.threadId());
    const std::string by_seconds =
        "SELECT INFO FROM information_schema.PROCESSLIST WHERE TIME >= 1 AND ID = " +
        std::to_string(application.link.threadId());
    std::string shown;
    for (int i = 0; i < 250 && shown.find("INTO") == shown.npos; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds{20});
      const auto rows = MariadbLink{root_, 30, 0}.query(isMaria() ? waits : by_seconds);
      if (!rows.rows.empty()) shown = toText(rows.rows.front()[0]);
    }
    EXPECT_NE(shown.find(isMaria() ? "_t_new" : "INTO"), shown.npos) << shown;
    EXPECT_EQ(killByTable(account, database_), std::vector<std::int64_t>{});
    admin_->query("ROLLBACK");
  }
  EXPECT_EQ(admin_->query("SELECT * FROM t").rows.size(), 1U);
  EXPECT_EQ(admin_->query("SELECT * FROM _t_new").rows.size(), 1U);
}

}  // namespace
}  // namespace oscar::adapters
