#include "domain/time.hpp"

#include <cstdio>

namespace oscar {
namespace {

/// Reads exactly `count` digits at `pos` and moves on; -1 when there are none.
int digits(std::string_view text, std::size_t& pos, std::size_t count) {
  if (pos + count > text.size()) return -1;
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const char c = text[pos + i];
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  pos += count;
  return value;
}

bool literal(std::string_view text, std::size_t& pos, char wanted) {
  if (pos >= text.size() || text[pos] != wanted) return false;
  ++pos;
  return true;
}

std::optional<std::chrono::sys_days> parseDate(std::string_view text, std::size_t& pos) {
  const int year = digits(text, pos, 4);
  if (year < 0 || !literal(text, pos, '-')) return std::nullopt;
  const int month = digits(text, pos, 2);
  if (month < 0 || !literal(text, pos, '-')) return std::nullopt;
  const int day = digits(text, pos, 2);
  if (day < 0) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days{date};
}

std::optional<std::chrono::milliseconds> parseFraction(std::string_view text, std::size_t& pos) {
  if (pos >= text.size() || text[pos] != '.') return std::chrono::milliseconds{0};
  ++pos;
  int millis = 0;
  int count = 0;
  for (; pos < text.size() && text[pos] >= '0' && text[pos] <= '9'; ++pos, ++count) {
    if (count < 3) millis = millis * 10 + (text[pos] - '0');
  }
  if (count == 0 || count > 9) return std::nullopt;
  for (; count < 3; ++count) millis *= 10;
  return std::chrono::milliseconds{millis};
}

std::optional<std::chrono::minutes> parseOffset(std::string_view text, std::size_t& pos) {
  if (literal(text, pos, 'Z')) return std::chrono::minutes{0};
  if (pos >= text.size() || (text[pos] != '+' && text[pos] != '-')) return std::nullopt;
  const int sign = text[pos++] == '-' ? -1 : 1;
  const int hours = digits(text, pos, 2);
  if (hours < 0 || hours > 14 || !literal(text, pos, ':')) return std::nullopt;
  const int minutes = digits(text, pos, 2);
  if (minutes < 0 || minutes > 59) return std::nullopt;
  return std::chrono::minutes{sign * (hours * 60 + minutes)};
}

}  // namespace

std::string formatTimestamp(Timestamp time) {
  const auto days = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{days};
  const std::chrono::hh_mm_ss clock{time - days};
  char buffer[40];
  std::snprintf(
      buffer, sizeof buffer, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return buffer;
}

std::optional<Timestamp> parseTimestamp(std::string_view text) {
  std::size_t pos = 0;
  const auto date = parseDate(text, pos);
  if (!date) return std::nullopt;
  if (pos == text.size()) return Timestamp{*date};
  if (text[pos] != 'T' && text[pos] != ' ') return std::nullopt;
  ++pos;
  const int hours = digits(text, pos, 2);
  if (hours < 0 || hours > 23 || !literal(text, pos, ':')) return std::nullopt;
  const int minutes = digits(text, pos, 2);
  if (minutes < 0 || minutes > 59 || !literal(text, pos, ':')) return std::nullopt;
  const int seconds = digits(text, pos, 2);
  if (seconds < 0 || seconds > 60) return std::nullopt;
  const auto fraction = parseFraction(text, pos);
  if (!fraction) return std::nullopt;
  const auto offset = parseOffset(text, pos);
  if (!offset || pos != text.size()) return std::nullopt;
  return Timestamp{*date} + std::chrono::hours{hours} + std::chrono::minutes{minutes} +
         std::chrono::seconds{seconds} + *fraction - *offset;
}

}  // namespace oscar
