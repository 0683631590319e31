#pragma once

#include "settings/settings_loader.hpp"

#include <string>
#include <utility>
#include <vector>

namespace YAML {
class Node;
}

namespace oscar::settings {

/// The sections under plugins.configuration as JSON texts, one per plugin id. What a plugin's
/// section may hold is the business of the plugin's own schema. Appends to `problems`.
std::vector<std::pair<std::string, std::string>> readPluginConfiguration(
    const YAML::Node& sections, std::vector<Problem>& problems);

}  // namespace oscar::settings
