#include "store/migrator.hpp"

#include "store/database.hpp"
#include "store/link.hpp"

#include <Poco/DigestEngine.h>
#include <Poco/SHA2Engine.h>

#include <chrono>

namespace oscar::store {
namespace {

constexpr int kLockSeconds = 60;
// The database's name is part of the lock's: MySQL's named locks are of the whole server.
constexpr std::string_view kTakeLock =
    "SELECT GET_LOCK(CONCAT('oscar.schema.', LEFT(SHA2(DATABASE(), 256), 32)), ?)";
constexpr std::string_view kReleaseLock =
    "SELECT RELEASE_LOCK(CONCAT('oscar.schema.', LEFT(SHA2(DATABASE(), 256), 32)))";
constexpr std::string_view kCreateTable =
    "CREATE TABLE IF NOT EXISTS schema_migrations (number INTEGER NOT NULL PRIMARY KEY,"
    " name VARCHAR(200) NOT NULL, checksum VARCHAR(64) NOT NULL, finished INTEGER NOT NULL,"
    " applied_at BIGINT NOT NULL)";
constexpr std::string_view kSelectApplied =
    "SELECT number, checksum, finished FROM schema_migrations ORDER BY number";
constexpr std::string_view kInsertApplied =
    "INSERT INTO schema_migrations (number, name, checksum, finished, applied_at)"
    " VALUES (?, ?, ?, ?, ?)";
constexpr std::string_view kFinishApplied =
    "UPDATE schema_migrations SET finished = 1 WHERE number = ?";

std::string sha256(std::string_view text) {
  Poco::SHA2Engine engine{Poco::SHA2Engine::SHA_256};
  engine.update(text.data(), text.size());
  return Poco::DigestEngine::digestToHex(engine.digest());
}

std::int64_t nowMillis() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

std::vector<std::string> splitStatements(std::string_view text) {
  std::vector<std::string> statements;
  std::string statement;
  while (!text.empty()) {
    const auto end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.starts_with("--") || line.find_first_not_of(" \r") == std::string_view::npos) continue;
    const auto last = line.find_last_not_of(" \r");
    const bool ends = line[last] == ';';
    statement += line.substr(0, ends ? last : last + 1);
    if (ends) {
      statements.push_back(std::move(statement));
      statement.clear();
    } else {
      statement += '\n';
    }
  }
  if (!statement.empty()) statements.push_back(std::move(statement));
  return statements;
}

void Migrator::migrate() {
  if (dialect_ == Dialect::kSqlite) {
    migrateLocked();
    return;
  }
  auto rows = link_.query(std::string{kTakeLock}, "i", {std::int64_t{kLockSeconds}});
  if (rows.empty() || rows.front().integer() != 1) {
    throw SqlError{SqlFailure::kUnavailable, "another process is migrating the schema"};
  }
  try {
    migrateLocked();
  } catch (...) {
    link_.query(std::string{kReleaseLock}, "i", {});
    throw;
  }
  link_.query(std::string{kReleaseLock}, "i", {});
}

void Migrator::migrateLocked() {
  link_.execute(std::string{kCreateTable}, {});
  check(applied());
  for (const auto& migration : migrations_) {
    // The write transaction is SQLite's lock; what another process applied while this one waited
    // for it shows only inside.
    link_.begin(true);
    try {
      const auto done = applied();
      check(done);
      if (static_cast<std::size_t>(migration.number) > done.size()) apply(migration);
      link_.commit();
    } catch (...) {
      try {
        link_.rollback();
      } catch (const SqlError&) {
        // The connection is gone, or the failure has ended the transaction already.
      }
      throw;
    }
  }
}

std::vector<Migrator::Applied> Migrator::applied() {
  std::vector<Applied> result;
  for (auto& row : link_.query(std::string{kSelectApplied}, "isi", {})) {
    Applied one;
    one.number = static_cast<int>(row.integer());
    one.checksum = row.text();
    one.finished = row.boolean();
    result.push_back(std::move(one));
  }
  return result;
}

void Migrator::check(const std::vector<Applied>& applied) {
  for (std::size_t i = 0; i < applied.size(); ++i) {
    const std::string number = std::to_string(applied[i].number);
    if (i >= migrations_.size()) {
      throw StoreSetupError{
          {"数据库结构比本程序新（已有迁移 " + number + "）。请使用更新版本的 oscard。",
           "The database's schema is newer than this program (migration " + number +
               " is applied). Start a newer oscard."}};
    }
    if (!applied[i].finished) {
      throw StoreSetupError{
          {"迁移 " + number + " 上次中断在一半。请从备份恢复数据库，或清空该数据库后重新启动。",
           "Migration " + number +
               " was interrupted half-way. Restore the database from a backup, "
               "or empty it, and start again."}};
    }
    if (applied[i].number != migrations_[i].number ||
        applied[i].checksum != sha256(migrations_[i].text)) {
      throw StoreSetupError{
          {"迁移 " + number +
               " 与数据库中已执行的内容不一致。已发布的迁移不可修改，请使用原版程序。",
           "Migration " + number +
               " is not the one that was applied to this database. Released "
               "migrations never change: start the program that the database belongs to."}};
    }
  }
}

void Migrator::apply(const Migration& migration) {
  const bool transactional = dialect_ == Dialect::kSqlite;
  link_.execute(std::string{kInsertApplied},
                {std::int64_t{migration.number}, std::string{migration.name},
                 sha256(migration.text), flag(transactional), nowMillis()});
  for (const auto& statement : splitStatements(migration.text)) link_.execute(statement, {});
  if (!transactional) link_.execute(std::string{kFinishApplied}, {std::int64_t{migration.number}});
}

}  // namespace oscar::store
