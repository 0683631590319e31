#include "ddl/table_option_parser.hpp"

#include "ddl/type_parser.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace oscar::ddl {
namespace {

enum class Value {
  kNone = 1,
  kInteger,
  kString,
  kName,     ///< a name or a string
  kAny,      ///< number, string, name, or one of the words DEFAULT, ON and NULL
  kTables,   ///< `(t1, t2)`, possibly empty
  kCharset,  ///< a name or DEFAULT
  kStorage   ///< DISK or MEMORY
};

struct Option {
  std::string_view first;
  std::string_view second;  ///< empty for options of one word
  Value value;
};

constexpr std::array<Option, 51> kOptions{{
    {"ENGINE", "", Value::kName},
    {"AUTO_INCREMENT", "", Value::kInteger},
    {"COMMENT", "", Value::kString},
    {"CHARACTER", "SET", Value::kCharset},
    {"CHAR", "SET", Value::kCharset},
    {"CHARSET", "", Value::kCharset},
    {"COLLATE", "", Value::kCharset},
    {"ROW_FORMAT", "", Value::kAny},
    {"AUTOEXTEND_SIZE", "", Value::kAny},
    {"AVG_ROW_LENGTH", "", Value::kInteger},
    {"CHECKSUM", "", Value::kInteger},
    {"TABLE_CHECKSUM", "", Value::kInteger},
    {"COMPRESSION", "", Value::kString},
    {"CONNECTION", "", Value::kString},
    {"DATA", "DIRECTORY", Value::kString},
    {"INDEX", "DIRECTORY", Value::kString},
    {"DELAY_KEY_WRITE", "", Value::kInteger},
    {"ENCRYPTION", "", Value::kString},
    {"ENGINE_ATTRIBUTE", "", Value::kString},
    {"INSERT_METHOD", "", Value::kName},
    {"KEY_BLOCK_SIZE", "", Value::kInteger},
    {"MAX_ROWS", "", Value::kInteger},
    {"MIN_ROWS", "", Value::kInteger},
    {"PACK_KEYS", "", Value::kAny},
    {"PASSWORD", "", Value::kString},
    {"SECONDARY_ENGINE", "", Value::kAny},
    {"SECONDARY_ENGINE_ATTRIBUTE", "", Value::kString},
    {"STATS_AUTO_RECALC", "", Value::kAny},
    {"STATS_PERSISTENT", "", Value::kAny},
    {"STATS_SAMPLE_PAGES", "", Value::kAny},
    {"STORAGE", "ENGINE", Value::kName},
    {"STORAGE", "", Value::kStorage},
    {"TABLESPACE", "", Value::kName},
    {"UNION", "", Value::kTables},
    {"START", "TRANSACTION", Value::kNone},
    // MariaDB
    {"ENCRYPTED", "", Value::kAny},
    {"ENCRYPTION_KEY_ID", "", Value::kAny},
    {"IETF_QUOTES", "", Value::kAny},
    {"PAGE_CHECKSUM", "", Value::kInteger},
    {"PAGE_COMPRESSED", "", Value::kAny},
    {"PAGE_COMPRESSION_LEVEL", "", Value::kAny},
    {"SEQUENCE", "", Value::kAny},
    {"TRANSACTIONAL", "", Value::kInteger},
    {"COMPRESSION_ALGORITHM", "", Value::kAny},
    {"S3_BLOCK_SIZE", "", Value::kAny},
    {"REMOTE_DATABASE", "", Value::kAny},
    {"REMOTE_SERVER", "", Value::kAny},
    {"REMOTE_TABLE", "", Value::kAny},
    {"TABLE_TYPE", "", Value::kAny},
    {"FILE_NAME", "", Value::kAny},
    {"OPTION_LIST", "", Value::kAny},
}};

bool matches(const TokenCursor& cursor, const Option& option, std::size_t ahead) {
  return cursor.atWord(option.first, ahead) &&
         (option.second.empty() || cursor.atWord(option.second, ahead + 1));
}

/// DEFAULT may stand before the character set and the collation only.
const Option* optionAt(const TokenCursor& cursor) {
  const std::size_t ahead = cursor.atWord("DEFAULT") ? 1 : 0;
  const auto option = std::find_if(kOptions.begin(), kOptions.end(), [&](const Option& candidate) {
    return matches(cursor, candidate, ahead) && (ahead == 0 || candidate.value == Value::kCharset);
  });
  return option == kOptions.end() ? nullptr : &*option;
}

bool atSystemVersioning(const TokenCursor& cursor) {
  return cursor.atWord("WITH") && cursor.atWord("SYSTEM", 1) && cursor.atWord("VERSIONING", 2);
}

bool parseTables(TokenCursor& cursor) {
  TableName table;
  if (!cursor.expectSymbol("(")) return false;
  if (cursor.acceptSymbol(")")) return true;
  do {
    if (!cursor.expectTableName(table)) return false;
  } while (cursor.acceptSymbol(","));
  return cursor.expectSymbol(")");
}

bool parseInteger(TokenCursor& cursor, std::string& value) {
  if (cursor.peek().kind != TokenKind::kBitsOrHex) return cursor.expectInteger(value);
  value = cursor.lexeme(cursor.peek());
  cursor.advance();
  return true;
}

bool parseAny(TokenCursor& cursor, std::string& value) {
  const TokenKind kind = cursor.peek().kind;
  cursor.note("number");
  if (kind == TokenKind::kInteger || kind == TokenKind::kBitsOrHex) {
    return parseInteger(cursor, value);
  }
  if (cursor.acceptAnyOf({"DEFAULT", "ON", "NULL"})) {
    value = cursor.lexeme(cursor.last());
    return true;
  }
  return cursor.expectNameOrString(value, "value");
}

bool parseCharset(TokenCursor& cursor, bool collation, std::string& value) {
  if (cursor.acceptWord("DEFAULT")) return true;
  return parseCharsetName(cursor, value, collation ? "collation" : "character set");
}

bool parseValue(TokenCursor& cursor, const Option& option, std::string& value) {
  switch (option.value) {
    case Value::kNone:
      return true;
    case Value::kInteger:
      return parseInteger(cursor, value);
    case Value::kString:
      return cursor.expectString(value);
    case Value::kName:
      return cursor.expectNameOrString(value, "name");
    case Value::kAny:
      return parseAny(cursor, value);
    case Value::kTables:
      return parseTables(cursor);
    case Value::kCharset:
      return parseCharset(cursor, option.first == "COLLATE", value);
    case Value::kStorage:
      return cursor.acceptAnyOf({"DISK", "MEMORY"}) || cursor.fail();
  }
  return false;
}

ClauseKind kindOf(const Option& option) {
  if (option.first == "ENGINE" || option.second == "ENGINE") return ClauseKind::kEngine;
  if (option.first == "AUTO_INCREMENT") return ClauseKind::kAutoIncrement;
  if (option.first == "COMMENT") return ClauseKind::kComment;
  return option.value == Value::kCharset ? ClauseKind::kCharset : ClauseKind::kOther;
}

}  // namespace

bool atTableOption(TokenCursor& cursor) {
  for (const Option& option : kOptions) cursor.note(option.first);
  cursor.note("DEFAULT");
  return optionAt(cursor) != nullptr || atSystemVersioning(cursor);
}

bool parseTableOption(TokenCursor& cursor, Clause& clause) {
  if (atSystemVersioning(cursor)) {
    for (int words = 0; words < 3; ++words) cursor.advance();
    clause.keyword = "WITH SYSTEM VERSIONING";
    return true;
  }
  const Option& option = *optionAt(cursor);
  cursor.acceptWord("DEFAULT");
  cursor.advance();
  if (!option.second.empty()) cursor.advance();
  clause.kind = kindOf(option);
  clause.keyword = option.first;
  if (!option.second.empty()) clause.keyword += " " + std::string{option.second};
  if (option.value != Value::kNone && option.value != Value::kStorage) cursor.acceptSymbol("=");
  std::string value;
  if (!parseValue(cursor, option, value)) return false;
  if (clause.kind == ClauseKind::kCharset && !cursor.last().in_version_comment) {
    (option.first == "COLLATE" ? clause.collation : clause.charset) = value;
  }
  // A comment is no name, and the other options have none that an interface shows.
  if (clause.kind != ClauseKind::kComment && clause.kind != ClauseKind::kOther) clause.name = value;
  if (option.first == "TABLESPACE" && cursor.acceptWord("STORAGE")) {
    return cursor.acceptAnyOf({"DISK", "MEMORY"}) || cursor.fail();
  }
  return true;
}

}  // namespace oscar::ddl
