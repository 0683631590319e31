#include "settings/text_rules.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string_view>

namespace oscar::settings {
namespace {

bool isDigit(char c) {
  return c >= '0' && c <= '9';
}
bool isWordCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || isDigit(c) || c == '_';
}

bool isPort(std::string_view text) {
  return !text.empty() && text.size() <= 5 && std::all_of(text.begin(), text.end(), isDigit) &&
         std::stoi(std::string{text}) >= 1 && std::stoi(std::string{text}) <= 65535;
}

/// `host`, `host:port` or `[ipv6]:port`.
bool isHostAndPort(std::string_view text) {
  std::string_view host = text;
  std::string_view rest;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return false;
    host = text.substr(1, end - 1);
    rest = text.substr(end + 1);
    if (!ipAddress(std::string{host}).empty()) return false;
  } else {
    const auto colon = text.find(':');
    if (colon != std::string_view::npos) {
      host = text.substr(0, colon);
      rest = text.substr(colon);
    }
    const auto allowed = [](char c) { return isWordCharacter(c) || c == '.' || c == '-'; };
    if (!std::all_of(host.begin(), host.end(), allowed)) return false;
  }
  return !host.empty() && (rest.empty() || (rest.front() == ':' && isPort(rest.substr(1))));
}

bool isLoadLimit(std::string_view part) {
  while (part.starts_with(' ')) part.remove_prefix(1);
  while (part.ends_with(' ')) part.remove_suffix(1);
  const auto sign = part.find_first_of("=:");
  if (sign == std::string_view::npos || sign == 0 || sign + 1 == part.size()) return false;
  const std::string_view name = part.substr(0, sign);
  const std::string_view value = part.substr(sign + 1);
  return std::all_of(name.begin(), name.end(), isWordCharacter) && value.size() <= 18 &&
         std::all_of(value.begin(), value.end(), isDigit);
}

}  // namespace

Text anyText(const std::string& /*value*/) {
  return {};
}

Text notEmpty(const std::string& value) {
  if (!value.empty()) return {};
  return {"不能为空", "must not be empty"};
}

Text ipAddress(const std::string& value) {
  in6_addr bytes{};
  if (::inet_pton(AF_INET, value.c_str(), &bytes) == 1 ||
      ::inet_pton(AF_INET6, value.c_str(), &bytes) == 1) {
    return {};
  }
  return {"应为 IP 地址，如 127.0.0.1 或 ::", "must be an IP address such as 127.0.0.1 or ::"};
}

Text origin(const std::string& value) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (value.starts_with(scheme) && isHostAndPort(std::string_view{value}.substr(scheme.size()))) {
      return {};
    }
  }
  return {"应为 https://主机[:端口]，末尾不带路径",
          "must be https://host[:port] without a path behind it"};
}

Text absolutePath(const std::string& value) {
  if (value.starts_with('/')) return {};
  return {"应为绝对路径（以 / 开头）", "must be an absolute path (beginning with /)"};
}

Text storeUrl(const std::string& value) {
  if (value == "sqlite") return {};
  constexpr std::string_view kScheme = "mysql://";
  Text form{"应为 sqlite 或 mysql://用户@主机:端口/数据库",
            "must be sqlite or mysql://user@host:port/database"};
  if (!value.starts_with(kScheme)) return form;
  const std::string_view rest = std::string_view{value}.substr(kScheme.size());
  const auto at = rest.rfind('@');
  if (at == std::string_view::npos || at == 0) return form;
  if (rest.substr(0, at).find(':') != std::string_view::npos) {
    return {"不能包含密码：配置文件会被备份和查看。请删除密码并改用环境变量 OSCAR_STORE_PASSWORD",
            "must not hold a password, because configuration files are backed up and shown around. "
            "Remove it and set OSCAR_STORE_PASSWORD instead"};
  }
  const std::string_view place = rest.substr(at + 1);
  const auto slash = place.find('/');
  if (slash == std::string_view::npos || slash + 1 == place.size()) return form;
  const std::string_view database = place.substr(slash + 1);
  if (!isHostAndPort(place.substr(0, slash))) return form;
  if (!std::all_of(database.begin(), database.end(),
                   [](char c) { return isWordCharacter(c) || c == '-' || c == '$'; })) {
    return form;
  }
  return {};
}

Text loadLimits(const std::string& value) {
  const std::string_view text{value};
  bool right = true;
  for (std::size_t start = 0; right && start <= text.size();) {
    const std::size_t end = std::min(text.find(',', start), text.size());
    right = isLoadLimit(text.substr(start, end - start));
    start = end + 1;
  }
  if (right) return {};
  return {"应为 状态变量=数值，多个以逗号分隔，如 Threads_running=50",
          "must be status_variable=number, several separated by commas, such as "
          "Threads_running=50"};
}

Text backendType(const std::string& value) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || isDigit(c) || c == '_' || c == '-';
  };
  if (!value.empty() && std::all_of(value.begin(), value.end(), allowed)) return {};
  return {"应为执行后端的类型名，如 local", "must be the type of a backend, such as local"};
}

Text logLevel(const std::string& value) {
  if (value == "debug" || value == "info" || value == "warn" || value == "error") return {};
  return {"应为 debug、info、warn 或 error", "must be debug, info, warn or error"};
}

Text logFormat(const std::string& value) {
  if (value == "text" || value == "json") return {};
  return {"应为 text 或 json", "must be text or json"};
}

}  // namespace oscar::settings
