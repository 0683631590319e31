#include "services/execution_lookup.hpp"

#include "domain/error.hpp"
#include "domain/ids.hpp"
#include "services/field_checks.hpp"

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace oscar::services {
namespace {

constexpr std::size_t kMaxShownId = 64;  ///< bytes

std::optional<std::int64_t> parseNumber(std::string_view text) {
  if (text.starts_with('#')) text.remove_prefix(1);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || number < 1) {
    return std::nullopt;
  }
  return number;
}

}  // namespace

Execution findExecution(ports::ExecutionStore& executions, const std::string& id_or_number) {
  std::optional<Execution> found;
  if (isUuid(id_or_number)) {
    found = executions.find(lowerAscii(id_or_number));
  } else if (const auto number = parseNumber(id_or_number)) {
    found = executions.findByNumber(*number);
  }
  if (found) return std::move(*found);
  const std::string asked = truncated(id_or_number, kMaxShownId);
  throw ServiceError{ErrorCode::kNotFound, {"没有执行 " + asked, "There is no execution " + asked}};
}

}  // namespace oscar::services
