#pragma once

#include "domain/text.hpp"
#include "domain/user.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace oscar::http {

/// Header fields in the order of arrival. Names compare without case.
class HeaderMap {
 public:
  void add(std::string name, std::string value);
  /// Replaces every field of that name.
  void set(std::string_view name, std::string value);
  /// The first value; empty when there is none.
  std::string_view get(std::string_view name) const;
  bool has(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& all() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

/// ASCII, without case: header names and their token values.
bool equalsIgnoringCase(std::string_view a, std::string_view b);

/// A request as the dispatcher sees it, whether it came over HTTP or from inside the process.
struct Request {
  std::string method = "GET";
  std::string path;   ///< still percent-encoded: it is split first and decoded afterwards
  std::string query;  ///< still percent-encoded, without the `?`
  HeaderMap headers;
  std::string body;
  std::string peer_address;  ///< of the client, behind trusted proxies
  bool secure = false;       ///< came over TLS, here or at a trusted proxy
  std::string request_id;    ///< set by the first middleware
  Language language = Language::kZh;
  /// Set for in-process calls, whose caller is already known; such a request carries no token.
  std::optional<Principal> principal;
};

/// The best of Accept-Language that Oscar speaks; `fallback` when it names none.
Language negotiateLanguage(std::string_view accept_language, Language fallback);

}  // namespace oscar::http
