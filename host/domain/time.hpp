#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace oscar {

/// A point in time, UTC, millisecond resolution. The only time type that crosses a layer.
using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;

/// RFC 3339 in UTC with milliseconds: `2026-01-15T10:30:00.000Z`.
std::string formatTimestamp(Timestamp time);

/// Reads RFC 3339 (`2026-01-15T10:30:00Z`, fraction and numeric offset allowed) or a bare date
/// (midnight UTC). Returns nullopt for anything else.
std::optional<Timestamp> parseTimestamp(std::string_view text);

/// Milliseconds since 1970-01-01T00:00:00Z, the form in which both stores keep our own times.
inline std::int64_t toMillis(Timestamp time) {
  return time.time_since_epoch().count();
}
/// The time that many milliseconds after the Unix epoch.
inline Timestamp fromMillis(std::int64_t millis) {
  return Timestamp{std::chrono::milliseconds{millis}};
}

}  // namespace oscar
