#pragma once

#include "domain/text.hpp"

#include <string>
#include <string_view>

namespace oscar::plugin_runtime {

/// The words of `PluginInfo::state`, in the order in which a plugin can get stuck at them.
namespace state {
inline constexpr std::string_view kPathNotAllowed = "path_not_allowed";
inline constexpr std::string_view kManifestMissing = "manifest_missing";
inline constexpr std::string_view kManifestInvalid = "manifest_invalid";
inline constexpr std::string_view kDuplicateId = "duplicate_id";
inline constexpr std::string_view kDisabled = "disabled";
inline constexpr std::string_view kLibraryMissing = "library_missing";
inline constexpr std::string_view kNotALibrary = "not_a_library";
inline constexpr std::string_view kEntryMissing = "entry_missing";
inline constexpr std::string_view kLoadFailed = "load_failed";
inline constexpr std::string_view kBadDescriptor = "bad_descriptor";
inline constexpr std::string_view kAbiMajorMismatch = "abi_major_mismatch";
inline constexpr std::string_view kAbiTooNew = "abi_too_new";
inline constexpr std::string_view kToolchainMismatch = "toolchain_mismatch";
inline constexpr std::string_view kManifestMismatch = "manifest_mismatch";
inline constexpr std::string_view kUnknownInterface = "unknown_interface";
inline constexpr std::string_view kConfigInvalid = "config_invalid";
inline constexpr std::string_view kCreateFailed = "create_failed";
inline constexpr std::string_view kFaulty = "faulty";
inline constexpr std::string_view kAbsent = "absent";
inline constexpr std::string_view kNotReady = "not_ready";
inline constexpr std::string_view kActive = "active";
}  // namespace state

/// Why a plugin, or one capability of it, is not in service.
struct Refusal {
  std::string_view state;  ///< one of `state`
  Text reason;             ///< what happened, why, what to do
};

}  // namespace oscar::plugin_runtime
