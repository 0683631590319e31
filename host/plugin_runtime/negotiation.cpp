#include "plugin_runtime/negotiation.hpp"

#include "plugin_runtime/elf_exports.hpp"
#include "plugin_runtime/refusals.hpp"
#include <oscar/sdk/toolchain.hpp>

#include <cstddef>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string_view>

namespace oscar::plugin_runtime {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxManifestFile = 64 << 10;
constexpr std::uint32_t kMaxCapabilities = 64;

bool writableByEverybody(const fs::path& path) {
  std::error_code ignored;
  const auto permissions = fs::status(path, ignored).permissions();
  return !ignored && (permissions & fs::perms::others_write) != fs::perms::none;
}

std::optional<std::string> readSmallFile(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_regular_file(path, ignored)) return std::nullopt;
  std::ifstream in{path, std::ios::binary};
  std::string text;
  text.reserve(4096);
  for (std::istreambuf_iterator<char> it{in}, end; it != end; ++it) {
    if (text.size() == kMaxManifestFile) break;  // the parser refuses what is cut off
    text.push_back(*it);
  }
  if (in.bad()) return std::nullopt;
  return text;
}

/// The library must really lie in the allowed folder, or the allow-list would mean nothing.
std::optional<Refusal> checkLibraryPath(const fs::path& folder, const std::string& name,
                                        fs::path& library) {
  library = folder / name;
  if (name.find('/') != std::string::npos || name == "." || name == "..") {
    return refusals::libraryOutside(name);
  }
  std::error_code ignored;
  if (!fs::is_regular_file(library, ignored)) return refusals::libraryMissing(library.string());
  const fs::path real = fs::canonical(library, ignored);
  if (real.parent_path() != fs::canonical(folder, ignored)) {
    return refusals::libraryOutside(library.string());
  }
  if (writableByEverybody(real)) return refusals::writableByEverybody(real.string());
  return std::nullopt;
}

const oscar_plugin_descriptor* callEntry(oscar_plugin_entry_fn entry, std::string& failure) {
  try {
    const oscar_plugin_descriptor* descriptor = entry(OSCAR_HOST_ABI);
    if (!descriptor) failure = "the entry returned no descriptor";
    return descriptor;
  } catch (const std::exception& thrown) {
    failure = std::string{"the entry threw: "} + thrown.what();
  } catch (...) {
    failure = "the entry threw";
  }
  return nullptr;
}

std::string listOf(const std::vector<Manifest::Capability>& capabilities) {
  std::string list;
  for (const auto& capability : capabilities) {
    list += (list.empty() ? "" : ", ") + capability.interface_id + " " + capability.type;
  }
  return list;
}

/// What the library compiled in, against the file beside it.
std::optional<Refusal> compareManifests(const Manifest& file, const Manifest& compiled,
                                        const std::vector<const oscar_capability*>& capabilities) {
  if (file.id != compiled.id) return refusals::manifestMismatch("id", file.id, compiled.id);
  if (file.version != compiled.version) {
    return refusals::manifestMismatch("version", file.version, compiled.version);
  }
  std::vector<Manifest::Capability> real;
  real.reserve(capabilities.size());
  for (const oscar_capability* capability : capabilities) {
    real.push_back({capability->interface_id, capability->type});
  }
  if (file.capabilities != real) {
    return refusals::manifestMismatch("capabilities", listOf(file.capabilities), listOf(real));
  }
  return std::nullopt;
}

Refusal structTooShort(const char* name, std::size_t size, std::size_t needed) {
  std::ostringstream sizes;
  sizes << name << " " << size << " < " << needed;
  return refusals::badDescriptor("结构体大小不足（" + sizes.str() + "）",
                                 "a structure is too short (" + sizes.str() + " bytes)");
}

/// The array's stride is the plugin's own sizeof(oscar_capability), which a later minor version may
/// have made larger than ours.
Result<std::vector<const oscar_capability*>, Refusal> readCapabilities(
    const oscar_plugin_descriptor& descriptor) {
  if (!descriptor.capabilities || descriptor.capability_count == 0 ||
      descriptor.capability_count > kMaxCapabilities) {
    return refusals::badDescriptor("没有能力列表", "it lists no capabilities");
  }
  const auto* bytes = reinterpret_cast<const std::byte*>(descriptor.capabilities);
  const std::size_t stride = descriptor.capabilities->struct_size;
  if (stride < sizeof(oscar_capability)) {
    return structTooShort("oscar_capability", stride, sizeof(oscar_capability));
  }
  std::vector<const oscar_capability*> capabilities;
  for (std::uint32_t i = 0; i < descriptor.capability_count; ++i) {
    const auto* capability = reinterpret_cast<const oscar_capability*>(bytes + i * stride);
    if (!capability->interface_id || !capability->type || !capability->config_schema ||
        !capability->create || !capability->destroy) {
      return refusals::badDescriptor("能力的字段为空", "a capability has an empty field");
    }
    capabilities.push_back(capability);
  }
  return capabilities;
}

}  // namespace

Result<Manifest, Refusal> readPluginFolder(const std::string& folder) {
  const fs::path path{folder};
  std::error_code ignored;
  if (!path.is_absolute()) return refusals::pathNotAbsolute(folder);
  if (!fs::is_directory(path, ignored)) return refusals::pathNotAFolder(folder);
  if (writableByEverybody(path)) return refusals::writableByEverybody(folder);
  const fs::path file = path / "plugin.json";
  const auto text = readSmallFile(file);
  if (!text) return refusals::manifestMissing(file.string());
  auto manifest = parseManifest(*text);
  if (!manifest) {
    return refusals::manifestInvalid(file.string(), manifest.error().zh, manifest.error().en);
  }
  return std::move(manifest).value();
}

Result<std::shared_ptr<NegotiatedPlugin>, Refusal> negotiate(const fs::path& folder,
                                                             const Manifest& manifest) {
  fs::path path;
  if (auto refusal = checkLibraryPath(folder, manifest.library, path)) return *refusal;
  switch (findExportedSymbol(path, OSCAR_PLUGIN_ENTRY_SYMBOL)) {
    case SymbolPresence::kNotALibrary:
      return refusals::notALibrary(path.string());
    case SymbolPresence::kAbsent:
      return refusals::entryMissing(path.string());
    case SymbolPresence::kPresent:
      break;
  }
  auto library = Library::open(path);
  if (!library) return refusals::loadFailed(library.error());

  std::string failure;
  const oscar_plugin_descriptor* descriptor = callEntry(library.value()->entry(), failure);
  if (!descriptor) return refusals::badDescriptor("入口函数失败（" + failure + "）", failure);
  auto capabilities = checkDescriptor(descriptor, manifest);
  if (!capabilities) return capabilities.error();
  auto plugin = std::make_shared<NegotiatedPlugin>();
  plugin->library = std::move(library).value();
  plugin->capabilities = std::move(capabilities).value();
  return plugin;
}

Result<std::vector<const oscar_capability*>, Refusal> checkDescriptor(
    const oscar_plugin_descriptor* descriptor, const Manifest& manifest) {
  // Only the first field may be read before it vouches for the others.
  if (descriptor->struct_size < sizeof(oscar_plugin_descriptor)) {
    return structTooShort("oscar_plugin_descriptor", descriptor->struct_size,
                          sizeof(oscar_plugin_descriptor));
  }
  if (descriptor->abi_major != OSCAR_ABI_MAJOR) {
    return refusals::abiMajorMismatch(descriptor->abi_major);
  }
  // As int: `>` against an unsigned zero is always false to the compiler while the minor is 0.
  if (int{descriptor->abi_minor} > static_cast<int>(OSCAR_ABI_MINOR)) {
    return refusals::abiTooNew(descriptor->abi_major, descriptor->abi_minor);
  }
  if (!descriptor->toolchain || !descriptor->manifest_json) {
    return refusals::badDescriptor("字段为空", "a field is empty");
  }
  if (std::string_view{descriptor->toolchain} != OSCAR_SDK_TOOLCHAIN) {
    return refusals::toolchainMismatch(descriptor->toolchain);
  }
  auto capabilities = readCapabilities(*descriptor);
  if (!capabilities) return capabilities.error();
  const auto compiled = parseManifest(descriptor->manifest_json);
  if (!compiled) {
    return refusals::badDescriptor("内置的清单无效：" + compiled.error().zh,
                                   "its built-in manifest is invalid: " + compiled.error().en);
  }
  if (auto refusal = compareManifests(manifest, compiled.value(), capabilities.value())) {
    return *refusal;
  }
  return capabilities;
}

}  // namespace oscar::plugin_runtime
