#include "ddl/index_parser.hpp"

#include "ddl/column_parser.hpp"

#include <algorithm>
#include <charconv>
#include <string>

namespace oscar::ddl {
namespace {

bool atIndexType(const TokenCursor& cursor) {
  if (cursor.atWord("USING")) return true;
  // TYPE is a synonym of USING, but also a likely index name.
  return cursor.atWord("TYPE") &&
         (cursor.atWord("BTREE", 1) || cursor.atWord("HASH", 1) || cursor.atWord("RTREE", 1));
}

bool parseIndexType(TokenCursor& cursor) {
  cursor.advance();
  return cursor.acceptAnyOf({"BTREE", "HASH", "RTREE"}) || cursor.fail();
}

bool parseOptionValue(TokenCursor& cursor, bool number) {
  std::string ignored;
  cursor.acceptSymbol("=");
  return number ? cursor.expectInteger(ignored) : cursor.expectNameOrString(ignored, "value");
}

bool parseIndexOptions(TokenCursor& cursor) {
  std::string ignored;
  while (true) {
    bool read = true;
    if (atIndexType(cursor)) {
      read = parseIndexType(cursor);
    } else if (cursor.acceptWord("COMMENT")) {
      read = cursor.expectString(ignored);
    } else if (cursor.acceptAnyOf({"KEY_BLOCK_SIZE", "M"})) {
      read = parseOptionValue(cursor, true);
    } else if (cursor.acceptAnyOf(
                   {"ENGINE_ATTRIBUTE", "SECONDARY_ENGINE_ATTRIBUTE", "CLUSTERING", "DISTANCE"})) {
      read = parseOptionValue(cursor, false);
    } else if (cursor.acceptWords("WITH", "PARSER")) {
      read = cursor.expectName(ignored, "parser name");
    } else if (!cursor.acceptAnyOf({"VISIBLE", "INVISIBLE", "IGNORED"}) &&
               !cursor.acceptWords("NOT", "IGNORED")) {
      cursor.note("USING");
      return true;
    }
    if (!read) return false;
  }
}

bool parsePrefixLength(TokenCursor& cursor, KeyPart& part) {
  std::string digits;
  if (!cursor.expectInteger(digits)) return false;
  std::int64_t length = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), length);
  part.prefix_length = length;
  return cursor.expectSymbol(")");
}

bool parseKeyPart(TokenCursor& cursor, Clause& clause) {
  KeyPart part;
  if (cursor.atSymbol("(")) {
    std::string_view expression;
    if (!cursor.expectParenthesized(expression, "expression")) return false;
    part.expression = expression;
  } else {
    if (!cursor.expectName(part.column, "column name")) return false;
    if (cursor.acceptWords("WITHOUT", "OVERLAPS")) return true;  // that was a period, no column
    if (cursor.acceptSymbol("(") && !parsePrefixLength(cursor, part)) return false;
    clause.columns.push_back(part.column);
  }
  clause.key_parts.push_back(std::move(part));
  cursor.acceptAnyOf({"ASC", "DESC"});
  return true;
}

bool parseKeyParts(TokenCursor& cursor, Clause& clause) {
  if (!cursor.expectSymbol("(")) return false;
  do {
    if (!parseKeyPart(cursor, clause)) return false;
  } while (cursor.acceptSymbol(","));
  return cursor.expectSymbol(")");
}

/// `[IF NOT EXISTS] [name] [USING type]`, all of it optional.
bool parseIndexName(TokenCursor& cursor, bool& if_not_exists, std::string& name) {
  if (!cursor.optionalIfNotExists(if_not_exists)) return false;
  cursor.note("(");
  if (!cursor.atSymbol("(") && !atIndexType(cursor) && !cursor.expectName(name, "index name")) {
    return false;
  }
  return !atIndexType(cursor) || parseIndexType(cursor);
}

bool parseIndex(TokenCursor& cursor, Clause& clause) {
  clause.kind = ClauseKind::kAddIndex;
  std::string name;
  if (!parseIndexName(cursor, clause.if_exists, name)) return false;
  if (!name.empty()) clause.name = name;
  return parseKeyParts(cursor, clause) && parseIndexOptions(cursor);
}

bool parsePrimaryKey(TokenCursor& cursor, Clause& clause) {
  if (!cursor.expectWord("KEY") || !parseIndex(cursor, clause)) return false;
  clause.kind = ClauseKind::kAddPrimaryKey;
  clause.name = "PRIMARY";  // the server ignores any other name
  clause.unique = true;
  return true;
}

bool parseForeignKey(TokenCursor& cursor, Clause& clause) {
  clause.kind = ClauseKind::kAddForeignKey;
  if (!cursor.expectWord("KEY") || !cursor.optionalIfNotExists(clause.if_exists)) return false;
  std::string index_name;
  cursor.note("(");
  if (!cursor.atSymbol("(") && !cursor.expectName(index_name, "index name")) return false;
  if (clause.name.empty()) clause.name = index_name;
  return parseKeyParts(cursor, clause) && cursor.expectWord("REFERENCES") &&
         parseReferences(cursor, clause.referenced_table.emplace(), clause.referenced_columns);
}

bool parseCheck(TokenCursor& cursor, Clause& clause) {
  clause.kind = ClauseKind::kAddCheck;
  std::string_view expression;
  if (!cursor.expectParenthesized(expression, "expression")) return false;
  clause.enforced = readEnforced(cursor);
  return true;
}

bool parsePeriod(TokenCursor& cursor, Clause& clause) {
  clause.keyword = "ADD PERIOD";
  return cursor.optionalIfNotExists(clause.if_exists) && cursor.expectWord("FOR") &&
         cursor.expectName(clause.name, "period name") &&
         cursor.expectNameList(clause.columns, "column name");
}

bool parseConstraint(TokenCursor& cursor, Clause& clause) {
  if (!cursor.optionalIfNotExists(clause.if_exists)) return false;
  const auto at_kind = [&cursor] {
    return cursor.acceptAnyOf({"PRIMARY", "UNIQUE", "FOREIGN", "CHECK"});
  };
  if (!at_kind() && (!cursor.expectName(clause.name, "constraint name") || !at_kind())) {
    return cursor.failed() ? false : cursor.fail();
  }
  const std::string_view kind = cursor.lexeme(cursor.last());
  if (equalsIgnoreCase(kind, "PRIMARY")) return parsePrimaryKey(cursor, clause);
  if (equalsIgnoreCase(kind, "FOREIGN")) return parseForeignKey(cursor, clause);
  if (equalsIgnoreCase(kind, "CHECK")) return parseCheck(cursor, clause);
  cursor.acceptAnyOf({"INDEX", "KEY"});
  clause.unique = true;
  return parseIndex(cursor, clause);
}

bool atVectorIndex(const TokenCursor& cursor) {
  return cursor.atWord("VECTOR") && (cursor.atWord("INDEX", 1) || cursor.atWord("KEY", 1));
}

bool atPeriod(const TokenCursor& cursor) {
  return cursor.atWord("PERIOD") && (cursor.atWord("FOR", 1) || cursor.atWord("IF", 1));
}

}  // namespace

bool atIndexOrConstraint(TokenCursor& cursor) {
  bool found = atVectorIndex(cursor) || atPeriod(cursor);
  for (const char* word : {"INDEX", "KEY", "UNIQUE", "PRIMARY", "FULLTEXT", "SPATIAL", "FOREIGN",
                           "CHECK", "CONSTRAINT"}) {
    cursor.note(word);
    found = found || cursor.atWord(word);
  }
  return found;
}

bool parseIndexOrConstraint(TokenCursor& cursor, Clause& clause) {
  if (cursor.acceptWord("CONSTRAINT")) return parseConstraint(cursor, clause);
  if (cursor.acceptWord("PRIMARY")) return parsePrimaryKey(cursor, clause);
  if (cursor.acceptWord("FOREIGN")) return parseForeignKey(cursor, clause);
  if (cursor.acceptWord("CHECK")) return parseCheck(cursor, clause);
  if (cursor.acceptWord("PERIOD")) return parsePeriod(cursor, clause);
  clause.unique = cursor.acceptWord("UNIQUE");
  if (!clause.unique) cursor.acceptAnyOf({"FULLTEXT", "SPATIAL", "VECTOR"});
  cursor.acceptAnyOf({"INDEX", "KEY"});
  return parseIndex(cursor, clause);
}

}  // namespace oscar::ddl
