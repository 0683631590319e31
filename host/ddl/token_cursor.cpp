#include "ddl/token_cursor.hpp"

#include "ddl/reserved_words.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace oscar::ddl {
namespace {

constexpr std::size_t kLongestName = 64;  // characters, MySQL "Identifier Length Limits"

bool equalsKeyword(std::string_view written, std::string_view keyword) {
  return written.size() == keyword.size() && equalsIgnoreCase(written, keyword);
}

/// An expression cannot end with these; they are reserved, so they are no column names either.
bool isBinaryOperator(const Token& token, std::string_view lexeme) {
  if (token.kind == TokenKind::kSymbol) {
    constexpr std::string_view kSingle = "+-*/%=<>&|^!~,.";
    return lexeme.size() > 1 || kSingle.find(lexeme) != std::string_view::npos;
  }
  if (token.kind != TokenKind::kWord) return false;
  constexpr std::array<std::string_view, 7> kWords{"AND", "OR", "XOR", "NOT", "LIKE", "DIV", "IS"};
  return std::any_of(kWords.begin(), kWords.end(),
                     [lexeme](std::string_view word) { return equalsKeyword(lexeme, word); });
}

}  // namespace

TokenCursor::TokenCursor(std::string_view text, std::vector<Token> tokens)
    : text_{text}, tokens_{std::move(tokens)} {}

const Token& TokenCursor::peek(std::size_t ahead) const {
  return tokens_[std::min(position_ + ahead, tokens_.size() - 1)];
}

std::string_view TokenCursor::lexeme(const Token& token) const {
  return text_.substr(token.offset, token.length);
}

bool TokenCursor::atWord(std::string_view keyword, std::size_t ahead) const {
  const Token& token = peek(ahead);
  return token.kind == TokenKind::kWord && equalsKeyword(lexeme(token), keyword);
}

bool TokenCursor::atSymbol(std::string_view symbol, std::size_t ahead) const {
  const Token& token = peek(ahead);
  return token.kind == TokenKind::kSymbol && lexeme(token) == symbol;
}

bool TokenCursor::atStatementEnd() const {
  return peek().kind == TokenKind::kEnd || atSymbol(";");
}

void TokenCursor::advance() {
  if (position_ + 1 < tokens_.size()) ++position_;
}

bool TokenCursor::acceptWord(std::string_view keyword) {
  note(keyword);
  if (!atWord(keyword)) return false;
  advance();
  return true;
}

bool TokenCursor::acceptSymbol(std::string_view symbol) {
  note(symbol);
  if (!atSymbol(symbol)) return false;
  advance();
  return true;
}

bool TokenCursor::acceptWords(std::string_view first, std::string_view second) {
  note(first);
  if (!atWord(first) || !atWord(second, 1)) return false;
  advance();
  advance();
  return true;
}

bool TokenCursor::acceptAnyOf(const std::vector<std::string_view>& keywords) {
  return std::any_of(keywords.begin(), keywords.end(),
                     [this](std::string_view keyword) { return acceptWord(keyword); });
}

bool TokenCursor::optionalIfExists(bool& found) {
  if (!acceptWord("IF")) return true;
  found = true;
  return expectWord("EXISTS");
}

bool TokenCursor::optionalIfNotExists(bool& found) {
  if (!acceptWord("IF")) return true;
  found = true;
  return expectWord("NOT") && expectWord("EXISTS");
}

bool TokenCursor::expectWord(std::string_view keyword) {
  return acceptWord(keyword) || fail();
}

bool TokenCursor::expectSymbol(std::string_view symbol) {
  return acceptSymbol(symbol) || fail();
}

bool TokenCursor::isNameAt(std::size_t ahead) const {
  const Token& token = peek(ahead);
  return token.kind == TokenKind::kQuotedName ||
         (token.kind == TokenKind::kWord && !isReservedWord(lexeme(token)));
}

bool TokenCursor::checkName(const Token& token, const std::string& name) {
  if (name.empty()) {
    return fail(token.offset,
                Text{"名称不能为空，请填写名称。", "The name is empty; write a name."});
  }
  if (codePoints(name) > kLongestName) {
    return fail(token.offset, Text{"名称超过 64 个字符，请缩短。",
                                   "The name is longer than 64 characters; shorten it."});
  }
  if (name.back() == ' ') {
    return fail(token.offset, Text{"名称不能以空格结尾，请去掉空格。",
                                   "A name cannot end with a space; remove the space."});
  }
  return true;
}

bool TokenCursor::expectName(std::string& name, std::string_view what) {
  note(what);
  const Token& token = peek();
  if (!isNameAt(0)) {
    if (token.kind != TokenKind::kWord) return fail();
    error_ = reservedWordAt(text_, token.offset, lexeme(token), what, noted_);
    return false;
  }
  name = nameOf(text_, token);
  if (!checkName(token, name)) return false;
  advance();
  return true;
}

bool TokenCursor::expectNameOrString(std::string& value, std::string_view what) {
  note(what);
  if (peek().kind == TokenKind::kString) return expectString(value);
  if (atWord("BINARY")) {  // the one reserved word that is a character set and a collation
    value = "binary";
    advance();
    return true;
  }
  return expectName(value, what);
}

bool TokenCursor::expectColumnName(std::string& name) {
  if (!expectName(name, "column name")) return false;
  for (int qualifiers = 0; qualifiers < 2 && atSymbol("."); ++qualifiers) {
    advance();
    // After a dot every word is a name, reserved or not.
    const Token& token = peek();
    note("column name");
    if (token.kind != TokenKind::kWord && token.kind != TokenKind::kQuotedName) return fail();
    name = nameOf(text_, token);
    if (!checkName(token, name)) return false;
    advance();
  }
  return true;
}

bool TokenCursor::expectTableName(TableName& table) {
  if (!atSymbol(".") && !expectName(table.table, "table name")) return false;
  if (!atSymbol(".")) return true;
  advance();
  table.database = std::exchange(table.table, {});
  const Token& token = peek();
  note("table name");
  if (token.kind != TokenKind::kWord && token.kind != TokenKind::kQuotedName) return fail();
  table.table = nameOf(text_, token);
  if (!checkName(token, table.table)) return false;
  advance();
  return true;
}

bool TokenCursor::expectString(std::string& value) {
  note("string");
  if (peek().kind != TokenKind::kString) return fail();
  value = stringValue(text_, peek());
  advance();
  return true;
}

bool TokenCursor::expectInteger(std::string& digits) {
  note("number");
  if (peek().kind != TokenKind::kInteger) return fail();
  digits = lexeme(peek());
  advance();
  return true;
}

bool TokenCursor::expectNameList(std::vector<std::string>& names, std::string_view what) {
  if (!expectSymbol("(")) return false;
  do {
    if (!expectName(names.emplace_back(), what)) return false;
  } while (acceptSymbol(","));
  return expectSymbol(")");
}

bool TokenCursor::expectParenthesized(std::string_view& inside, std::string_view what) {
  if (!expectSymbol("(")) return false;
  const std::size_t start = lastEnd();
  note(what);
  if (atSymbol(")")) return fail();
  if (!skipBalanced()) return false;
  inside = text_.substr(start, last().offset - start);
  return true;
}

/// Reads up to and including the mark that closes the one just read. It counts instead of calling
/// itself: a text may open thousands of parentheses.
bool TokenCursor::skipBalanced() {
  std::size_t depth = 1;
  while (depth > 0) {
    if (atStatementEnd()) {
      note(")");
      return fail();
    }
    const Token& token = peek();
    const Token& previous = last();
    const bool after_opening = previous.kind == TokenKind::kSymbol && lexeme(previous) == "(";
    const bool star_argument =
        lexeme(previous) == "*" && position_ > 1 && lexeme(tokens_[position_ - 2]) == "(";
    const bool ends_operand = atSymbol(")") || atSymbol(",");
    const bool operand_missing = isBinaryOperator(previous, lexeme(previous)) && !star_argument;
    if (ends_operand && (operand_missing || (after_opening && atSymbol(",")))) {
      note("expression");
      return fail();
    }
    if (token.kind == TokenKind::kSymbol && token.length == 1) {
      if (atSymbol("(")) ++depth;
      if (atSymbol(")")) --depth;
    }
    advance();
  }
  return true;
}

void TokenCursor::note(std::string_view what) {
  if (noted_at_ != position_) {
    noted_.clear();
    noted_at_ = position_;
  }
  noted_.push_back(what);
}

bool TokenCursor::fail() {
  if (noted_at_ != position_) noted_.clear();
  error_ = unexpectedAt(text_, peek().offset, noted_);
  return false;
}

bool TokenCursor::fail(std::size_t offset, const Text& reason) {
  error_ = errorAt(text_, offset, reason);
  return false;
}

}  // namespace oscar::ddl
