#include "http/query_reader.hpp"

#include "http/url.hpp"
#include "json/utf8.hpp"

#include <algorithm>
#include <charconv>

namespace oscar::http {

QueryReader::QueryReader(const Request& request) {
  auto pairs = parseQuery(request.query);
  if (!pairs) {
    throw ServiceError{ErrorCode::kBadRequest,
                       {"查询参数无法解码：% 后必须是两位十六进制数字。",
                        "The query cannot be decoded: % must be followed by two hexadecimal "
                        "digits."}};
  }
  pairs_ = std::move(*pairs);
}

std::optional<std::string> QueryReader::text(std::string_view name, std::size_t max_bytes) {
  asked_.emplace(name);
  const std::string* found = nullptr;
  for (const auto& [key, value] : pairs_) {
    if (key != name) continue;
    if (found) {
      complain(name, {"只能出现一次", "must appear only once"});
      return std::nullopt;
    }
    found = &value;
  }
  if (!found || found->empty()) return std::nullopt;
  if (found->size() > max_bytes) {
    complain(name, {"最长 " + std::to_string(max_bytes) + " 字节",
                    "must have at most " + std::to_string(max_bytes) + " bytes"});
    return std::nullopt;
  }
  if (!json::isUtf8(*found)) {
    complain(name, {"不是有效的 UTF-8 文本", "is not valid UTF-8"});
    return std::nullopt;
  }
  return *found;
}

std::optional<std::int64_t> QueryReader::integer(std::string_view name, std::int64_t min,
                                                 std::int64_t max) {
  const auto value = text(name, 32);
  if (!value) return std::nullopt;
  std::int64_t number = 0;
  const char* const end = value->data() + value->size();
  const auto [stop, problem] = std::from_chars(value->data(), end, number);
  if (problem != std::errc{} || stop != end || number < min || number > max) {
    if (min == INT64_MIN && max == INT64_MAX) {
      complain(name, {"应为整数", "must be an integer"});
      return std::nullopt;
    }
    const std::string range = std::to_string(min) + "–" + std::to_string(max);
    complain(name, {"应为 " + range + " 之间的整数", "must be an integer in " + range});
    return std::nullopt;
  }
  return number;
}

std::optional<bool> QueryReader::boolean(std::string_view name) {
  const auto value = text(name, 8);
  if (!value) return std::nullopt;
  if (*value == "true" || *value == "1") return true;
  if (*value == "false" || *value == "0") return false;
  complain(name, {"应为 true 或 false", "must be true or false"});
  return std::nullopt;
}

std::optional<Timestamp> QueryReader::timestamp(std::string_view name) {
  const auto value = text(name, 64);
  if (!value) return std::nullopt;
  const auto time = parseTimestamp(*value);
  if (!time) {
    complain(name, {"应为 2026-01-15 或 2026-01-15T10:30:00Z 形式的时间",
                    "must be a time such as 2026-01-15 or 2026-01-15T10:30:00Z"});
  }
  return time;
}

std::optional<Timestamp> QueryReader::endTimestamp(std::string_view name) {
  constexpr std::size_t kDateLength = 10;  // 2026-01-15
  const auto end = timestamp(name);
  if (!end || text(name, 64)->size() != kDateLength) return end;
  return *end + std::chrono::hours{24};
}

PageRequest QueryReader::page() {
  PageRequest page;
  page.page = static_cast<int>(integer("page", 1, 10'000'000).value_or(page.page));
  page.page_size = static_cast<int>(integer("page_size", 1, 200).value_or(page.page_size));
  page.before_number = integer("before_number", 1, INT64_MAX).value_or(0);
  return page;
}

void QueryReader::finish() {
  for (const auto& [key, value] : pairs_) {
    if (asked_.contains(key)) continue;
    asked_.insert(key);  // complain once
    complain(key, {"未知参数", "is not a known parameter"});
  }
  if (!errors_.empty()) throw ServiceError::invalidFields(std::move(errors_));
}

std::vector<std::string> QueryReader::parts(std::string_view name) {
  const auto value = text(name, 256);
  std::vector<std::string> list;
  std::string_view rest = value ? std::string_view{*value} : std::string_view{};
  while (!rest.empty()) {
    const auto comma = rest.find(',');
    list.emplace_back(rest.substr(0, comma));
    rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
  }
  return list;
}

void QueryReader::complain(std::string_view name, Text reason) {
  errors_.push_back({std::string{name}, std::move(reason)});
}

void QueryReader::complainWord(std::string_view name, std::string_view words) {
  complain(name, {"应为以下之一：" + std::string{words}, "must be one of " + std::string{words}});
}

}  // namespace oscar::http
