#pragma once

#include "domain/secret.hpp"

#include <functional>
#include <optional>
#include <string>

namespace oscar::plugin_runtime {

/// What the application lends to plugins beside log and clock. Each function may be called from any
/// thread, at any time until PluginRuntime is destroyed. An empty function means that the host does
/// not offer the service; plugins are told so.
struct HostServices {
  /// Takes an event of a plugin: a valid JSON object with a string `type`, at most 64 KiB. Returns
  /// whether it was taken.
  std::function<bool(const std::string& plugin_id, const std::string& event_json)> emit;
  /// A plugin's own secret; nullopt when there is none of that name.
  std::function<std::optional<Secret>(const std::string& plugin_id, const std::string& name)>
      secret;
};

}  // namespace oscar::plugin_runtime
