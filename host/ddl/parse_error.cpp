#include "ddl/parse_error.hpp"

#include "ddl/lexer.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace oscar::ddl {
namespace {

// A sentence stays readable with this many alternatives; `expected` holds all of them.
constexpr std::size_t kNamedAlternatives = 6;
constexpr std::size_t kExcerptCodePoints = 24;

/// What parsers expect that is no keyword or mark, in both languages.
constexpr std::array<std::pair<std::string_view, std::string_view>, 21> kChinese{
    {{"column name", "列名"},
     {"index name", "索引名"},
     {"constraint name", "约束名"},
     {"table name", "表名"},
     {"partition name", "分区名"},
     {"subpartition name", "子分区名"},
     {"period name", "时间段名"},
     {"parser name", "解析器名"},
     {"name", "名称"},
     {"value", "值"},
     {"default value", "默认值"},
     {"data type", "数据类型"},
     {"number", "数字"},
     {"string", "字符串"},
     {"expression", "表达式"},
     {"character set", "字符集"},
     {"collation", "排序规则"},
     {"time unit", "时间单位"},
     {"compression method", "压缩方法"},
     {"end of statement", "语句结尾"},
     {"end of text", "文本结尾"}}};

std::string inChinese(std::string_view expected) {
  const auto row = std::find_if(kChinese.begin(), kChinese.end(),
                                [expected](const auto& pair) { return pair.first == expected; });
  return std::string{row == kChinese.end() ? expected : row->second};
}

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

/// Marks need quotes to be seen in a sentence.
std::string shown(const std::string& word, Language language) {
  const bool mark = std::isalpha(static_cast<unsigned char>(word.front())) == 0;
  if (language == Language::kZh) return mark ? "“" + word + "”" : inChinese(word);
  return mark ? "\"" + word + "\"" : word;
}

std::string join(const std::vector<std::string>& words, Language language) {
  const std::size_t count = std::min(words.size(), kNamedAlternatives);
  const bool zh = language == Language::kZh;
  std::string joined;
  for (std::size_t i = 0; i < count; ++i) {
    const bool last = i + 1 == count && count == words.size();
    if (i > 0 && last) joined += zh ? " 或 " : " or ";
    if (i > 0 && !last) joined += zh ? "、" : ", ";
    joined += shown(words[i], language);
  }
  if (count < words.size()) joined += zh ? " 等" : " or the like";
  return joined;
}

std::vector<std::string> withoutDuplicates(const std::vector<std::string_view>& words) {
  std::vector<std::string> unique;
  for (std::string_view word : words) {
    if (std::find(unique.begin(), unique.end(), word) == unique.end()) unique.emplace_back(word);
  }
  return unique;
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
  error.expected = withoutDuplicates(expected);
  const Text position = positionOf(error);
  const std::string excerpt = excerptAt(text, error.offset);
  const bool at_end = error.offset == text.size();
  error.message.zh = position.zh + (at_end ? "：语句在此结束" : "：无法理解“" + excerpt + "”") +
                     "，此处应为 " + join(error.expected, Language::kZh) + "。";
  error.message.en = "Syntax error at " + position.en +
                     (at_end ? ": the statement ends here" : ", near \"" + excerpt + "\"") +
                     "; expected " + join(error.expected, Language::kEn) + ".";
  return error;
}

ParseError reservedWordAt(std::string_view text, std::size_t offset, std::string_view word,
                          std::string_view what, const std::vector<std::string_view>& expected) {
  const std::string name{word};
  const Text reason{"“" + name + "”是保留字，不能直接用作" + inChinese(what) +
                        "；若它确是名称，请加反引号：`" + name + "`。",
                    "\"" + name + "\" is a reserved word and cannot stand here as " +
                        std::string{what} + "; if it is meant as a name, put it in backticks: `" +
                        name + "`."};
  return errorAt(text, offset, reason, withoutDuplicates(expected));
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
