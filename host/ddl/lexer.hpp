#pragma once

#include "domain/result.hpp"
#include "domain/text.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace oscar::ddl {

/// What a token is, as MySQL and MariaDB read it with their default sql_mode (`"` begins a string,
/// a backslash escapes), which is the one that pt-osc works with.
enum class TokenKind {
  kWord = 1,    ///< keyword or unquoted name: letters, digits, `_`, `$` and non-ASCII characters
  kQuotedName,  ///< `name` in backticks
  kString,      ///< '..' or "..", with an N in front when it is a national string
  kInteger,     ///< digits only
  kDecimal,     ///< number with a point or an exponent
  kBitsOrHex,   ///< x'..', 0x.., b'..', 0b..
  kSymbol,      ///< one operator or punctuation mark, `<=` and the like in one piece
  kEnd          ///< after the last token; length 0, at the end of the text
};

/// A piece of the text. Offsets and lengths are bytes of the original text.
struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::size_t offset = 0;
  std::size_t length = 0;
  bool in_version_comment = false;  ///< inside `/*! */` or `/*M! */`
  /// A comment like `/*!50100 */` or `/*M! */` was opened before: some servers execute what it
  /// holds, others skip it up to the first `*/`, even to one in a string.
  bool after_conditional_comment = false;

  std::size_t end() const { return offset + length; }
};

/// Text that cannot be cut into tokens. `offset` is at most the size of the text.
struct LexError {
  std::size_t offset = 0;
  Text reason;  ///< what is wrong, a sentence without its position
};

/// Cuts `text` into tokens; the last one is always kEnd. Comments are left out, but what a version
/// comment holds is tokens like any other, because servers execute it. Linear in time, no
/// recursion. The text must be UTF-8 without NUL bytes (it becomes one argument of a program).
Result<std::vector<Token>, LexError> tokenize(std::string_view text);

/// The name that a kWord or kQuotedName token stands for: without backticks, doubled ones halved.
std::string nameOf(std::string_view text, const Token& token);

/// The value of a kString token: without quotes, escapes resolved.
std::string stringValue(std::string_view text, const Token& token);

/// Number of code points in valid UTF-8.
std::size_t codePoints(std::string_view utf8);

/// Compares ignoring the case of ASCII letters, as keywords are compared.
bool equalsIgnoreCase(std::string_view a, std::string_view b);

/// Lower-cases ASCII letters only.
std::string asciiLower(std::string_view text);

}  // namespace oscar::ddl
