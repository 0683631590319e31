#include "ddl/clause_parser.hpp"

#include "ddl/column_parser.hpp"
#include "ddl/index_parser.hpp"
#include "ddl/type_parser.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace oscar::ddl {
namespace {

void setColumn(Clause& clause, ColumnDefinition column) {
  clause.unique = column.primary_key || column.unique_key;
  clause.columns = {clause.name};
  clause.column = std::move(column);
}

bool parseNewColumn(TokenCursor& cursor, bool may_have_place, Clause& clause) {
  clause.kind = ClauseKind::kAddColumn;
  ColumnDefinition column;
  if (!cursor.expectColumnName(clause.name) || !parseColumnBody(cursor, column)) return false;
  if (may_have_place && !parseColumnPlace(cursor, column)) return false;
  setColumn(clause, std::move(column));
  return true;
}

/// `if_not_exists` stands before the list and holds for its columns; indexes have their own.
bool parseElement(TokenCursor& cursor, bool if_not_exists, Clause& clause) {
  if (atIndexOrConstraint(cursor)) return parseIndexOrConstraint(cursor, clause);
  clause.if_exists = if_not_exists;
  return parseNewColumn(cursor, false, clause);
}

/// The elements behind `ADD (`.
bool parseAddList(TokenCursor& cursor, bool if_not_exists, std::vector<Clause>& clauses) {
  do {
    Clause& clause = clauses.emplace_back();
    clause.start = cursor.peek().offset;
    if (!parseElement(cursor, if_not_exists, clause)) return false;
    clause.end = cursor.lastEnd();
  } while (cursor.acceptSymbol(","));
  return cursor.expectSymbol(")");
}

bool parseAdd(TokenCursor& cursor, Clause clause, std::vector<Clause>& clauses) {
  const bool column = cursor.acceptWord("COLUMN");
  if (!column && atIndexOrConstraint(cursor)) {
    if (!parseIndexOrConstraint(cursor, clause)) return false;
  } else if (!column && cursor.acceptWords("SYSTEM", "VERSIONING")) {
    clause.keyword = "ADD SYSTEM VERSIONING";
  } else {
    if (!cursor.optionalIfNotExists(clause.if_exists)) return false;
    if (cursor.acceptSymbol("(")) return parseAddList(cursor, clause.if_exists, clauses);
    if (!parseNewColumn(cursor, true, clause)) return false;
  }
  clause.end = cursor.lastEnd();
  clauses.push_back(std::move(clause));
  return true;
}

bool parseModify(TokenCursor& cursor, Clause& clause) {
  clause.kind = ClauseKind::kModifyColumn;
  ColumnDefinition column;
  cursor.acceptWord("COLUMN");
  if (!cursor.optionalIfExists(clause.if_exists) || !cursor.expectColumnName(clause.name) ||
      !parseColumnBody(cursor, column) || !parseColumnPlace(cursor, column)) {
    return false;
  }
  setColumn(clause, std::move(column));
  return true;
}

bool parseChange(TokenCursor& cursor, Clause& clause) {
  clause.kind = ClauseKind::kChangeColumn;
  ColumnDefinition column;
  cursor.acceptWord("COLUMN");
  if (!cursor.optionalIfExists(clause.if_exists) || !cursor.expectColumnName(clause.name) ||
      !cursor.expectColumnName(clause.new_name) || !parseColumnBody(cursor, column) ||
      !parseColumnPlace(cursor, column)) {
    return false;
  }
  setColumn(clause, std::move(column));
  return true;
}

bool parseDropNamed(TokenCursor& cursor, ClauseKind kind, std::string_view what, Clause& clause) {
  clause.kind = kind;
  return cursor.optionalIfExists(clause.if_exists) && cursor.expectName(clause.name, what);
}

bool parseDropColumn(TokenCursor& cursor, Clause& clause) {
  clause.kind = ClauseKind::kDropColumn;
  if (!cursor.optionalIfExists(clause.if_exists) || !cursor.expectColumnName(clause.name))
    return false;
  cursor.acceptAnyOf({"RESTRICT", "CASCADE"});
  clause.columns = {clause.name};
  return true;
}

bool parseDrop(TokenCursor& cursor, Clause& clause) {
  if (cursor.acceptAnyOf({"INDEX", "KEY"})) {
    return parseDropNamed(cursor, ClauseKind::kDropIndex, "index name", clause);
  }
  if (cursor.acceptWord("PRIMARY")) {
    clause.kind = ClauseKind::kDropPrimaryKey;
    clause.name = "PRIMARY";
    return cursor.expectWord("KEY");
  }
  if (cursor.acceptWord("FOREIGN")) {
    return cursor.expectWord("KEY") &&
           parseDropNamed(cursor, ClauseKind::kDropForeignKey, "constraint name", clause);
  }
  if (cursor.acceptWord("CHECK")) {
    return parseDropNamed(cursor, ClauseKind::kDropCheck, "constraint name", clause);
  }
  if (cursor.acceptWord("CONSTRAINT")) {
    return parseDropNamed(cursor, ClauseKind::kDropConstraint, "constraint name", clause);
  }
  if (cursor.acceptWords("SYSTEM", "VERSIONING")) {
    clause.keyword = "DROP SYSTEM VERSIONING";
    return true;
  }
  if (cursor.atWord("PERIOD") && (cursor.atWord("FOR", 1) || cursor.atWord("IF", 1))) {
    cursor.advance();
    clause.keyword = "DROP PERIOD";
    return cursor.optionalIfExists(clause.if_exists) && cursor.expectWord("FOR") &&
           cursor.expectName(clause.name, "period name");
  }
  cursor.acceptWord("COLUMN");
  return parseDropColumn(cursor, clause);
}

bool parseRenamePair(TokenCursor& cursor, ClauseKind kind, std::string_view what, Clause& clause) {
  clause.kind = kind;
  return cursor.optionalIfExists(clause.if_exists) && cursor.expectName(clause.name, what) &&
         cursor.expectWord("TO") && cursor.expectName(clause.new_name, what);
}

bool parseRename(TokenCursor& cursor, Clause& clause) {
  if (cursor.acceptWord("COLUMN")) {
    if (!parseRenamePair(cursor, ClauseKind::kRenameColumn, "column name", clause)) return false;
    clause.columns = {clause.name};
    return true;
  }
  if (cursor.acceptAnyOf({"INDEX", "KEY"})) {
    return parseRenamePair(cursor, ClauseKind::kRenameIndex, "index name", clause);
  }
  clause.kind = ClauseKind::kRenameTable;
  if (!cursor.acceptAnyOf({"TO", "AS"})) cursor.acceptSymbol("=");
  TableName& table = clause.referenced_table.emplace();
  if (!cursor.expectTableName(table)) return false;
  clause.new_name = table.table;
  return true;
}

bool parseAlterIndex(TokenCursor& cursor, Clause& clause) {
  clause.keyword = "ALTER INDEX";
  if (!cursor.optionalIfExists(clause.if_exists) || !cursor.expectName(clause.name, "index name"))
    return false;
  cursor.acceptWord("NOT");
  return cursor.acceptAnyOf({"VISIBLE", "INVISIBLE", "IGNORED"}) || cursor.fail();
}

bool parseAlterConstraint(TokenCursor& cursor, std::string_view keyword, Clause& clause) {
  clause.keyword = keyword;
  if (!cursor.expectName(clause.name, "constraint name")) return false;
  const bool may_be_skipped = cursor.peek().in_version_comment;
  clause.enforced = !cursor.acceptWord("NOT") || may_be_skipped;
  return cursor.expectWord("ENFORCED");
}

bool parseAlterColumn(TokenCursor& cursor, Clause& clause) {
  clause.keyword = "ALTER COLUMN";
  cursor.acceptWord("COLUMN");
  if (!cursor.optionalIfExists(clause.if_exists) || !cursor.expectColumnName(clause.name))
    return false;
  clause.columns = {clause.name};
  if (cursor.acceptWord("DROP")) {
    clause.drops_default = true;
    return cursor.expectWord("DEFAULT");
  }
  if (!cursor.expectWord("SET")) return false;
  if (cursor.acceptAnyOf({"VISIBLE", "INVISIBLE"})) return true;
  std::string value;
  return cursor.expectWord("DEFAULT") && parseDefaultValue(cursor, value);
}

bool parseAlter(TokenCursor& cursor, Clause& clause) {
  if (cursor.acceptAnyOf({"INDEX", "KEY"})) return parseAlterIndex(cursor, clause);
  if (cursor.acceptWord("CHECK")) return parseAlterConstraint(cursor, "ALTER CHECK", clause);
  if (cursor.acceptWord("CONSTRAINT")) {
    return parseAlterConstraint(cursor, "ALTER CONSTRAINT", clause);
  }
  return parseAlterColumn(cursor, clause);
}

bool parseConvert(TokenCursor& cursor, Clause& clause) {
  clause.kind = ClauseKind::kCharset;
  clause.keyword = "CONVERT TO CHARACTER SET";
  clause.converts = true;
  if (!cursor.expectWord("TO")) return false;
  if (!cursor.acceptWord("CHARSET")) {
    if (!cursor.acceptAnyOf({"CHARACTER", "CHAR"})) return cursor.fail();
    if (!cursor.expectWord("SET")) return false;
  }
  if (!cursor.acceptWord("DEFAULT") && !parseCharsetName(cursor, clause.name, "character set")) {
    return false;
  }
  clause.charset = clause.name;
  if (!cursor.acceptWord("COLLATE") || cursor.acceptWord("DEFAULT")) return true;
  if (!parseCharsetName(cursor, clause.collation, "collation")) return false;
  if (cursor.last().in_version_comment) clause.collation.clear();
  return true;
}

/// Everything after its comma belongs to the list: servers take no clause behind ORDER BY.
bool parseOrderBy(TokenCursor& cursor, Clause& clause) {
  clause.keyword = "ORDER BY";
  if (!cursor.expectWord("BY")) return false;
  do {
    if (!cursor.expectColumnName(clause.columns.emplace_back())) return false;
    cursor.acceptAnyOf({"ASC", "DESC"});
  } while (cursor.acceptSymbol(","));
  return true;
}

/// `ALGORITHM [=] value` and `LOCK [=] value`.
bool parseSetting(TokenCursor& cursor, std::string_view keyword,
                  const std::vector<std::string_view>& values, Clause& clause) {
  clause.keyword = keyword;
  cursor.acceptSymbol("=");
  return cursor.acceptAnyOf(values) || cursor.fail();
}

/// Two words that need nothing more.
bool acceptFixedForm(TokenCursor& cursor, Clause& clause) {
  constexpr std::pair<std::string_view, std::string_view> kForms[]{
      {"DISABLE", "KEYS"},        {"ENABLE", "KEYS"},     {"DISCARD", "TABLESPACE"},
      {"IMPORT", "TABLESPACE"},   {"WITH", "VALIDATION"}, {"WITHOUT", "VALIDATION"},
      {"UPGRADE", "PARTITIONING"}};
  for (const auto& [first, second] : kForms) {
    if (cursor.acceptWords(first, second)) {
      clause.keyword = std::string{first} + " " + std::string{second};
      return true;
    }
  }
  for (std::string_view word : {"FORCE", "SECONDARY_LOAD", "SECONDARY_UNLOAD"}) {
    if (cursor.acceptWord(word)) {
      clause.keyword = word;
      return true;
    }
  }
  return false;
}

bool parseSingle(TokenCursor& cursor, Clause& clause) {
  if (cursor.acceptWord("MODIFY")) return parseModify(cursor, clause);
  if (cursor.acceptWord("CHANGE")) return parseChange(cursor, clause);
  if (cursor.acceptWord("DROP")) return parseDrop(cursor, clause);
  if (cursor.acceptWord("RENAME")) return parseRename(cursor, clause);
  if (cursor.acceptWord("ALTER")) return parseAlter(cursor, clause);
  if (cursor.acceptWord("CONVERT")) return parseConvert(cursor, clause);
  if (cursor.acceptWord("ORDER")) return parseOrderBy(cursor, clause);
  if (cursor.acceptWord("ALGORITHM")) {
    return parseSetting(cursor, "ALGORITHM", {"DEFAULT", "INSTANT", "INPLACE", "COPY", "NOCOPY"},
                        clause);
  }
  if (cursor.acceptWord("LOCK")) {
    return parseSetting(cursor, "LOCK", {"DEFAULT", "NONE", "SHARED", "EXCLUSIVE"}, clause);
  }
  return acceptFixedForm(cursor, clause) || cursor.fail();
}

}  // namespace

bool parseAlteration(TokenCursor& cursor, std::vector<Clause>& clauses) {
  Clause clause;
  clause.start = cursor.peek().offset;
  if (cursor.acceptWord("ADD")) return parseAdd(cursor, std::move(clause), clauses);
  if (!parseSingle(cursor, clause)) return false;
  clause.end = cursor.lastEnd();
  clauses.push_back(std::move(clause));
  return true;
}

}  // namespace oscar::ddl
