#pragma once

#include "settings/keys.hpp"

#include <optional>
#include <string>
#include <vector>

namespace oscar::settings {

/// Puts one written value where `key` says. Gives the reason why it cannot, empty when it could.
/// A list takes its elements separated by commas.
Text assign(const Key& key, const std::string& written);
/// As assign, for a list given as a list.
Text assignList(const ListKey& key, const std::vector<std::string>& elements);

/// The value as YAML would write it.
std::string written(const Key& key);

}  // namespace oscar::settings
