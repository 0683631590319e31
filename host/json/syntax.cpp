#include "json/syntax.hpp"

#include "json/utf8.hpp"

#include <algorithm>
#include <set>
#include <vector>

namespace oscar::json {
namespace {

struct Wrong {
  std::size_t offset;
  Text what;
};

bool isDigit(char c) {
  return c >= '0' && c <= '9';
}

int hexValue(char c) {
  if (isDigit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Recursive descent; throws Wrong at the first byte that cannot be right. Never leaves this file.
class Scanner {
 public:
  Scanner(std::string_view text, std::size_t max_depth) : text_{text}, max_depth_{max_depth} {}

  void document() {
    space();
    if (ended()) fail({"内容为空", "the text is empty"});
    if (peek() != '{' && peek() != '[') {
      fail({"应以 { 开始，即一个 JSON 对象", "it must be a JSON object, which begins with {"});
    }
    value();
    space();
    if (!ended()) fail({"JSON 结束后还有多余的内容", "there is more text after the end"});
  }

 private:
  [[noreturn]] void fail(Text what) const { failAt(at_, std::move(what)); }
  /// `what` unless the text is simply over.
  [[noreturn]] void failOrEnd(Text what) const {
    if (ended()) fail({"内容提前结束", "the text ends too early"});
    fail(std::move(what));
  }
  [[noreturn]] static void failAt(std::size_t offset, Text what) {
    // Caught by findSyntaxError() only, so it need not be a std::exception.
    // NOLINTNEXTLINE(hicpp-exception-baseclass)
    throw Wrong{offset, std::move(what)};
  }

  bool ended() const { return at_ >= text_.size(); }
  char peek() const { return ended() ? '\0' : text_[at_]; }
  bool take(char c) {
    if (ended() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void space() {
    while (!ended() && std::string_view{" \t\r\n"}.find(text_[at_]) != std::string_view::npos)
      ++at_;
  }

  void value() {
    if (peek() == '{' || peek() == '[') {
      if (++depth_ > max_depth_) {
        const std::string limit = std::to_string(max_depth_);
        fail({"嵌套超过 " + limit + " 层", "it is nested more than " + limit + " levels deep"});
      }
      peek() == '{' ? object() : array();
      --depth_;
    } else if (peek() == '"') {
      string();
    } else if (peek() == '-' || isDigit(peek())) {
      number();
    } else if (!word("true") && !word("false") && !word("null")) {
      failOrEnd({"此处应是一个值（对象、数组、带双引号的字符串、数字、true、false 或 null）",
                 "a value is expected here (object, array, string in double quotes, number, true, "
                 "false or null)"});
    }
  }

  bool word(std::string_view expected) {
    if (text_.substr(at_, expected.size()) != expected) return false;
    at_ += expected.size();
    return true;
  }

  void object() {
    std::set<std::string_view> names;
    take('{');
    space();
    if (take('}')) return;
    while (true) {
      space();
      const std::size_t begin = at_;
      if (peek() != '"') {
        failOrEnd({"此处应是带双引号的字段名", "a field name in double quotes is expected here"});
      }
      string();
      const std::string_view name = text_.substr(begin + 1, at_ - begin - 2);
      if (!names.insert(name).second) {
        failAt(begin, {"字段 " + std::string{name} + " 出现了两次",
                       "the field " + std::string{name} + " is there twice"});
      }
      space();
      if (!take(':')) {
        failOrEnd({"字段名之后应是冒号", "a colon is expected after the field name"});
      }
      space();
      value();
      space();
      if (take('}')) return;
      if (!take(',')) failOrEnd({"此处应是逗号或 }", "a comma or } is expected here"});
    }
  }

  void array() {
    take('[');
    space();
    if (take(']')) return;
    while (true) {
      space();
      value();
      space();
      if (take(']')) return;
      if (!take(',')) failOrEnd({"此处应是逗号或 ]", "a comma or ] is expected here"});
    }
  }

  void string() {
    const std::size_t begin = at_++;
    while (!ended() && peek() != '"') {
      if (peek() == '\\') {
        escape();
      } else if (static_cast<unsigned char>(peek()) < 0x20) {
        fail({"字符串中的换行等控制字符须转义，例如写成 \\n",
              "a line break or other control character in a string must be escaped, such as \\n"});
      } else {
        ++at_;
      }
    }
    if (!take('"'))
      failAt(begin, {"此处开始的字符串没有结束的双引号",
                     "the string that begins here has no closing double quote"});
  }

  void escape() {
    const std::size_t begin = at_++;
    if (take('u')) {
      unicodeEscape(begin);
    } else if (ended() || std::string_view{"\"\\/bfnrt"}.find(peek()) == std::string_view::npos) {
      failAt(begin, {"无效的转义：反斜杠本身须写成 \\\\",
                     "this is no valid escape: a backslash itself is written \\\\"});
    } else {
      ++at_;
    }
  }

  void unicodeEscape(std::size_t begin) {
    const int first = fourDigits(begin);
    const Text lone{"\\u 转义不是完整的字符", "this \\u escape is not a whole character"};
    if (first >= 0xdc00 && first <= 0xdfff) failAt(begin, lone);
    if (first < 0xd800 || first > 0xdbff) return;
    if (!take('\\') || !take('u')) failAt(begin, lone);
    const int second = fourDigits(begin);
    if (second < 0xdc00 || second > 0xdfff) failAt(begin, lone);
  }

  int fourDigits(std::size_t begin) {
    int code = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      const int digit = hexValue(peek());
      if (digit < 0) {
        failAt(begin, {"\\u 之后须有四位十六进制数字", "\\u takes four hexadecimal digits"});
      }
      code = code * 16 + digit;
    }
    return code;
  }

  void number() {
    const std::size_t begin = at_;
    const Text wrong{"数字的写法无效", "this is no valid number"};
    take('-');
    const bool zero = peek() == '0';
    const std::size_t whole = digits();
    if (whole == 0 || (zero && whole > 1)) failAt(begin, wrong);
    if (take('.') && digits() == 0) failAt(begin, wrong);
    if (take('e') || take('E')) {
      if (!take('+')) take('-');
      if (digits() == 0) failAt(begin, wrong);
    }
  }

  std::size_t digits() {
    const std::size_t begin = at_;
    while (isDigit(peek())) ++at_;
    return at_ - begin;
  }

  std::string_view text_;
  std::size_t max_depth_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
};

/// The first byte that is not UTF-8; the size when all is.
std::size_t firstInvalidByte(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t length = utf8SequenceLength(text.substr(at));
    if (length == 0) break;
    at += length;
  }
  return at;
}

}  // namespace

ParseError errorAt(std::string_view text, std::size_t offset, const Text& what) {
  const std::string_view before = text.substr(0, offset);
  const auto line_start = before.rfind('\n');
  const std::string_view in_line =
      line_start == std::string_view::npos ? before : before.substr(line_start + 1);
  ParseError error;
  error.offset = offset;
  error.line = 1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
  error.column = 1 + codePoints(in_line);
  const std::string line = std::to_string(error.line);
  const std::string column = std::to_string(error.column);
  error.text = {"第 " + line + " 行第 " + column + " 列：" + what.zh,
                "line " + line + ", column " + column + ": " + what.en};
  error.message = error.text.en;
  return error;
}

std::optional<ParseError> findSyntaxError(std::string_view text, std::size_t max_depth) {
  if (const std::size_t bad = firstInvalidByte(text); bad < text.size()) {
    return errorAt(text, bad, {"不是有效的 UTF-8 文本", "the text is not valid UTF-8"});
  }
  try {
    Scanner{text, max_depth}.document();
    return std::nullopt;
  } catch (const Wrong& wrong) {
    return errorAt(text, wrong.offset, wrong.what);
  }
}

}  // namespace oscar::json
