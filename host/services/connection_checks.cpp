#include "services/connection_checks.hpp"

#include "services/field_checks.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace oscar::services {
namespace {

constexpr int kMaxName = 50;          // requirement document 3.1.2
constexpr int kMaxDescription = 200;  // the same
constexpr int kMaxUsername = 100;     // column of 5.1.1
constexpr int kMaxDatabase = 64;      // MySQL's limit for identifiers
constexpr int kMaxBackend = 50;
constexpr std::size_t kMaxPasswordBytes = 1024;
constexpr std::size_t kMaxAuthorityBytes = std::size_t{64} * 1024;

/// Character sets of MySQL 5.7–9.x and MariaDB that a client connection can use: ucs2, utf16,
/// utf16le and utf32 are storage only.
constexpr std::array<std::string_view, 37> kCharsets{
    "utf8mb4", "utf8mb3",  "utf8",    "armscii8", "ascii",  "big5",    "binary", "cp1250",
    "cp1251",  "cp1256",   "cp1257",  "cp850",    "cp852",  "cp866",   "cp932",  "dec8",
    "eucjpms", "euckr",    "gb18030", "gb2312",   "gbk",    "geostd8", "greek",  "hebrew",
    "hp8",     "keybcs2",  "koi8r",   "koi8u",    "latin1", "latin2",  "latin5", "latin7",
    "macce",   "macroman", "sjis",    "swe7",     "tis620"};

void checkCharset(std::vector<FieldError>& errors, const std::string& charset) {
  if (std::find(kCharsets.begin(), kCharsets.end(), charset) != kCharsets.end()) return;
  errors.push_back({"charset", Text{"不是 MySQL 客户端可用的字符集，通常为 utf8mb4",
                                    "is no character set that a MySQL client can use; utf8mb4 is "
                                    "the usual one"}});
}

void checkAuthority(std::vector<FieldError>& errors, const std::string& pem) {
  if (pem.empty()) return;
  if (pem.size() > kMaxAuthorityBytes) {
    errors.push_back({"ssl_ca", Text{"证书最大 64 KiB", "may have at most 64 KiB"}});
  } else if (pem.find("PRIVATE KEY-----") != std::string::npos) {
    errors.push_back({"ssl_ca", Text{"包含私钥，这里只应填写 CA 证书；请考虑更换该私钥",
                                     "holds a private key; only the authority's certificate "
                                     "belongs here. Consider that key known"}});
  } else if (codePoints(pem) < 0 || hasControlCharacters(pem, "\r\n\t") ||
             pem.find("-----BEGIN CERTIFICATE-----") == std::string::npos ||
             pem.find("-----END CERTIFICATE-----") == std::string::npos) {
    errors.push_back(
        {"ssl_ca", Text{"应为 PEM 格式的 CA 证书（以 -----BEGIN CERTIFICATE----- 开头）",
                        "must be an authority's certificate in PEM form (-----BEGIN "
                        "CERTIFICATE-----)"}});
  }
}

void checkPassword(std::vector<FieldError>& errors, const std::optional<Secret>& password,
                   bool required) {
  if (!password) {
    if (required) errors.push_back({"password", Text{"必填", "is required"}});
    return;
  }
  const std::string& text = password->reveal();
  if (text.empty()) {
    errors.push_back({"password", Text{"不能为空", "must not be empty"}});
  } else if (text.size() > kMaxPasswordBytes || text.find('\0') != std::string::npos) {
    errors.push_back({"password", Text{"最长 1024 字节，且不能包含零字节",
                                       "may have at most 1024 bytes and no zero byte"}});
  }
}

void checkBackend(std::vector<FieldError>& errors, const std::string& backend) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  if (backend.size() > kMaxBackend || !std::all_of(backend.begin(), backend.end(), allowed)) {
    errors.push_back({"backend", Text{"应为执行后端的类型名，如 local",
                                      "must be the type of a backend, such as local"}});
  }
}

}  // namespace

void checkConnection(const ConnectionInput& input, bool password_required, bool name_required) {
  const Connection& connection = input.connection;
  std::vector<FieldError> errors;
  if (checkText(errors, "name", connection.name, name_required ? 1 : 0, kMaxName) &&
      !connection.name.empty() && connection.name.find_first_not_of(' ') == std::string::npos) {
    errors.push_back({"name", Text{"不能只有空格", "must not be blank"}});
  }
  checkHost(errors, "host", connection.host);
  checkRange(errors, "port", connection.port, 1, 65535);
  checkText(errors, "username", connection.username, 1, kMaxUsername);
  checkPassword(errors, input.password, password_required);
  if (checkText(errors, "database_name", connection.database_name, 1, kMaxDatabase) &&
      connection.database_name.back() == ' ') {
    errors.push_back({"database_name", Text{"不能以空格结尾", "must not end in a blank"}});
  }
  checkText(errors, "description", connection.description, 0, kMaxDescription, "\r\n\t");
  checkRange(errors, "connect_timeout", connection.connect_timeout, 1, 60);
  checkCharset(errors, connection.charset);
  checkAuthority(errors, connection.ssl_ca);
  checkBackend(errors, connection.backend);
  throwIfAny(std::move(errors));
}

bool maySendStoredPassword(const Connection& stored, const Connection& wanted) {
  return stored.host == wanted.host && stored.port == wanted.port &&
         stored.username == wanted.username && stored.use_ssl == wanted.use_ssl &&
         stored.ssl_verify == wanted.ssl_verify && stored.ssl_ca == wanted.ssl_ca;
}

}  // namespace oscar::services
