#include "adapters/mariadb_table_description.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>
#include <tuple>

namespace oscar::adapters {
namespace {

/// The columns of every row that describes something: which part of the table, two numbers and a
/// name to order it by, and its values.
enum Field { kPart, kOrder, kName, kSequence, kValues };
constexpr std::size_t kMaxValues = 9;

using Expressions = std::vector<std::string>;

const Expressions& tableExpressions() {
  static const Expressions expressions{
      "ENGINE",    "TABLE_ROWS",      "DATA_LENGTH",   "INDEX_LENGTH",
      "DATA_FREE", "TABLE_COLLATION", "TABLE_COMMENT", "FLOOR(UNIX_TIMESTAMP(CREATE_TIME))",
      "TABLE_TYPE"};
  return expressions;
}

/// The collations of information_schema's columns differ, which UNION refuses.
std::string plain(const std::string& expression) {
  return "CONVERT(" + expression + " USING utf8mb4) COLLATE utf8mb4_bin";
}

struct Part {
  const char* word;
  const char* order;
  const char* name;
  const char* sequence;
  Expressions values;
  const char* from;
};

std::string select(const Part& part) {
  std::string sql = "SELECT '" + std::string{part.word} + "' AS part, " + part.order + " AS o, " +
                    plain(part.name) + " AS n, " + part.sequence + " AS s";
  for (std::size_t i = 0; i < kMaxValues; ++i) {
    sql += ", " + (i < part.values.size() ? plain(part.values[i]) : std::string{"NULL"}) + " AS v" +
           std::to_string(i);
  }
  return sql + " FROM information_schema." + part.from;
}

/// `a\_b` for LIKE.
std::string likeEscaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '_' || c == '%' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

/// `values` are those of tableExpressions.
ports::TableFacts tableFacts(const std::optional<std::string>& name,
                             std::span<const std::optional<std::string>> values) {
  ports::TableFacts facts;
  facts.name = toText(name);
  facts.engine = toText(values[0]);
  facts.rows = toInteger(values[1]);
  facts.data_bytes = toInteger(values[2]);
  facts.index_bytes = toInteger(values[3]);
  facts.free_bytes = toInteger(values[4]);
  facts.collation = toText(values[5]);
  // A view has no engine, and the word VIEW in place of a comment.
  facts.comment = facts.engine.empty() ? std::string{} : toText(values[6]);
  if (values[7]) facts.created_at = fromMillis(toInteger(values[7]) * 1000);
  facts.type = toText(values[8]);
  return facts;
}

ports::ColumnFacts columnFacts(const std::string& name,
                               std::span<const std::optional<std::string>> values) {
  // `VIRTUAL GENERATED`, `STORED GENERATED`; a computed default is `DEFAULT_GENERATED`.
  const bool generated = toText(values[4]).find(" GENERATED") != std::string::npos;
  return {
      name,     toText(values[0]), toText(values[1]) == "YES", toText(values[2]), toText(values[3]),
      generated};
}

void addIndexPart(std::vector<ports::IndexFacts>& indexes, const std::string& name,
                  std::span<const std::optional<std::string>> values) {
  if (indexes.empty() || indexes.back().name != name) {
    indexes.push_back({name, toInteger(values[0]) == 0, {}});
  }
  // A part without a column is an expression (MySQL 8 functional index).
  indexes.back().columns.push_back(values[1] ? *values[1] : "(expression)");
}

}  // namespace

std::string selectTables() {
  std::string sql = "SELECT TABLE_NAME AS n";
  for (std::size_t i = 0; i < tableExpressions().size(); ++i) {
    sql += ", " + tableExpressions()[i] + " AS v" + std::to_string(i);
  }
  return sql + " FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?";
}

ports::TableFacts readTableFacts(const MariadbLink::Row& row) {
  return tableFacts(row[0], std::span{row}.subspan(1));
}

const std::string& describeTableQuery() {
  static const std::string sql =
      select({"table", "0", "TABLE_NAME", "0", tableExpressions(),
              "TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?"}) +
      " UNION ALL " +
      select({"column",
              "ORDINAL_POSITION",
              "COLUMN_NAME",
              "0",
              {"COLUMN_TYPE", "IS_NULLABLE", "CHARACTER_SET_NAME", "COLLATION_NAME", "EXTRA"},
              "COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?"}) +
      " UNION ALL " +
      select({"index",
              "INDEX_NAME <> 'PRIMARY'",
              "INDEX_NAME",
              "SEQ_IN_INDEX",
              {"NON_UNIQUE", "COLUMN_NAME"},
              "STATISTICS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?"}) +
      " UNION ALL " +
      select({"trigger",
              "0",
              "TRIGGER_NAME",
              "0",
              {},
              "TRIGGERS WHERE EVENT_OBJECT_SCHEMA = ? AND EVENT_OBJECT_TABLE = ?"}) +
      " UNION ALL " +
      select({"copy",
              "0",
              "TABLE_NAME",
              "0",
              {},
              "TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME LIKE ?"});
  return sql;
}

std::vector<std::string> describeTableValues(const std::string& database,
                                             const std::string& table) {
  const std::string copies = "%\\_" + likeEscaped(table) + "\\_new";
  return {database, table, database, table, database, table, database, table, database, copies};
}

/// Sorted here: without ORDER BY the server sends the rows as it finds them and makes no temporary
/// table.
std::optional<ports::TableDescription> readTableDescription(MariadbLink::Rows found) {
  std::sort(found.rows.begin(), found.rows.end(), [](const auto& a, const auto& b) {
    const auto key = [](const MariadbLink::Row& row) {
      return std::tuple{toInteger(row[kOrder]), std::string_view{*row[kName]},
                        toInteger(row[kSequence])};
    };
    return key(a) < key(b);
  });
  std::optional<ports::TableFacts> facts;
  ports::TableDescription described;
  for (const auto& row : found.rows) {
    const std::string part = toText(row[kPart]);
    const std::string name = toText(row[kName]);
    const auto values = std::span{row}.subspan(kValues);
    if (part == "table") {
      facts = tableFacts(name, values);
    } else if (part == "column") {
      described.columns.push_back(columnFacts(name, values));
    } else if (part == "index") {
      addIndexPart(described.indexes, name, values);
    } else {
      (part == "trigger" ? described.triggers : described.copies).push_back(name);
    }
  }
  if (!facts) return std::nullopt;
  described.facts = *facts;
  return described;
}

}  // namespace oscar::adapters
