#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace oscar::http {

/// Undoes percent-encoding. nullopt for a `%` without two hexadecimal digits, and for `%00`, which
/// no name may contain and which C interfaces would cut at.
std::optional<std::string> percentDecode(std::string_view text, bool plus_is_space = false);

/// `/a/b%2Fc` → {"a", "b/c"}: split first, decode afterwards, so that a name with a slash stays one
/// segment. nullopt when it does not begin with `/`, or a segment cannot be decoded.
std::optional<std::vector<std::string>> splitPath(std::string_view path);

/// `a=1&b=x+y` → pairs in order. Empty parts are skipped. nullopt when it cannot be decoded.
std::optional<std::vector<std::pair<std::string, std::string>>> parseQuery(std::string_view query);

}  // namespace oscar::http
