#pragma once

#include "domain/result.hpp"
#include "plugin_runtime/library.hpp"
#include "plugin_runtime/manifest.hpp"
#include "plugin_runtime/plugin_states.hpp"
#include <oscar/sdk/plugin_abi.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace oscar::plugin_runtime {

/// A library that this host and its manifest agree with.
struct NegotiatedPlugin {
  std::unique_ptr<Library> library;
  std::vector<const oscar_capability*> capabilities;  ///< static in the library
};

/// The first half, without touching the library: the folder is allowed and its plugin.json is
/// sound. `folder` is an element of the allow-list as the user wrote it.
Result<Manifest, Refusal> readPluginFolder(const std::string& folder);

/// The second half, in the order of host/plugin_runtime/README.md: the library is there, exports
/// the entry, loads, and its descriptor fits this host and `manifest`.
Result<std::shared_ptr<NegotiatedPlugin>, Refusal> negotiate(const std::filesystem::path& folder,
                                                             const Manifest& manifest);

/// The checks of a descriptor alone.
Result<std::vector<const oscar_capability*>, Refusal> checkDescriptor(
    const oscar_plugin_descriptor* descriptor, const Manifest& manifest);

}  // namespace oscar::plugin_runtime
