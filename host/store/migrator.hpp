#pragma once

#include "store/sql.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace oscar::store {

class Link;

/// One numbered file of sql/<dialect>, embedded when the program is built.
struct Migration {
  int number = 0;         ///< 1, 2, 3 ... without gaps
  std::string_view name;  ///< `0001_initial.sql`
  std::string_view text;
};

/// The migrations of this program, in order.
const std::vector<Migration>& embeddedMigrations(Dialect dialect);

/// Statements of a migration: each ends with `;` at the end of a line; lines that begin with `--`
/// are left out.
std::vector<std::string> splitStatements(std::string_view text);

/// Brings a database to the newest schema, under a lock, so that of several processes that start at
/// once one migrates and the others wait. Table `schema_migrations` keeps what was applied with its
/// SHA-256.
///
/// Throws StoreSetupError when the database is newer than this program, when a migration that was
/// applied has been altered since, or (MySQL, whose DDL commits by itself) when one was interrupted
/// half-way; SqlError when a statement fails. On SQLite each migration is all or nothing.
class Migrator {
 public:
  Migrator(Link& link, Dialect dialect, const std::vector<Migration>& migrations)
      : link_{link}, dialect_{dialect}, migrations_{migrations} {}

  void migrate();

 private:
  struct Applied {
    int number = 0;
    std::string checksum;
    bool finished = false;
  };

  void migrateLocked();
  std::vector<Applied> applied();
  void check(const std::vector<Applied>& applied);
  void apply(const Migration& migration);

  Link& link_;
  Dialect dialect_;
  const std::vector<Migration>& migrations_;
};

}  // namespace oscar::store
