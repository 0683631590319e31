#pragma once

#include "domain/error.hpp"
#include "domain/ids.hpp"
#include "store/database.hpp"
#include "store/execution_statements.hpp"
#include "store/link.hpp"
#include "store/sql_connection_store.hpp"
#include "store/sql_execution_store.hpp"
#include "store/sql_user_store.hpp"
#include "store/store_url.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdlib.h>
#include <string>
#include <unistd.h>

namespace oscar::store::test {

inline Timestamp at(std::int64_t seconds) {
  return fromMillis(1'767'225'600'000 + seconds * 1000);  // 2026-01-01 and on
}

/// A private, empty place for a store: a folder for SQLite; for MySQL a new database on the server
/// of OSCAR_TEST_STORE_MYSQL_URL (mysql://user@host:port/any) with OSCAR_TEST_STORE_PASSWORD.
class StorePlace {
 public:
  explicit StorePlace(Dialect dialect) : dialect_{dialect} {
    std::string pattern = (std::filesystem::temp_directory_path() / "oscar-store-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    settings_.url = "sqlite";
    if (dialect != Dialect::kMysql) return;
    static std::atomic<int> count{0};
    server_.url = ::getenv("OSCAR_TEST_STORE_MYSQL_URL");
    server_.password = ::getenv("OSCAR_TEST_STORE_PASSWORD");
    database_ = "oscar_test_" + std::to_string(::getpid()) + "_" + std::to_string(++count);
    admin()->execute("CREATE DATABASE " + database_, {});
    settings_ = server_;
    settings_.url = server_.url.substr(0, server_.url.rfind('/') + 1) + database_;
  }
  ~StorePlace() {
    if (!database_.empty()) admin()->execute("DROP DATABASE " + database_, {});
    std::filesystem::remove_all(folder_);
  }
  StorePlace(const StorePlace&) = delete;
  StorePlace& operator=(const StorePlace&) = delete;

  /// Why a dialect cannot be tested here; empty when it can.
  static std::string obstacle(Dialect dialect) {
    if (dialect == Dialect::kSqlite) return "";
    if (::getenv("OSCAR_TEST_STORE_MYSQL_URL") && ::getenv("OSCAR_TEST_STORE_PASSWORD")) return "";
    return "OSCAR_TEST_STORE_MYSQL_URL and OSCAR_TEST_STORE_PASSWORD are not set";
  }

  std::unique_ptr<Database> open(const Patience& patience = {}) const {
    return Database::open(settings_, folder_, patience);
  }
  /// A connection past the pool, for looking and for making trouble.
  std::unique_ptr<Link> link() const {
    if (dialect_ == Dialect::kMysql) return openMysql(*parseStoreUrl(settings_));
    return openSqlite({folder_ + "/oscar.db", 200});
  }
  /// A connection to the MySQL server without a database.
  std::unique_ptr<Link> admin() const {
    auto options = *parseStoreUrl(server_);
    options.database.clear();
    return openMysql(options);
  }
  const std::string& folder() const { return folder_; }
  const StoreSettings& settings() const { return settings_; }
  StoreSettings& settings() { return settings_; }
  Dialect dialect() const { return dialect_; }

 private:
  Dialect dialect_;
  std::string folder_;
  std::string database_;
  StoreSettings server_;
  StoreSettings settings_;
};

/// Stores an execution whatever else is on its table, which the store itself never does.
inline std::int64_t insert(Database& database, const Execution& execution) {
  return database.write([&](Sql& sql) {
    lockQueue(sql);
    return insertExecution(sql, execution);
  });
}

/// Every test of a store runs on both dialects, each in a database of its own.
class StoreTest : public ::testing::TestWithParam<Dialect> {
 protected:
  void SetUp() override {
    const std::string obstacle = StorePlace::obstacle(GetParam());
    if (!obstacle.empty()) GTEST_SKIP() << obstacle;
    place_ = std::make_unique<StorePlace>(GetParam());
    database_ = place_->open();
  }
  void TearDown() override {
    database_.reset();
    place_.reset();
  }

  /// A connection's row, which executions refer to.
  std::string addConnection(const std::string& name = "orders") {
    SqlConnectionStore store{*database_};
    ports::StoredConnection stored;
    stored.connection.id = newUuid();
    stored.connection.name = name;
    stored.connection.host = "db1";
    stored.connection.username = "dba";
    stored.connection.database_name = "shop";
    stored.connection.created_at = stored.connection.updated_at = at(0);
    stored.sealed_password = "k1:sealed";
    EXPECT_EQ(store.insert(stored), ports::Saved::kOk);
    return stored.connection.id;
  }

  std::unique_ptr<StorePlace> place_;
  std::unique_ptr<Database> database_;
};

inline Execution sampleExecution(const std::string& connection_id,
                                 const std::string& table = "orders",
                                 const std::string& server = "db1:3306") {
  Execution e;
  e.id = newUuid();
  e.connection_id = connection_id;
  e.connection_name = "orders";
  e.environment = Environment::kProd;
  e.server_key = server;
  e.database_name = "shop";
  e.table_name = table;
  e.ddl_type = DdlType::kAddColumn;
  e.original_ddl = "ALTER TABLE " + table + " ADD COLUMN note TEXT";
  e.alter_text = "ADD COLUMN note TEXT";
  e.argv = {"pt-online-schema-change", "--alter", "ADD COLUMN note TEXT"};
  e.generated_command = "pt-online-schema-change --alter 'ADD COLUMN note TEXT'";
  e.backend = "local";
  e.created_by = "alice";
  e.created_at = e.updated_at = at(0);
  return e;
}

inline Run sampleRun(const std::string& execution_id) {
  Run run;
  run.id = newUuid();
  run.execution_id = execution_id;
  run.backend = "local";
  return run;
}

inline std::string dialectName(const ::testing::TestParamInfo<Dialect>& info) {
  return info.param == Dialect::kMysql ? "Mysql" : "Sqlite";
}

#define OSCAR_STORE_SUITE(suite)                                                                \
  INSTANTIATE_TEST_SUITE_P(Stores, suite, ::testing::Values(Dialect::kSqlite, Dialect::kMysql), \
                           dialectName)

}  // namespace oscar::store::test
