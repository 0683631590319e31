#include "store/migrator.hpp"
#include "store_fixture.hpp"

#include <chrono>
#include <sys/mount.h>
#include <sys/stat.h>
#include <thread>

namespace oscar::store::test {
namespace {

using namespace std::chrono_literals;

class DatabaseTest : public StoreTest {};
OSCAR_STORE_SUITE(DatabaseTest);

TEST_P(DatabaseTest, OpensAgainWithoutChangingAnything) {
  const std::string id = addConnection();
  database_.reset();
  database_ = place_->open();
  EXPECT_TRUE(SqlConnectionStore{*database_}.find(id));
}

TEST_P(DatabaseTest, SeveralOpenAtOnceAndOneMigrates) {
  StorePlace fresh{GetParam()};
  std::vector<std::thread> threads;
  std::atomic<int> opened{0};
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      auto database = fresh.open();
      ++opened;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(opened, 4);
  auto rows = fresh.link()->query("SELECT COUNT(*) FROM execution_counters", "i", {});
  EXPECT_EQ(rows.front().integer(), 5);
}

TEST_P(DatabaseTest, RefusesANewerSchema) {
  place_->link()->execute(
      "INSERT INTO schema_migrations (number, name, checksum, finished, applied_at)"
      " VALUES (9999, 'x', 'x', 1, 0)",
      {});
  try {
    place_->open();
    FAIL() << "opened";
  } catch (const StoreSetupError& error) {
    EXPECT_NE(error.message().en.find("newer than this program"), std::string::npos);
    EXPECT_NE(error.message().zh.find("9999"), std::string::npos);
  }
}

TEST_P(DatabaseTest, RefusesAnAlteredMigration) {
  place_->link()->execute("UPDATE schema_migrations SET checksum = 'other' WHERE number = 1", {});
  EXPECT_THROW(place_->open(), StoreSetupError);
}

TEST_P(DatabaseTest, RefusesAnInterruptedMigration) {
  place_->link()->execute("UPDATE schema_migrations SET finished = 0 WHERE number = 1", {});
  EXPECT_THROW(place_->open(), StoreSetupError);
}

TEST_P(DatabaseTest, AFailedMigrationIsRecordedOrUndone) {
  auto link = place_->link();
  std::vector<Migration> broken = embeddedMigrations(GetParam());
  broken.push_back({broken.back().number + 1, "broken.sql",
                    "CREATE TABLE half (a INTEGER);\nCREATE TABL other (a INTEGER);\n"});
  EXPECT_THROW(Migrator(*link, GetParam(), broken).migrate(), SqlError);
  if (GetParam() == Dialect::kSqlite) {
    EXPECT_THROW(link->query("SELECT a FROM half", "i", {}), SqlError) << "all or nothing";
    EXPECT_NO_THROW(place_->open());
  } else {
    EXPECT_THROW(Migrator(*link, GetParam(), broken).migrate(), StoreSetupError);
  }
}

TEST_P(DatabaseTest, ThrowingWorkLeavesNothing) {
  EXPECT_THROW(database_->write([](Sql& sql) {
    sql.execute("DELETE FROM execution_counters");
    throw std::logic_error{"stop"};
  }),
               std::logic_error);
  const auto rows = database_->read([](Sql& sql) {
    return sql.one({"SELECT COUNT(*) FROM execution_counters", "i"})->integer();
  });
  EXPECT_EQ(rows, 5);
}

TEST_P(DatabaseTest, AWrongStatementIsAProgramError) {
  EXPECT_THROW(database_->read([](Sql& sql) {
    sql.query({"SELECT nothing", "i"});
  }),
               std::runtime_error);
  EXPECT_EQ(SqlUserStore{*database_}.count(), 0) << "and the connection stays usable";
}

TEST_P(DatabaseTest, TwoDatabasesOnOneStoreSeeEachOther) {
  auto other = place_->open();
  const std::string id = addConnection();
  EXPECT_TRUE(SqlConnectionStore{*other}.find(id));
  std::thread writer{[&] {
    for (int i = 0; i < 50; ++i) insert(*other, sampleExecution(id));
  }};
  SqlExecutionStore store{*database_};
  for (int i = 0; i < 50; ++i) insert(*database_, sampleExecution(id));
  writer.join();
  EXPECT_EQ(store.list({}, {}).total, 100);
}

TEST_P(DatabaseTest, MoreThreadsThanConnectionsWaitTheirTurn) {
  std::vector<std::thread> threads;
  std::atomic<int> done{0};
  for (int i = 0; i < 24; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 20; ++k) SqlUserStore{*database_}.count();
      ++done;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(done, 24);
}

TEST_P(DatabaseTest, ALockHeldByAnotherIsReportedInBoundedTime) {
  Patience hasty;
  hasty.sqlite_lock = 300ms;
  hasty.deadlock_attempts = 1;
  auto impatient = place_->open(hasty);
  const std::string id = addConnection();
  auto holder = place_->link();
  holder->begin(true);
  holder->execute("UPDATE connections SET host = 'x'", {});
  const auto start = std::chrono::steady_clock::now();
  EXPECT_THROW(SqlConnectionStore{*impatient}.remove(id, at(1)), StoreUnavailable);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 8s);
  EXPECT_TRUE(SqlConnectionStore{*impatient}.find(id)) << "reading goes on";
  holder->rollback();
  EXPECT_EQ(SqlConnectionStore{*impatient}.remove(id, at(1)), SqlConnectionStore::Removed::kOk);
}

TEST_P(DatabaseTest, LongTextsAndAnyCharacterSurvive) {
  const std::string connection = addConnection();
  SqlExecutionStore store{*database_};
  const std::vector<std::string> texts = {
      "",
      std::string(511, 'a'),
      std::string(512, 'b'),
      std::string(513, 'c'),
      std::string(1 << 20, 'd') + "😀",
      "'\"`\\ \n\r\t % _ ! ? ; -- /* */ {ms:x} :name ${x} 中文 😀",
  };
  for (const auto& text : texts) {
    Execution e = sampleExecution(connection);
    e.original_ddl = e.alter_text = e.generated_command = text;
    e.argv = {text, "", text.substr(0, 10)};
    e.params.extra["where"] = text.substr(0, 1000);
    e.attention = {text, text + "en"};
    insert(*database_, e);
    const auto found = store.find(e.id);
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->original_ddl == text) << text.size();
    EXPECT_TRUE(found->alter_text == text) << text.size();
    EXPECT_TRUE(found->generated_command == text) << text.size();
    EXPECT_TRUE(found->argv == e.argv) << text.size();
    EXPECT_TRUE(found->params == e.params) << text.size();
    EXPECT_TRUE(found->attention == e.attention) << text.size();
  }
}

TEST(MysqlDatabase, ReconnectsAfterItsConnectionsWereKilled) {
  const std::string obstacle = StorePlace::obstacle(Dialect::kMysql);
  if (!obstacle.empty()) GTEST_SKIP() << obstacle;
  StorePlace place{Dialect::kMysql};
  auto database = place.open();
  SqlUserStore users{*database};
  EXPECT_EQ(users.count(), 0);
  auto admin = place.admin();
  auto rows = admin->query(
      "SELECT id FROM information_schema.processlist WHERE db LIKE 'oscar\\_test\\_%'", "i", {});
  ASSERT_FALSE(rows.empty());
  for (auto& row : rows) admin->execute("KILL " + std::to_string(row.integer()), {});
  EXPECT_EQ(users.count(), 0);
  User user;
  user.id = newUuid();
  user.username = "u";
  EXPECT_EQ(users.insert(user), ports::Saved::kOk);
}

TEST(MysqlDatabase, ErrorsNeverHoldThePassword) {
  StoreSettings settings;
  settings.url = "mysql://oscar@127.0.0.1:1/oscar";
  settings.password = "Sup3r-Secret";
  try {
    Database::open(settings, "");
    FAIL() << "opened";
  } catch (const StoreUnavailable& error) {
    EXPECT_EQ(std::string{error.what()}.find("Sup3r"), std::string::npos) << error.what();
    EXPECT_NE(std::string{error.what()}.find("127.0.0.1:1"), std::string::npos) << error.what();
  }
}

TEST(StoreUrl, RefusesWhatItCannotUse) {
  struct Case {
    const char* url;
    const char* password;
  };
  for (const Case& c :
       {Case{"postgres://u@h/d", ""}, Case{"mysql://u:pw@h:3306/d", ""},
        Case{"mysql://h:3306/d", ""}, Case{"mysql://u@h:3306", ""}, Case{"mysql://u@h:3306/", ""},
        Case{"mysql://u@h:3306/d", "a;b"}, Case{"mysql://u@h:3306/d", " a"},
        Case{"mysql://u@h/d;auto-reconnect=true", ""}, Case{"not a url", ""}}) {
    StoreSettings settings;
    settings.url = c.url;
    settings.password = c.password;
    try {
      parseStoreUrl(settings);
      ADD_FAILURE() << c.url;
    } catch (const StoreSetupError& error) {
      EXPECT_FALSE(error.message().zh.empty());
      EXPECT_FALSE(error.message().en.empty());
    }
  }
  StoreSettings settings;
  settings.url = "mysql://os%40car@db.example.org/oscar";
  settings.password = "p=w";
  const auto options = parseStoreUrl(settings);
  ASSERT_TRUE(options);
  EXPECT_EQ(options->user, "os@car");
  EXPECT_EQ(options->port, 3306);
  EXPECT_EQ(options->database, "oscar");
  settings.url = "sqlite";
  EXPECT_FALSE(parseStoreUrl(settings));
}

TEST(SqliteDatabase, FilesAreForTheOwnerOnly) {
  StorePlace place{Dialect::kSqlite};
  const auto old = ::umask(0);
  auto database = place.open();
  ::umask(old);
  for (const char* name : {"oscar.db", "oscar.db-wal", "oscar.db-shm"}) {
    struct stat info {};
    ASSERT_EQ(::stat((place.folder() + "/" + name).c_str(), &info), 0) << name;
    EXPECT_EQ(info.st_mode & 0777, 0600U) << name;
  }
}

TEST(SqliteDatabase, SettlesDurabilityPerConnection) {
  StorePlace place{Dialect::kSqlite};
  auto database = place.open();
  const auto pragma = [&](const char* name, const char* type) {
    const std::string text = std::string{"PRAGMA "} + name;
    return database->read([&](Sql& sql) { return *sql.one({text, type}); });
  };
  EXPECT_EQ(pragma("journal_mode", "s").text(), "wal");
  EXPECT_EQ(pragma("synchronous", "i").integer(), 2);
  EXPECT_EQ(pragma("foreign_keys", "i").integer(), 1);
}

TEST(SqliteDatabase, SaysWhileItCannotBeWritten) {
  StorePlace place{Dialect::kSqlite};
  Patience patience;
  patience.sqlite_lock = 50ms;
  auto database = place.open(patience);
  EXPECT_TRUE(database->writable());
  const auto write = [&] {
    database->write([](Sql& sql) { sql.execute("UPDATE users SET email = email", {}); });
  };
  auto other = place.link();
  other->begin(true);
  EXPECT_THROW(write(), StoreUnavailable);
  EXPECT_FALSE(database->writable());
  EXPECT_EQ(SqlUserStore{*database}.count(), 0) << "reading works";
  EXPECT_FALSE(database->writable()) << "and says nothing about writing";
  other->rollback();
  write();
  EXPECT_TRUE(database->writable());
}

TEST(SqliteDatabase, AFullDiskIsReportedAndForgivenWhenSpaceIsBack) {
  StorePlace place{Dialect::kSqlite};
  if (::mount("tmpfs", place.folder().c_str(), "tmpfs", 0, "size=6m") != 0) {
    GTEST_SKIP() << "a small file system cannot be mounted here";
  }
  {
    auto database = place.open();
    SqlUserStore users{*database};
    bool full = false;
    std::int64_t inserted = 0;
    for (int i = 0; i < 2000 && !full; ++i) {
      User user;
      user.id = newUuid();
      user.username = "u" + std::to_string(i);
      user.display_name = std::string(20000, 'x');
      try {
        users.insert(user);
        ++inserted;
      } catch (const StoreUnavailable&) {
        full = true;
      }
    }
    EXPECT_TRUE(full);
    EXPECT_EQ(users.count(), inserted) << "reading works, and nothing of the failed one is there";
    ::mount("tmpfs", place.folder().c_str(), "tmpfs", MS_REMOUNT, "size=32m");
    User user;
    user.id = newUuid();
    user.username = "after";
    EXPECT_EQ(users.insert(user), ports::Saved::kOk);
    EXPECT_EQ(users.count(), inserted + 1);
  }
  ::umount(place.folder().c_str());
}

TEST(SplitStatements, EndsAtASemicolonThatEndsALine) {
  const auto statements = splitStatements(
      "-- comment;\nCREATE TABLE a (\n  x TEXT DEFAULT ';', -- y\n  z TEXT\n);\n\nINSERT INTO a "
      "VALUES (';');\nSELECT 1");
  ASSERT_EQ(statements.size(), 3U);
  EXPECT_TRUE(statements[0].starts_with("CREATE TABLE a"));
  EXPECT_TRUE(statements[0].ends_with("\n)"));
  EXPECT_EQ(statements[1], "INSERT INTO a VALUES (';')");
  EXPECT_EQ(statements[2], "SELECT 1\n");
}

TEST(EmbeddedMigrations, AreTheSameNumbersInBothDialectsWithoutGaps) {
  const auto& sqlite = embeddedMigrations(Dialect::kSqlite);
  const auto& mysql = embeddedMigrations(Dialect::kMysql);
  ASSERT_FALSE(sqlite.empty());
  ASSERT_EQ(sqlite.size(), mysql.size());
  for (std::size_t i = 0; i < sqlite.size(); ++i) {
    EXPECT_EQ(sqlite[i].number, static_cast<int>(i) + 1);
    EXPECT_EQ(sqlite[i].name, mysql[i].name);
    EXPECT_FALSE(sqlite[i].text.empty());
  }
}

}  // namespace
}  // namespace oscar::store::test
