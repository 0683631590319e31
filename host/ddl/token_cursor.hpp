#pragma once

#include "ddl/lexer.hpp"
#include "ddl/parse_error.hpp"
#include "ddl/table_name.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace oscar::ddl {

/// Reads tokens one after the other for the parsers of this folder, and remembers everything that
/// was asked for at the current place, so that an error can list it.
///
/// Keywords are given in upper case. Functions that return bool and may fail leave the error here:
/// the caller only has to return false. After a failure nothing more may be read.
class TokenCursor {
 public:
  /// `text` must outlive the cursor; `tokens` must come from it and end with kEnd.
  TokenCursor(std::string_view text, std::vector<Token> tokens);

  const Token& peek(std::size_t ahead = 0) const;
  std::string_view lexeme(const Token& token) const;
  bool atWord(std::string_view keyword, std::size_t ahead = 0) const;
  bool atSymbol(std::string_view symbol, std::size_t ahead = 0) const;
  /// True at the end of the text or at a `;`.
  bool atStatementEnd() const;
  void advance();

  /// Reads the keyword or symbol if it stands here.
  bool acceptWord(std::string_view keyword);
  bool acceptSymbol(std::string_view symbol);
  /// Reads both keywords if they stand here, or nothing; for forms that one word does not decide.
  bool acceptWords(std::string_view first, std::string_view second);
  /// Reads one of the keywords if it stands here.
  bool acceptAnyOf(const std::vector<std::string_view>& keywords);
  /// IF EXISTS or IF NOT EXISTS: absent is fine, incomplete is not. `found` becomes true when it
  /// stands here and is left alone otherwise.
  [[nodiscard]] bool optionalIfExists(bool& found);
  [[nodiscard]] bool optionalIfNotExists(bool& found);

  [[nodiscard]] bool expectWord(std::string_view keyword);
  [[nodiscard]] bool expectSymbol(std::string_view symbol);
  /// A name of at most 64 characters, quoted or not reserved. `what` is what to expect in an error.
  [[nodiscard]] bool expectName(std::string& name, std::string_view what);
  /// A name, a keyword used as value, or a string: `ENGINE = InnoDB`, `COLLATE 'utf8_bin'`.
  [[nodiscard]] bool expectNameOrString(std::string& value, std::string_view what);
  /// `[[db.]table.]column`; the qualifiers are dropped, as servers do.
  [[nodiscard]] bool expectColumnName(std::string& name);
  /// `[db.]table` or `.table`.
  [[nodiscard]] bool expectTableName(TableName& table);
  [[nodiscard]] bool expectString(std::string& value);
  /// A whole number without sign.
  [[nodiscard]] bool expectInteger(std::string& digits);
  /// `( a, b, ... )` of names.
  [[nodiscard]] bool expectNameList(std::vector<std::string>& names, std::string_view what);
  /// `( ... )` with anything balanced inside; `inside` gets the bytes between the outer marks.
  /// Catches what is surely wrong (nothing, a dangling operator or comma), not every bad
  /// expression.
  [[nodiscard]] bool expectParenthesized(std::string_view& inside, std::string_view what);

  /// Adds to what an error at the current token will say was expected. `what` must be a literal.
  void note(std::string_view what);
  /// Fails at the current token with all that was asked for there. Always false.
  bool fail();
  /// Fails with an explanation of its own. Always false.
  bool fail(std::size_t offset, const Text& reason);

  std::string_view text() const { return text_; }
  /// End of the last token read; 0 before the first.
  std::size_t lastEnd() const { return position_ == 0 ? 0 : tokens_[position_ - 1].end(); }
  /// The last token read. Precondition: one was read.
  const Token& last() const { return tokens_[position_ - 1]; }
  /// All of them, kEnd included.
  const std::vector<Token>& tokens() const { return tokens_; }
  bool failed() const { return error_.has_value(); }
  /// Precondition: failed().
  const ParseError& error() const { return *error_; }

 private:
  bool isNameAt(std::size_t ahead) const;
  bool checkName(const Token& token, const std::string& name);
  bool skipBalanced();

  std::string_view text_;
  std::vector<Token> tokens_;
  std::size_t position_ = 0;
  std::size_t noted_at_ = 0;
  std::vector<std::string_view> noted_;
  std::optional<ParseError> error_;
};

}  // namespace oscar::ddl
