#pragma once

#include "domain/result.hpp"
#include "domain/text.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace oscar::plugin_runtime {

/// plugin.json: what a plugin says about itself before anything of it is loaded.
struct Manifest {
  struct Capability {
    std::string interface_id;  ///< `oscar.ExecutionBackend/1`
    std::string type;          ///< `local`
    bool operator==(const Capability&) const = default;
  };

  std::string id;  ///< `[a-z][a-z0-9_]*`
  std::string version;
  std::string abi;                       ///< `1.0`
  std::string library;                   ///< file name beside plugin.json
  std::vector<Capability> capabilities;  ///< not empty
};

/// Reads a manifest (sdk/README.md, "plugin.json"). Fields it does not know are allowed: they may
/// come from a newer SDK and are for people. The error names every wrong field.
Result<Manifest, Text> parseManifest(std::string_view json);

}  // namespace oscar::plugin_runtime
