#include "plugin_runtime/manifest.hpp"

#include "json/reader.hpp"
#include "plugin_runtime/field_texts.hpp"

#include <algorithm>
#include <string>

namespace oscar::plugin_runtime {
namespace {

constexpr std::size_t kMaxManifestBytes = 64 << 10;

bool isPluginId(std::string_view id) {
  const auto isLower = [](char c) { return c >= 'a' && c <= 'z'; };
  return !id.empty() && id.size() <= 64 && isLower(id.front()) &&
         std::all_of(id.begin(), id.end(),
                     [&](char c) { return isLower(c) || (c >= '0' && c <= '9') || c == '_'; });
}

void readCapabilities(json::Reader& reader, json::FieldErrors& errors, Manifest& manifest) {
  auto list = reader.objects("capabilities");
  if (!list || list->empty()) {
    if (errors.empty()) {
      errors.add("capabilities", {"至少需要一项", "needs at least one element"});
    }
    return;
  }
  for (json::Reader& item : *list) {
    manifest.capabilities.push_back(
        {item.requireString("interface", 1, 128), item.requireString("type", 1, 64)});
  }
}

}  // namespace

Result<Manifest, Text> parseManifest(std::string_view json) {
  json::FieldErrors errors;
  auto parsed = json::Reader::parse(json, errors, kMaxManifestBytes);
  if (!parsed) return parsed.error().text;
  json::Reader& reader = parsed.value();

  Manifest manifest;
  manifest.id = reader.requireString("id", 1, 64);
  manifest.version = reader.requireString("version", 1, 64);
  manifest.abi = reader.requireString("abi", 1, 16);
  manifest.library = reader.string("library", 1, 255).value_or("lib" + manifest.id + ".so");
  readCapabilities(reader, errors, manifest);
  if (errors.empty() && !isPluginId(manifest.id)) {
    errors.add("id", {"只能由小写字母、数字和下划线组成，且以字母开头",
                      "must consist of lower-case letters, digits and underscores and begin with "
                      "a letter"});
  }
  if (!errors.empty()) return describe(errors.list());
  return manifest;
}

}  // namespace oscar::plugin_runtime
