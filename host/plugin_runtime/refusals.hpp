#pragma once

#include "plugin_runtime/plugin_states.hpp"

#include <cstdint>
#include <string>

/// The sentences of every refusal, in one place. Arguments are put in as they are.
namespace oscar::plugin_runtime::refusals {

Refusal pathNotAbsolute(const std::string& path);
Refusal pathNotAFolder(const std::string& path);
Refusal writableByEverybody(const std::string& path);
Refusal libraryOutside(const std::string& library);
Refusal manifestMissing(const std::string& path);
Refusal manifestInvalid(const std::string& path, const std::string& why_zh,
                        const std::string& why_en);
Refusal duplicateId(const std::string& id, const std::string& other_path);
Refusal duplicateType(const std::string& interface_id, const std::string& type,
                      const std::string& other_id);
Refusal disabled(const std::string& id);
Refusal libraryMissing(const std::string& path);
Refusal notALibrary(const std::string& path);
Refusal entryMissing(const std::string& path);
Refusal loadFailed(const std::string& why);
Refusal badDescriptor(const std::string& why_zh, const std::string& why_en);
Refusal abiMajorMismatch(std::uint32_t plugin_major);
Refusal abiTooNew(std::uint32_t major, std::uint32_t minor);
Refusal toolchainMismatch(const std::string& plugin_toolchain);
Refusal manifestMismatch(const std::string& field, const std::string& file,
                         const std::string& library);
Refusal unknownInterface(const std::string& interface_id);
Refusal configInvalid(const std::string& id, const Text& problems);
Refusal createFailed(const std::string& type, const std::string& why);
Refusal configuredButAbsent(const std::string& id);
Refusal faulty(const std::string& type, const std::string& why);

/// Not a state of the plugin: it passes when the call comes back.
Text notAnswering(const std::string& type, const std::string& operation);

}  // namespace oscar::plugin_runtime::refusals
