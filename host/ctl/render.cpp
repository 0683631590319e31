#include "ctl/render.hpp"

#include "ctl/terminal.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace oscar::ctl {
namespace {

bool isNumeric(const std::string& cell) {
  return !cell.empty() && std::all_of(cell.begin(), cell.end(), [](char c) {
    return (c >= '0' && c <= '9') || c == ',' || c == '.' || c == '%' || c == '-';
  });
}

/// The first character of UTF-8 text, whole.
std::string_view firstCharacter(std::string_view text) {
  std::size_t length = 1;
  while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xc0) == 0x80) {
    ++length;
  }
  return text.substr(0, length);
}

/// Closing marks that may not begin a line.
bool belongsToTheLineBefore(std::string_view character) {
  constexpr std::array<std::string_view, 9> kClosing{"，", "。", "；", "：", "、",
                                                     "）", "”",  "！", "？"};
  return std::find(kClosing.begin(), kClosing.end(), character) != kClosing.end();
}

/// `text` in pieces that a line end must not cut: a word with the spaces behind it, or one wide
/// character with the closing marks behind it.
std::vector<std::string> pieces(std::string_view text) {
  std::vector<std::string> all;
  bool joins = false;  // what comes next belongs to the piece before
  while (!text.empty()) {
    auto character = firstCharacter(text);
    const std::size_t size = character.size();
    if (static_cast<unsigned char>(character[0]) < ' ') character = " ";
    const bool wide = displayWidth(character) > 1;
    const bool continues = wide ? belongsToTheLineBefore(character) : joins || character == " ";
    if (continues && !all.empty()) {
      all.back() += character;
    } else {
      all.emplace_back(character);
    }
    joins = !wide && character != " ";
    text.remove_prefix(size);
  }
  return all;
}

std::string withoutSpacesAtTheEnd(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

}  // namespace

std::string renderTable(const std::vector<Text>& heading, const std::vector<Row>& rows,
                        Language language) {
  std::vector<Row> all(1);
  for (const Text& cell : heading) all.front().push_back(cell.in(language));
  all.insert(all.end(), rows.begin(), rows.end());
  std::vector<std::size_t> widths;
  for (const Row& row : all) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], displayWidth(row[i]));
    }
  }
  std::string out;
  for (const Row& row : all) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string pad(widths[i] - displayWidth(row[i]), ' ');
      if (i > 0) line += "  ";
      line += isNumeric(row[i]) ? pad + row[i] : row[i] + pad;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

std::string clipped(std::string_view text, std::size_t width) {
  std::string out;
  std::size_t used = 0;
  while (!text.empty()) {
    const auto character = firstCharacter(text);
    used += displayWidth(character);
    if (used > width) break;
    out += character;
    text.remove_prefix(character.size());
  }
  return out;
}

std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  std::string line;
  for (auto& piece : pieces(text)) {
    if (!line.empty() && displayWidth(withoutSpacesAtTheEnd(line + piece)) > width) {
      lines.push_back(withoutSpacesAtTheEnd(line));
      line.clear();
    }
    line += piece;
    // A word that no line can hold is cut.
    while (displayWidth(withoutSpacesAtTheEnd(line)) > width) {
      const std::string part = clipped(line, std::max<std::size_t>(width, 2));
      lines.push_back(part);
      line.erase(0, part.size());
    }
  }
  line = withoutSpacesAtTheEnd(line);
  if (!line.empty()) lines.push_back(line);
  return lines;
}

std::string oneDecimal(double number) {
  std::array<char, 32> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.1f", number);
  return buffer.data();
}

std::string withThousands(std::int64_t number) {
  const std::string digits = std::to_string(number);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const std::size_t left = digits.size() - i;
    if (i > 0 && left % 3 == 0 && digits[i - 1] != '-') text += ',';
    text += digits[i];
  }
  return text;
}

std::string renderBytes(std::int64_t bytes) {
  constexpr std::array<const char*, 5> kUnits{"B", "KiB", "MiB", "GiB", "TiB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (std::abs(value) >= 1024 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  return (unit == 0 ? std::to_string(bytes) : oneDecimal(value)) + " " + kUnits[unit];
}

std::string renderDuration(std::int64_t seconds, Language language) {
  const bool zh = language == Language::kZh;
  const std::int64_t hours = seconds / 3600;
  const std::int64_t minutes = seconds / 60 % 60;
  std::string text;
  if (hours > 0) text += std::to_string(hours) + (zh ? " 时 " : " h ");
  if (hours > 0 || minutes > 0) text += std::to_string(minutes) + (zh ? " 分 " : " m ");
  return text + std::to_string(seconds % 60) + (zh ? " 秒" : " s");
}

}  // namespace oscar::ctl
