#include "ctl/local_time.hpp"

#include "ctl/ctl_error.hpp"

#include <array>
#include <ctime>
#include <optional>

namespace oscar::ctl {
namespace {

std::optional<std::tm> clockOf(const std::string& utc) {
  const auto time = parseTimestamp(utc);
  if (!time) return std::nullopt;
  const std::time_t seconds =
      std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(*time));
  std::tm clock{};
  if (localtime_r(&seconds, &clock) == nullptr) return std::nullopt;
  return clock;
}

std::string formatted(const std::tm& clock, const char* form) {
  std::array<char, 64> buffer{};
  return {buffer.data(), std::strftime(buffer.data(), buffer.size(), form, &clock)};
}

/// A time without a zone, by the reader's clock. mktime() knows which offset holds on that day, and
/// that a day may have 23 hours.
std::optional<Timestamp> byLocalClock(const std::string& typed, PeriodEnd end) {
  constexpr std::size_t kDateLength = 10;  // 2026-01-15
  const bool whole_day = typed.size() == kDateLength;
  const auto read = parseTimestamp(whole_day ? typed : typed + "Z");
  if (!read) return std::nullopt;
  const std::time_t wall = std::chrono::system_clock::to_time_t(*read);
  std::tm clock{};
  if (gmtime_r(&wall, &clock) == nullptr) return std::nullopt;
  if (whole_day && end == PeriodEnd::kTo) ++clock.tm_mday;
  clock.tm_isdst = -1;
  const std::time_t instant = std::mktime(&clock);
  return std::chrono::floor<std::chrono::milliseconds>(
      std::chrono::system_clock::from_time_t(instant));
}

}  // namespace

std::string localTime(const std::string& utc) {
  const auto clock = clockOf(utc);
  return clock ? formatted(*clock, "%Y-%m-%d %H:%M:%S") : utc;
}

std::string localTimeWithOffset(const std::string& utc) {
  const auto clock = clockOf(utc);
  if (!clock) return utc;
  std::string text = formatted(*clock, "%Y-%m-%d %H:%M:%S %z");
  return text.insert(text.size() - 2, ":");
}

std::string instantOf(const std::string& option, const std::string& typed, PeriodEnd end) {
  auto instant = byLocalClock(typed, end);
  if (!instant) instant = parseTimestamp(typed);
  if (!instant) {
    const std::string forms = "2026-01-15, 2026-01-15T10:30:00, 2026-01-15T10:30:00+08:00";
    throw CtlError{Exit::kUsage,
                   {"--" + option + " 须为如下形式的时间：" + forms + "，而不是：" + typed,
                    "--" + option + " takes a time such as " + forms + ", not: " + typed}};
  }
  return formatTimestamp(*instant);
}

}  // namespace oscar::ctl
