#pragma once

#include "domain/result.hpp"
#include "plugin_runtime/plugin_states.hpp"

#include <string>
#include <string_view>

namespace oscar::plugin_runtime {

/// What the user wrote for one plugin, without what is meant for the host.
struct PluginConfiguration {
  bool enabled = true;
  std::string json = "{}";  ///< the object without `enabled`
};

/// Takes `enabled` out of a plugin's section. The error says what is wrong with the section.
Result<PluginConfiguration, Text> readConfiguration(std::string_view user_json);

/// The configuration that an instance receives: `user_json`, and each field of the object
/// `host_facts` that the schema has a property for and the user left out; checked against `schema`.
Result<std::string, Refusal> effectiveConfiguration(const std::string& plugin_id,
                                                    std::string_view user_json,
                                                    std::string_view host_facts,
                                                    std::string_view schema);

}  // namespace oscar::plugin_runtime
