#include "ddl/lexer.hpp"

#include "ddl/utf8.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace oscar::ddl {
namespace {

constexpr char32_t kLastNameCodePoint = 0xFFFF;

bool isDigit(char c) {
  return c >= '0' && c <= '9';
}
bool isHexDigit(char c) {
  return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool isBlank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
bool isWordByte(char c) {
  return isDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}
char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Typographic and full-width marks that an input method leaves behind. Servers take them for
/// letters of a name, which makes their error messages incomprehensible.
bool isLookalikeMark(char32_t c) {
  constexpr std::array<char32_t, 14> kMarks{0x00A0, 0x2018, 0x2019, 0x201C, 0x201D, 0x3000, 0x3001,
                                            0x3002, 0xFF08, 0xFF09, 0xFF0C, 0xFF1B, 0xFF1D, 0xFF40};
  return std::find(kMarks.begin(), kMarks.end(), c) != kMarks.end();
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_{text} {}

  Result<std::vector<Token>, LexError> run() {
    if (const std::size_t bad = firstInvalidByte(text_); bad < text_.size()) {
      return LexError{bad, Text{"文本含有 NUL 字节或不是有效的 UTF-8，请以 UTF-8 重新输入。",
                                "The text holds a NUL byte or is not valid UTF-8; enter it as "
                                "UTF-8."}};
    }
    while (skipBlanksAndComments() && at_ < text_.size()) {
      if (!readToken()) break;
    }
    if (error_) return *std::move(error_);
    tokens_.push_back({TokenKind::kEnd, text_.size(), 0, false, conditional_comment_});
    return std::move(tokens_);
  }

 private:
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool startsWith(std::string_view mark) const { return text_.substr(at_, mark.size()) == mark; }

  bool fail(std::size_t offset, Text reason) {
    error_ = LexError{offset, std::move(reason)};
    return false;
  }

  bool add(TokenKind kind, std::size_t start) {
    tokens_.push_back(
        {kind, start, at_ - start, version_comment_start_.has_value(), conditional_comment_});
    return true;
  }

  bool startsLineComment() const {
    return peek() == '#' || (startsWith("--") && (at_ + 2 == text_.size() || isBlank(peek(2))));
  }

  void skipLine() { at_ = std::min(text_.find('\n', at_), text_.size()); }

  bool skipBlanksAndComments() {
    while (at_ < text_.size()) {
      if (isBlank(peek())) {
        ++at_;
      } else if (startsLineComment()) {
        skipLine();
      } else if (startsWith("/*!") || startsWith("/*M!")) {
        if (!openVersionComment()) return false;
      } else if (startsWith("/*")) {
        const std::size_t close = text_.find("*/", at_ + 2);
        if (close == std::string_view::npos) return failUnclosedComment(at_);
        at_ = close + 2;
      } else if (version_comment_start_ && startsWith("*/")) {
        version_comment_start_.reset();
        at_ += 2;
      } else {
        return true;
      }
    }
    return !version_comment_start_ || failUnclosedComment(*version_comment_start_);
  }

  bool failUnclosedComment(std::size_t offset) {
    return fail(offset, Text{"注释没有结束，请补上 */。", "The comment has no end; add */."});
  }

  bool openVersionComment() {
    if (version_comment_start_) {
      return fail(at_, Text{"版本注释不能嵌套，请去掉内层的 /*!。",
                            "A version comment cannot hold another one; remove the inner /*!."});
    }
    version_comment_start_ = at_;
    at_ += peek(2) == '!' ? 3 : 4;
    if (text_[at_ - 2] == 'M' || isDigit(peek())) conditional_comment_ = true;
    // The version that follows has five digits, since MySQL 8 and MariaDB 10 also six.
    for (int digits = 0; digits < 6 && isDigit(peek()); ++digits) ++at_;
    return true;
  }

  bool readToken() {
    const char c = peek();
    if (c == '\'' || c == '"') return readQuoted(TokenKind::kString, at_);
    if (c == '`') return readQuoted(TokenKind::kQuotedName, at_);
    if (peek(1) == '\'') {
      if (c == 'N' || c == 'n') return readQuoted(TokenKind::kString, at_++);
      if (c == 'x' || c == 'X') return readBitsOrHexString(isHexDigit, 2);
      if (c == 'b' || c == 'B') {
        return readBitsOrHexString([](char d) { return d == '0' || d == '1'; }, 1);
      }
    }
    if (isDigit(c) && !followsNameDot()) return readNumber();
    if (c == '.' && isDigit(peek(1)) && !followsName()) return readNumber();
    if (isWordByte(c)) return readWord();
    return readSymbol();
  }

  /// Reads from the quote at `at_`; `start` is where the token begins (an N may stand before).
  bool readQuoted(TokenKind kind, std::size_t start) {
    const char quote = peek();
    const std::size_t opening = at_++;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '\\' && kind == TokenKind::kString) {
        if (at_ < text_.size()) ++at_;
      } else if (c == quote) {
        if (peek() != quote) {
          return kind == TokenKind::kString ? add(kind, start) : addQuotedName(start);
        }
        ++at_;
      }
    }
    if (kind == TokenKind::kString) {
      return fail(opening, Text{"字符串没有结束，请补上结尾的引号。",
                                "The string has no end; add its closing quote."});
    }
    return fail(opening, Text{"名称没有结束，请补上结尾的反引号。",
                              "The quoted name has no end; add its closing backtick."});
  }

  bool addQuotedName(std::size_t start) {
    for (std::size_t i = start; i < at_;) {
      const CodePoint point = codePointAt(text_, i);
      if (point.value > kLastNameCodePoint) return failNameCharacter(i);
      i += point.length;
    }
    return add(TokenKind::kQuotedName, start);
  }

  bool failNameCharacter(std::size_t offset) {
    return fail(offset, Text{"名称不能含有基本多文种平面以外的字符（例如表情符号），请换一个字符。",
                             "A name cannot hold characters outside the basic multilingual plane, "
                             "such as emoji; use another character."});
  }

  template <typename IsDigit>
  bool readBitsOrHexString(IsDigit is_digit, std::size_t group) {
    const std::size_t start = at_;
    at_ += 2;
    while (is_digit(peek())) ++at_;
    const std::size_t digits = at_ - start - 2;
    if (peek() != '\'' || digits % group != 0) {
      return fail(start, Text{"十六进制或二进制常量写法有误：只能含有相应的数字，十六进制须成对。",
                              "Wrong hexadecimal or bit literal: only its digits may stand between "
                              "the quotes, hexadecimal ones in pairs."});
    }
    ++at_;
    return add(TokenKind::kBitsOrHex, start);
  }

  bool followsName() const {
    if (tokens_.empty()) return false;
    const Token& last = tokens_.back();
    return last.end() == at_ &&
           (last.kind == TokenKind::kWord || last.kind == TokenKind::kQuotedName);
  }
  /// After `db.` even `1st` is a name.
  bool followsNameDot() const {
    return tokens_.size() >= 2 && tokens_.back().end() == at_ &&
           text_[tokens_.back().offset] == '.' && tokens_.back().kind == TokenKind::kSymbol;
  }

  bool readNumber() {
    const std::size_t start = at_;
    if (readPrefixedDigits("0x", isHexDigit) ||
        readPrefixedDigits("0b", [](char d) { return d == '0' || d == '1'; })) {
      return add(TokenKind::kBitsOrHex, start);
    }
    while (isDigit(peek())) ++at_;
    TokenKind kind = TokenKind::kInteger;
    if (peek() == '.') {
      kind = TokenKind::kDecimal;
      ++at_;
      while (isDigit(peek())) ++at_;
    }
    const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
    if (lower(peek()) == 'e' && isDigit(peek(1 + sign))) {
      kind = TokenKind::kDecimal;
      at_ += 1 + sign;
      while (isDigit(peek())) ++at_;
    } else if (kind == TokenKind::kInteger && isWordByte(peek())) {
      at_ = start;
      return readWord();
    }
    return add(kind, start);
  }

  template <typename IsDigit>
  bool readPrefixedDigits(std::string_view prefix, IsDigit is_digit) {
    if (!startsWith(prefix) || !is_digit(peek(2))) return false;
    std::size_t end = at_ + 2;
    while (end < text_.size() && is_digit(text_[end])) ++end;
    if (end < text_.size() && isWordByte(text_[end])) return false;
    at_ = end;
    return true;
  }

  bool readWord() {
    const std::size_t start = at_;
    while (at_ < text_.size() && isWordByte(text_[at_])) {
      const CodePoint point = codePointAt(text_, at_);
      if (point.value > kLastNameCodePoint) return failNameCharacter(at_);
      if (isLookalikeMark(point.value)) {
        return fail(at_, Text{"这里是全角或排版符号，请改用半角符号；若它确属名称，请用反引号。",
                              "This is a full-width or typographic mark; type the ASCII one, or "
                              "put the name in backticks if the mark belongs to it."});
      }
      at_ += point.length;
    }
    return add(TokenKind::kWord, start);
  }

  bool readSymbol() {
    constexpr std::array<std::string_view, 13> kLong{"<=>", "->>", "<=", ">=", "<>", "!=", "||",
                                                     "&&",  "<<",  ">>", ":=", "->", "@@"};
    const std::size_t start = at_;
    const auto match = std::find_if(kLong.begin(), kLong.end(),
                                    [this](std::string_view mark) { return startsWith(mark); });
    at_ += match == kLong.end() ? 1 : match->size();
    return add(TokenKind::kSymbol, start);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Token> tokens_;
  std::optional<std::size_t> version_comment_start_;
  bool conditional_comment_ = false;
  std::optional<LexError> error_;
};

char unescaped(char c) {
  switch (c) {
    case '0':
      return '\0';
    case 'b':
      return '\b';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'Z':
      return '\x1A';
    default:
      return c;
  }
}

}  // namespace

Result<std::vector<Token>, LexError> tokenize(std::string_view text) {
  return Lexer{text}.run();
}

std::string nameOf(std::string_view text, const Token& token) {
  const std::string_view raw = text.substr(token.offset, token.length);
  if (token.kind != TokenKind::kQuotedName) return std::string{raw};
  std::string name;
  for (std::size_t i = 1; i + 1 < raw.size(); ++i) {
    name += raw[i];
    if (raw[i] == '`') ++i;
  }
  return name;
}

std::string stringValue(std::string_view text, const Token& token) {
  std::string_view raw = text.substr(token.offset, token.length);
  if (raw.front() != '\'' && raw.front() != '"') raw.remove_prefix(1);
  const char quote = raw.front();
  std::string value;
  for (std::size_t i = 1; i + 1 < raw.size(); ++i) {
    if (raw[i] == '\\') {
      const char next = raw[++i];
      // In a LIKE pattern these two keep their backslash, and the server keeps it everywhere.
      if (next == '%' || next == '_') value += '\\';
      value += unescaped(next);
    } else {
      value += raw[i];
      if (raw[i] == quote) ++i;
    }
  }
  return value;
}

std::size_t codePoints(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

bool equalsIgnoreCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::string asciiLower(std::string_view text) {
  std::string lowered{text};
  std::transform(lowered.begin(), lowered.end(), lowered.begin(), lower);
  return lowered;
}

}  // namespace oscar::ddl
