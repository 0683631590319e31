#include "store/sqlite_statement.hpp"

#include <sqlite3.h>

namespace oscar::store {
namespace {

SqlFailure classify(int extended_code) {
  switch (extended_code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return SqlFailure::kBusy;
    case SQLITE_CONSTRAINT:
      return extended_code == SQLITE_CONSTRAINT_UNIQUE ||
                     extended_code == SQLITE_CONSTRAINT_PRIMARYKEY ||
                     extended_code == SQLITE_CONSTRAINT_ROWID
                 ? SqlFailure::kDuplicate
                 : SqlFailure::kStatement;
    case SQLITE_ERROR:
    case SQLITE_MISMATCH:
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
    case SQLITE_TOOBIG:
      return SqlFailure::kStatement;
    default:
      return SqlFailure::kUnavailable;
  }
}

SqlError errorOf(sqlite3* database, std::string_view sql) {
  const int code = sqlite3_extended_errcode(database);
  return {classify(code), std::string{sqlite3_errmsg(database)} + " (" + std::to_string(code) +
                              ") [" + std::string{sql.substr(0, 120)} + "]"};
}

/// Makes the statement ready for its next use however this one ends.
class Reset {
 public:
  explicit Reset(sqlite3_stmt* statement) : statement_{statement} {}
  Reset(const Reset&) = delete;
  Reset& operator=(const Reset&) = delete;
  ~Reset() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }

 private:
  sqlite3_stmt* statement_;
};

}  // namespace

void SqliteStatement::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

SqliteStatement::SqliteStatement(sqlite3* database, const std::string& sql) : database_{database} {
  sqlite3_stmt* statement = nullptr;
  const int length = static_cast<int>(sql.size());
  const int code = sqlite3_prepare_v3(database, sql.data(), length, SQLITE_PREPARE_PERSISTENT,
                                      &statement, nullptr);
  if (code != SQLITE_OK) throw errorOf(database, sql);
  statement_.reset(statement);
}

std::vector<Row> SqliteStatement::query(std::string_view columns, const Values& values) {
  const Reset reset{statement_.get()};
  bind(values);
  std::vector<Row> rows;
  while (step()) rows.push_back(row(columns));
  return rows;
}

std::int64_t SqliteStatement::execute(const Values& values) {
  const Reset reset{statement_.get()};
  bind(values);
  while (step()) continue;
  return sqlite3_changes(database_);
}

void SqliteStatement::bind(const Values& values) {
  int code = SQLITE_OK;
  for (std::size_t i = 0; i < values.size() && code == SQLITE_OK; ++i) {
    const int at = static_cast<int>(i) + 1;
    if (const auto* number = std::get_if<std::int64_t>(&values[i])) {
      code = sqlite3_bind_int64(statement_.get(), at, *number);
    } else if (const auto* real = std::get_if<double>(&values[i])) {
      code = sqlite3_bind_double(statement_.get(), at, *real);
    } else if (const auto* text = std::get_if<std::string>(&values[i])) {
      // Without a copy: the values live until the statement is reset.
      code = sqlite3_bind_text64(statement_.get(), at, text->data(), text->size(), nullptr,
                                 SQLITE_UTF8);
    } else {
      code = sqlite3_bind_null(statement_.get(), at);
    }
  }
  if (code != SQLITE_OK) fail();
}

bool SqliteStatement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code != SQLITE_ROW && code != SQLITE_DONE) fail();
  return code == SQLITE_ROW;
}

Row SqliteStatement::row(std::string_view columns) {
  std::vector<Row::Cell> cells;
  cells.reserve(columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const int column = static_cast<int>(i);
    if (sqlite3_column_type(statement_.get(), column) == SQLITE_NULL) {
      cells.emplace_back();
    } else if (columns[i] == 'i') {
      cells.emplace_back(std::int64_t{sqlite3_column_int64(statement_.get(), column)});
    } else if (columns[i] == 'r') {
      cells.emplace_back(sqlite3_column_double(statement_.get(), column));
    } else {
      const auto* text = reinterpret_cast<const char*>(  // NOLINT: SQLite gives unsigned bytes
          sqlite3_column_text(statement_.get(), column));
      if (!text) fail();
      const int length = sqlite3_column_bytes(statement_.get(), column);
      cells.emplace_back(std::string(text, static_cast<std::size_t>(length)));
    }
  }
  return Row{std::move(cells)};
}

void SqliteStatement::fail() const {
  throw errorOf(database_, sqlite3_sql(statement_.get()));
}

}  // namespace oscar::store
