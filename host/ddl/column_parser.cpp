#include "ddl/column_parser.hpp"

#include "ddl/type_parser.hpp"

#include <string>
#include <utility>
#include <vector>

namespace oscar::ddl {
namespace {

/// What trying to read one attribute came to.
enum class Attempt { kAbsent = 1, kRead, kFailed };

Attempt attempt(bool read) {
  return read ? Attempt::kRead : Attempt::kFailed;
}

bool isNowFunction(const TokenCursor& cursor) {
  return cursor.atWord("CURRENT_TIMESTAMP") || cursor.atWord("NOW") || cursor.atWord("LOCALTIME") ||
         cursor.atWord("LOCALTIMESTAMP");
}

/// CURRENT_TIMESTAMP, NOW() and their synonyms, with optional fraction digits.
bool parseNow(TokenCursor& cursor) {
  const bool is_now = cursor.atWord("NOW");
  cursor.note("CURRENT_TIMESTAMP");
  if (!isNowFunction(cursor)) return cursor.fail();
  cursor.advance();
  if (!cursor.acceptSymbol("(")) return !is_now || cursor.fail();
  std::string digits;
  if (!cursor.atSymbol(")") && !cursor.expectInteger(digits)) return false;
  return cursor.expectSymbol(")");
}

bool isLiteral(TokenKind kind) {
  return kind == TokenKind::kInteger || kind == TokenKind::kDecimal || kind == TokenKind::kString ||
         kind == TokenKind::kBitsOrHex;
}

/// A string may be written in pieces: 'a' 'b'.
void acceptLiteral(TokenCursor& cursor) {
  const bool string = cursor.peek().kind == TokenKind::kString;
  cursor.advance();
  while (string && cursor.peek().kind == TokenKind::kString) cursor.advance();
}

/// `_utf8mb4'..'` and `DATE '..'`: a word that belongs to the literal behind it.
bool atLiteralPrefix(const TokenCursor& cursor) {
  const Token& word = cursor.peek();
  const TokenKind next = cursor.peek(1).kind;
  if (word.kind != TokenKind::kWord) return false;
  if (cursor.lexeme(word).front() == '_') {
    return next == TokenKind::kString || next == TokenKind::kBitsOrHex;
  }
  return next == TokenKind::kString &&
         (cursor.atWord("DATE") || cursor.atWord("TIME") || cursor.atWord("TIMESTAMP"));
}

/// NULL, TRUE, CURRENT_DATE and so on: words that are a value though they are reserved.
bool acceptValueWord(TokenCursor& cursor) {
  return cursor.acceptAnyOf({"NULL", "TRUE", "FALSE", "CURRENT_DATE", "CURRENT_TIME", "UTC_DATE",
                             "UTC_TIME", "UTC_TIMESTAMP", "CURRENT_USER", "CURRENT_ROLE"});
}

bool acceptReservedFunctionName(TokenCursor& cursor) {
  return cursor.acceptAnyOf({"CHAR", "IF", "LEFT", "RIGHT", "REPLACE", "REPEAT", "INSERT", "MOD",
                             "CONVERT", "INTERVAL", "VALUES"});
}

bool parseCallArguments(TokenCursor& cursor) {
  std::string_view inside;
  if (cursor.atSymbol("(") && cursor.atSymbol(")", 1)) {
    cursor.advance();
    cursor.advance();
    return true;
  }
  return cursor.expectParenthesized(inside, "expression");
}

/// A function call or, in MariaDB, another column's name: `UUID()`, `nextval(db.seq)`, `a`.
bool parseCallOrColumn(TokenCursor& cursor) {
  if (cursor.acceptWords("NEXT", "VALUE") || cursor.acceptWords("PREVIOUS", "VALUE")) {
    TableName sequence;
    return cursor.expectWord("FOR") && cursor.expectTableName(sequence);
  }
  if (acceptValueWord(cursor)) return !cursor.atSymbol("(") || parseCallArguments(cursor);
  if (acceptReservedFunctionName(cursor)) return parseCallArguments(cursor);
  cursor.note("default value");
  std::string name;
  if (!cursor.expectColumnName(name)) return false;
  return !cursor.atSymbol("(") || parseCallArguments(cursor);
}

bool parseUnspannedDefault(TokenCursor& cursor) {
  cursor.note("default value");
  std::string_view inside;
  if (cursor.atSymbol("(")) return cursor.expectParenthesized(inside, "expression");
  if (isNowFunction(cursor)) return parseNow(cursor);
  if (cursor.acceptSymbol("-") || cursor.acceptSymbol("+")) {
    const TokenKind kind = cursor.peek().kind;
    cursor.note("number");
    if (kind != TokenKind::kInteger && kind != TokenKind::kDecimal) return cursor.fail();
  } else if (atLiteralPrefix(cursor)) {
    cursor.advance();
  }
  if (!isLiteral(cursor.peek().kind)) return parseCallOrColumn(cursor);
  acceptLiteral(cursor);
  return true;
}

bool parseReferenceAction(TokenCursor& cursor) {
  if (cursor.acceptAnyOf({"RESTRICT", "CASCADE"})) return true;
  if (cursor.acceptWord("NO")) return cursor.expectWord("ACTION");
  if (!cursor.acceptWord("SET")) return cursor.fail();
  return cursor.acceptAnyOf({"NULL", "DEFAULT"}) || cursor.fail();
}

bool parseInlineCheck(TokenCursor& cursor, ColumnDefinition& column) {
  std::string_view expression;
  if (!cursor.expectParenthesized(expression, "expression")) return false;
  InlineCheck& check = column.checks.emplace_back();
  check.expression = expression;
  check.enforced = readEnforced(cursor);
  return true;
}

/// What follows AS: an expression, or MariaDB's ROW START and ROW END.
bool parseGenerated(TokenCursor& cursor, ColumnDefinition& column) {
  column.generated = true;
  if (cursor.acceptWord("ROW")) return cursor.acceptAnyOf({"START", "END"}) || cursor.fail();
  std::string_view expression;
  if (!cursor.expectParenthesized(expression, "expression")) return false;
  column.generated_expression = expression;
  column.stored = cursor.acceptAnyOf({"STORED", "PERSISTENT"});
  if (!column.stored) cursor.acceptWord("VIRTUAL");
  return true;
}

Attempt parseNullability(TokenCursor& cursor, ColumnDefinition& column) {
  if (cursor.acceptWords("NOT", "SECONDARY")) return Attempt::kRead;
  if (cursor.acceptWord("NOT")) {
    column.nullable = false;
    return attempt(cursor.expectWord("NULL"));
  }
  return cursor.acceptWord("NULL") ? Attempt::kRead : Attempt::kAbsent;
}

Attempt parseValues(TokenCursor& cursor, ColumnDefinition& column) {
  if (cursor.acceptWord("DEFAULT")) {
    return attempt(parseDefaultValue(cursor, column.default_text.emplace()));
  }
  if (cursor.acceptWord("ON")) {
    if (!cursor.expectWord("UPDATE")) return Attempt::kFailed;
    const std::size_t start = cursor.peek().offset;
    if (!parseNow(cursor)) return Attempt::kFailed;
    column.on_update_text = cursor.text().substr(start, cursor.lastEnd() - start);
    return Attempt::kRead;
  }
  if (cursor.acceptWord("AUTO_INCREMENT")) {
    column.auto_increment = true;
    return Attempt::kRead;
  }
  if (cursor.acceptWord("GENERATED")) {
    return attempt(cursor.expectWord("ALWAYS") && cursor.expectWord("AS") &&
                   parseGenerated(cursor, column));
  }
  if (cursor.acceptWord("AS")) return attempt(parseGenerated(cursor, column));
  return Attempt::kAbsent;
}

Attempt parseKeys(TokenCursor& cursor, ColumnDefinition& column) {
  if (cursor.acceptWord("SERIAL")) {
    column.auto_increment = column.unique_key = true;
    column.nullable = false;
    return attempt(cursor.expectWord("DEFAULT") && cursor.expectWord("VALUE"));
  }
  const bool primary = cursor.acceptWord("PRIMARY");
  if (primary || cursor.atWord("KEY")) {
    column.primary_key = true;
    column.nullable = false;
    return attempt(cursor.expectWord("KEY"));
  }
  if (cursor.acceptWord("UNIQUE")) {
    cursor.acceptWord("KEY");
    column.unique_key = true;
    return Attempt::kRead;
  }
  return Attempt::kAbsent;
}

Attempt parseConstraints(TokenCursor& cursor, ColumnDefinition& column) {
  if (cursor.acceptWord("CONSTRAINT")) {
    std::string name;
    if (!cursor.atWord("CHECK") && !cursor.expectName(name, "constraint name")) {
      return Attempt::kFailed;
    }
    return attempt(cursor.expectWord("CHECK") && parseInlineCheck(cursor, column));
  }
  if (cursor.acceptWord("CHECK")) return attempt(parseInlineCheck(cursor, column));
  if (cursor.acceptWord("REFERENCES")) {
    std::vector<std::string> ignored;
    return attempt(parseReferences(cursor, column.referenced_table.emplace(), ignored));
  }
  return Attempt::kAbsent;
}

Attempt parseStorage(TokenCursor& cursor, ColumnDefinition& column) {
  std::string ignored;
  if (cursor.acceptWord("COMMENT")) return attempt(cursor.expectString(column.comment));
  if (cursor.acceptWord("COLLATE")) {
    return attempt(parseCharsetName(cursor, column.collation, "collation"));
  }
  if (cursor.acceptWord("COLUMN_FORMAT")) {
    return attempt(cursor.acceptAnyOf({"FIXED", "DYNAMIC", "DEFAULT"}) || cursor.fail());
  }
  if (cursor.acceptWord("STORAGE")) {
    return attempt(cursor.acceptAnyOf({"DISK", "MEMORY", "DEFAULT"}) || cursor.fail());
  }
  if (cursor.acceptWord("INVISIBLE")) {
    column.invisible = true;
    return Attempt::kRead;
  }
  if (cursor.acceptWord("VISIBLE")) return Attempt::kRead;
  if (cursor.acceptAnyOf({"ENGINE_ATTRIBUTE", "SECONDARY_ENGINE_ATTRIBUTE"})) {
    cursor.acceptSymbol("=");
    return attempt(cursor.expectString(ignored));
  }
  if (cursor.acceptWord("SRID")) return attempt(cursor.expectInteger(ignored));
  return Attempt::kAbsent;
}

Attempt parseMariaDbAttribute(TokenCursor& cursor) {
  std::string ignored;
  if (cursor.acceptWord("COMPRESSED")) {
    if (!cursor.acceptSymbol("=")) return Attempt::kRead;
    return attempt(cursor.expectNameOrString(ignored, "compression method"));
  }
  if (cursor.acceptWord("REF_SYSTEM_ID")) {
    return attempt(cursor.expectSymbol("=") && cursor.expectInteger(ignored));
  }
  const bool versioning_follows = cursor.atWord("SYSTEM", 1) && cursor.atWord("VERSIONING", 2);
  if (versioning_follows && cursor.acceptAnyOf({"WITH", "WITHOUT"})) {
    return attempt(cursor.expectWord("SYSTEM") && cursor.expectWord("VERSIONING"));
  }
  return Attempt::kAbsent;
}

Attempt parseAttribute(TokenCursor& cursor, ColumnDefinition& column) {
  Attempt result = parseNullability(cursor, column);
  if (result == Attempt::kAbsent) result = parseValues(cursor, column);
  if (result == Attempt::kAbsent) result = parseKeys(cursor, column);
  if (result == Attempt::kAbsent) result = parseConstraints(cursor, column);
  if (result == Attempt::kAbsent) result = parseStorage(cursor, column);
  if (result == Attempt::kAbsent) result = parseMariaDbAttribute(cursor);
  return result;
}

}  // namespace

bool parseDefaultValue(TokenCursor& cursor, std::string& value) {
  const std::size_t start = cursor.peek().offset;
  if (!parseUnspannedDefault(cursor)) return false;
  value = cursor.text().substr(start, cursor.lastEnd() - start);
  return true;
}

bool readEnforced(TokenCursor& cursor) {
  const bool may_be_skipped = cursor.peek().in_version_comment || cursor.peek(1).in_version_comment;
  if (cursor.acceptWords("NOT", "ENFORCED")) return may_be_skipped;
  cursor.acceptWord("ENFORCED");
  return true;
}

bool parseReferences(TokenCursor& cursor, TableName& table, std::vector<std::string>& columns) {
  if (!cursor.expectTableName(table)) return false;
  if (cursor.atSymbol("(") && !cursor.expectNameList(columns, "column name")) return false;
  if (cursor.acceptWord("MATCH") && !cursor.acceptAnyOf({"FULL", "PARTIAL", "SIMPLE"})) {
    return cursor.fail();
  }
  while (cursor.acceptWord("ON")) {
    if (!cursor.acceptAnyOf({"DELETE", "UPDATE"})) return cursor.fail();
    if (!parseReferenceAction(cursor)) return false;
  }
  return true;
}

bool parseColumnBody(TokenCursor& cursor, ColumnDefinition& column) {
  if (!parseDataType(cursor, column)) return false;
  Attempt result = Attempt::kRead;
  while (result == Attempt::kRead) result = parseAttribute(cursor, column);
  return result == Attempt::kAbsent;
}

bool parseColumnPlace(TokenCursor& cursor, ColumnDefinition& column) {
  if (cursor.acceptWord("FIRST")) {
    column.first = true;
    return true;
  }
  return !cursor.acceptWord("AFTER") || cursor.expectName(column.after, "column name");
}

Result<ColumnDefinition, ParseError> parseColumnDefinition(std::string_view text) {
  Result<std::vector<Token>, LexError> tokens = tokenize(text);
  if (!tokens) return errorAt(text, tokens.error().offset, tokens.error().reason);
  TokenCursor cursor{text, std::move(tokens).value()};
  ColumnDefinition column;
  if (!parseColumnBody(cursor, column)) return cursor.error();
  if (cursor.peek().kind != TokenKind::kEnd) {
    cursor.note("end of text");
    cursor.fail();
    return cursor.error();
  }
  return column;
}

}  // namespace oscar::ddl
