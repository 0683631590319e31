#include "ddl/ptosc_dsn.hpp"

#include <algorithm>
#include <cctype>

namespace oscar::ddl {
namespace {

constexpr std::size_t kMaxNameCharacters = 64;  // MySQL's limit for identifiers

std::size_t codePoints(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

bool hasControl(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  });
}

Text cannotContain(char c) {
  const std::string what(1, c);
  return {"含有 " + what + "，pt-osc 无法正确处理这样的名称；请改用直接 ALTER",
          "contains " + what + ", which pt-osc cannot handle; change this table by a direct ALTER"};
}

// The driver's DSN has no quoting: it splits at ; and : and takes = and [] as syntax.
constexpr std::string_view kDriverSyntax = ";:=[]";
// pt-osc writes names between single quotes into its query for child tables.
constexpr std::string_view kQuerySyntax = "'\\";

}  // namespace

std::optional<Text> ptoscNameProblem(std::string_view name, PtoscName kind) {
  if (name.empty()) return Text{"不能为空", "must not be empty"};
  if (codePoints(name) > kMaxNameCharacters) {
    return Text{"最多 64 个字符", "must have at most 64 characters"};
  }
  if (hasControl(name)) {
    return Text{"不能包含控制字符或换行", "must not contain control characters or line breaks"};
  }
  if (name.back() == ' ') {
    return Text{"不能以空格结尾", "must not end with a space (MySQL does not allow it)"};
  }
  // Perl takes "0" for "not given".
  if (name == "0") return Text{"pt-osc 不接受 0", "must not be 0: pt-osc does not accept it"};
  if (name.find("{run_dir}") != name.npos) {
    return Text{"不能包含 {run_dir}", "must not contain {run_dir}"};
  }
  const auto quoted = name.find_first_of(kQuerySyntax);
  if (quoted != name.npos) return cannotContain(name[quoted]);
  if (kind == PtoscName::kDatabase) {
    const auto syntax = name.find_first_of(kDriverSyntax);
    if (syntax != name.npos) return cannotContain(name[syntax]);
  }
  return std::nullopt;
}

std::optional<Text> ptoscHostProblem(std::string_view host) {
  const bool fits = !host.empty() && host.size() <= 255 && host.front() != '-' &&
                    std::all_of(host.begin(), host.end(), [](char c) {
                      return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                             std::string_view{".-_:[]%"}.find(c) != std::string_view::npos;
                    });
  if (fits) return std::nullopt;
  return Text{"主机只能是主机名或 IP 地址", "must be a host name or an IP address"};
}

bool isCharsetName(std::string_view word) {
  return !word.empty() && word.size() <= 32 && std::all_of(word.begin(), word.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
  });
}

std::string ptoscDsnHost(std::string_view host) {
  if (host == "localhost") return "127.0.0.1";
  if (host.find(':') != host.npos && host.front() != '[') return "[" + std::string{host} + "]";
  return std::string{host};
}

std::string ptoscDsn(const PtoscEndpoint& endpoint, std::string_view database,
                     std::string_view table) {
  const auto escaped = [](std::string_view value) {
    std::string out;
    for (const char c : value) {
      if (c == ',') out += '\\';  // the only escape that DSNParser knows
      out += c;
    }
    return out;
  };
  return "F={run_dir}/my.cnf,h=" + escaped(ptoscDsnHost(endpoint.host)) +
         ",P=" + std::to_string(endpoint.port) + ",A=" + std::string{kPtoscCharset} +
         ",D=" + escaped(database) + ",t=" + escaped(table);
}

}  // namespace oscar::ddl
