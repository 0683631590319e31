#include "services/field_checks.hpp"

#include "ddl/utf8.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <netinet/in.h>

namespace oscar::services {
namespace {

bool isAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool isDnsLabel(std::string_view label) {
  return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
         std::all_of(label.begin(), label.end(),
                     [](char c) { return isAlphanumeric(c) || c == '-' || c == '_'; });
}

bool isDnsName(std::string_view name) {
  if (name.empty() || name.size() > 253) return false;
  std::string_view last;
  for (std::size_t start = 0; start <= name.size();) {
    const std::size_t end = std::min(name.find('.', start), name.size());
    last = name.substr(start, end - start);
    if (!isDnsLabel(last)) return false;
    start = end + 1;
  }
  // `10.1.2.300` is a mistyped address, and some resolvers read `0177.1` as one: no top-level
  // domain consists of digits.
  return !std::all_of(last.begin(), last.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool isIpAddress(const std::string& text) {
  in6_addr bytes{};
  return ::inet_pton(AF_INET, text.c_str(), &bytes) == 1 ||
         ::inet_pton(AF_INET6, text.c_str(), &bytes) == 1;
}

}  // namespace

int codePoints(std::string_view text) {
  int count = 0;
  for (std::size_t offset = 0; offset < text.size(); ++count) {
    const std::size_t length = ddl::codePointAt(text, offset).length;
    if (length == 0) return -1;
    offset += length;
  }
  return count;
}

bool hasControlCharacters(std::string_view text, std::string_view allowed) {
  return std::any_of(text.begin(), text.end(), [&](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 || byte == 0x7f) && allowed.find(c) == std::string_view::npos;
  });
}

std::string lowerAscii(std::string_view text) {
  std::string lower{text};
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::string truncated(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return std::string{text};
  std::size_t end = max_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return std::string{text.substr(0, end)};
}

bool checkText(std::vector<FieldError>& errors, const std::string& field, std::string_view text,
               int min, int max, std::string_view allowed) {
  const int length = codePoints(text);
  if (length < 0) {
    errors.push_back({field, Text{"不是有效的 UTF-8 文本", "is not valid UTF-8 text"}});
    return false;
  }
  if (length == 0 && min > 0) {
    errors.push_back({field, Text{"必填", "is required"}});
    return false;
  }
  if (length < min || length > max) {
    const std::string range = std::to_string(min) + "–" + std::to_string(max);
    errors.push_back(
        {field, Text{"长度应为 " + range + " 个字符，实际为 " + std::to_string(length),
                     "must have " + range + " characters, has " + std::to_string(length)}});
    return false;
  }
  if (hasControlCharacters(text, allowed)) {
    errors.push_back({field, Text{"不能包含控制字符（如换行）",
                                  "must not hold control characters such as line "
                                  "ends"}});
    return false;
  }
  return true;
}

bool checkRange(std::vector<FieldError>& errors, const std::string& field, int value, int min,
                int max) {
  if (value >= min && value <= max) return true;
  const std::string range = std::to_string(min) + "–" + std::to_string(max);
  errors.push_back({field, Text{"应在 " + range + " 之间，实际为 " + std::to_string(value),
                                "must be " + range + ", is " + std::to_string(value)}});
  return false;
}

bool checkHost(std::vector<FieldError>& errors, const std::string& field, const std::string& host) {
  if (host.empty()) {
    errors.push_back({field, Text{"必填", "is required"}});
    return false;
  }
  // A zero byte would end the name early for inet_pton.
  if (host.find('\0') == std::string::npos && (isIpAddress(host) || isDnsName(host))) return true;
  errors.push_back({field, Text{"应为 IP 地址或域名，不带端口、协议和空格",
                                "must be an IP address or a DNS name, without port, scheme or "
                                "blanks"}});
  return false;
}

void throwIfAny(std::vector<FieldError> errors) {
  if (!errors.empty()) throw ServiceError::invalidFields(std::move(errors));
}

}  // namespace oscar::services
