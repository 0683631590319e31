#include "ddl/parse_error.hpp"

#include "ddl/lexer.hpp"

#include <algorithm>
#include <utility>

namespace oscar::ddl {
namespace {

// A sentence stays readable with this many alternatives; `expected` holds all of them.
constexpr std::size_t kNamedAlternatives = 6;
constexpr std::size_t kExcerptCodePoints = 24;

/// What stands at `offset`, cut at a line end, never inside a code point.
std::string excerptAt(std::string_view text, std::size_t offset) {
  std::size_t end = offset;
  for (std::size_t points = 0; end < text.size() && points < kExcerptCodePoints; ++points) {
    if (static_cast<unsigned char>(text[end]) < 0x20) break;
    ++end;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
  }
  return std::string{text.substr(offset, end - offset)};
}

std::string join(const std::vector<std::string>& words, std::string_view comma,
                 std::string_view last) {
  const std::size_t count = std::min(words.size(), kNamedAlternatives);
  std::string joined;
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) joined += i + 1 == count && count == words.size() ? last : comma;
    joined += words[i];
  }
  if (count < words.size()) joined += " …";
  return joined;
}

ParseError locate(std::string_view text, std::size_t offset) {
  ParseError error;
  error.offset = std::min(offset, text.size());
  const std::string_view before = text.substr(0, error.offset);
  error.line += static_cast<int>(std::count(before.begin(), before.end(), '\n'));
  const std::size_t line_end = before.rfind('\n');
  const std::size_t line_start = line_end == std::string_view::npos ? 0 : line_end + 1;
  error.column += static_cast<int>(codePoints(before.substr(line_start)));
  return error;
}

Text positionOf(const ParseError& error) {
  const std::string line = std::to_string(error.line);
  const std::string column = std::to_string(error.column);
  return {"第 " + line + " 行第 " + column + " 列", "line " + line + ", column " + column};
}

}  // namespace

ParseError unexpectedAt(std::string_view text, std::size_t offset,
                        const std::vector<std::string_view>& expected) {
  ParseError error = locate(text, offset);
  for (std::string_view word : expected) {
    if (std::find(error.expected.begin(), error.expected.end(), word) == error.expected.end()) {
      error.expected.emplace_back(word);
    }
  }
  const Text position = positionOf(error);
  const std::string excerpt = excerptAt(text, error.offset);
  const bool at_end = error.offset == text.size();
  error.message.zh = position.zh + (at_end ? "：语句在此结束" : "：无法理解“" + excerpt + "”") +
                     "，此处应为 " + join(error.expected, "、", " 或 ") + "。";
  error.message.en = "Syntax error at " + position.en +
                     (at_end ? ": the statement ends here" : ", near \"" + excerpt + "\"") +
                     "; expected " + join(error.expected, ", ", " or ") + ".";
  return error;
}

ParseError errorAt(std::string_view text, std::size_t offset, const Text& reason,
                   std::vector<std::string> expected) {
  ParseError error = locate(text, offset);
  const Text position = positionOf(error);
  error.message = {position.zh + "：" + reason.zh, "At " + position.en + ": " + reason.en};
  error.expected = std::move(expected);
  return error;
}

}  // namespace oscar::ddl
