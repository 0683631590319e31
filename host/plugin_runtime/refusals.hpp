#pragma once

#include "plugin_runtime/plugin_states.hpp"

#include <cstdint>
#include <string>

/// The sentences of every refusal, in one place. Arguments are put in as they are.
namespace oscar::plugin_runtime::refusals {

/// A configured folder that is no absolute path.
Refusal pathNotAbsolute(const std::string& path);
/// A configured folder that is not there, or is no folder.
Refusal pathNotAFolder(const std::string& path);
/// `path` or what is above it could be replaced by anybody on this machine.
Refusal writableByEverybody(const std::string& path);
/// The manifest names a library that is not in the plugin's own folder.
Refusal libraryOutside(const std::string& library);
/// No plugin.json.
Refusal manifestMissing(const std::string& path);
/// plugin.json is not what the schema asks for.
Refusal manifestInvalid(const std::string& path, const std::string& why_zh,
                        const std::string& why_en);
/// Another folder, loaded before, has the same plugin id.
Refusal duplicateId(const std::string& id, const std::string& other_path);
/// Another plugin already serves that type of that interface.
Refusal duplicateType(const std::string& interface_id, const std::string& type,
                      const std::string& other_id);
/// Switched off in the settings (`enabled: false`).
Refusal disabled(const std::string& id);
/// The library that the manifest names is not there.
Refusal libraryMissing(const std::string& path);
/// The file is no ELF shared library of this machine.
Refusal notALibrary(const std::string& path);
/// The library does not export the entry point.
Refusal entryMissing(const std::string& path);
/// The dynamic linker refused; `why` is its own text.
Refusal loadFailed(const std::string& why);
/// The descriptor that the entry point gave breaks the ABI's rules.
Refusal badDescriptor(const std::string& why_zh, const std::string& why_en);
/// Built for another, incompatible version of the ABI.
Refusal abiMajorMismatch(std::uint32_t plugin_major);
/// Built for a newer minor version than this host offers.
Refusal abiTooNew(std::uint32_t major, std::uint32_t minor);
/// Built by a compiler or C++ library that this host cannot be mixed with.
Refusal toolchainMismatch(const std::string& plugin_toolchain);
/// plugin.json and the manifest built into the library differ in `field`.
Refusal manifestMismatch(const std::string& field, const std::string& file,
                         const std::string& library);
/// A capability of an interface that this host does not know.
Refusal unknownInterface(const std::string& interface_id);
/// The section of the settings does not fit the capability's schema.
Refusal configInvalid(const std::string& id, const Text& problems);
/// The instance's constructor refused; `why` is its own text.
Refusal createFailed(const std::string& type, const std::string& why);
/// The settings have a section for a plugin that no folder holds.
Refusal configuredButAbsent(const std::string& id);
/// No new run starts with it: a call broke the rules of the interface; `why` says how.
Refusal faulty(const std::string& type, const std::string& why);

/// Not a state of the plugin: it passes when the call comes back.
Text notAnswering(const std::string& type, const std::string& operation);

}  // namespace oscar::plugin_runtime::refusals
