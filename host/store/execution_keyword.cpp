#include "store/execution_keyword.hpp"

#include "store/execution_rows.hpp"

#include <charconv>
#include <string_view>

namespace oscar::store {
namespace {

std::optional<std::int64_t> wholeNumber(std::string_view digits) {
  if (digits.empty() || digits.front() == '-') return std::nullopt;
  std::int64_t number = 0;
  const char* end = digits.data() + digits.size();
  const auto parsed = std::from_chars(digits.data(), end, number);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  return number;
}

}  // namespace

ExecutionKeyword::ExecutionKeyword(const std::string& keyword) {
  const bool marked = keyword.starts_with('#');
  number = wholeNumber(std::string_view{keyword}.substr(marked ? 1 : 0));
  if (!marked || !number) text = searchFold(keyword);
}

}  // namespace oscar::store
