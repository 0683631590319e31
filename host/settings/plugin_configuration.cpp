#include "settings/plugin_configuration.hpp"

#include "json/writer.hpp"
#include "settings/keys.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>

namespace oscar::settings {
namespace {

constexpr int kMaxLevels = 32;

bool isPluginId(const std::string& id) {
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  });
}

/// JSON's own grammar: `007`, `.5`, `0x10` and `1_000` are texts.
bool isJsonNumber(const std::string& text) {
  std::size_t at = text.starts_with('-') ? 1 : 0;
  const auto digits = [&] {
    const std::size_t start = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    return at - start;
  };
  const bool leading_zero = at < text.size() && text[at] == '0';
  const std::size_t whole = digits();
  if (whole == 0 || (leading_zero && whole > 1)) return false;
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (digits() == 0) return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (digits() == 0) return false;
  }
  return at == text.size();
}

/// A plain scalar is null, a boolean or a number where JSON would read it so; a quoted one is text.
void writeScalar(json::Writer& out, const YAML::Node& node) {
  const std::string& text = node.Scalar();
  const bool plain = node.Tag() != "!";
  if (plain && (text == "~" || text == "null" || text.empty())) {
    out.null();
  } else if (plain && (text == "true" || text == "false" || isJsonNumber(text))) {
    out.raw(text);
  } else {
    out.value(text);
  }
}

/// False when the nesting is too deep.
bool writeNode(json::Writer& out, const YAML::Node& node, int level) {
  if (level > kMaxLevels) return false;
  bool fits = true;
  switch (node.Type()) {
    case YAML::NodeType::Map:
      out.beginObject();
      for (const auto& entry : node) {
        out.key(entry.first.Scalar());
        fits = writeNode(out, entry.second, level + 1) && fits;
        if (!fits) break;
      }
      out.endObject();
      return fits;
    case YAML::NodeType::Sequence:
      out.beginArray();
      for (const auto& element : node) {
        fits = writeNode(out, element, level + 1) && fits;
        if (!fits) break;
      }
      out.endArray();
      return fits;
    case YAML::NodeType::Scalar:
      writeScalar(out, node);
      return true;
    default:
      out.null();
      return true;
  }
}

}  // namespace

std::vector<std::pair<std::string, std::string>> readPluginConfiguration(
    const YAML::Node& sections, std::vector<Problem>& problems) {
  std::vector<std::pair<std::string, std::string>> configuration;
  if (sections.IsNull()) return configuration;
  if (!sections.IsMap()) {
    problems.push_back({std::string{kPluginConfiguration},
                        Text{"应为以插件 id 为键的映射", "must be a map with plugin ids as keys"}});
    return configuration;
  }
  for (const auto& entry : sections) {
    const std::string id = entry.first.IsScalar() ? entry.first.Scalar() : std::string{};
    const std::string where = std::string{kPluginConfiguration} + "." + id;
    json::Writer out;
    if (!isPluginId(id)) {
      problems.push_back({where, Text{"不是有效的插件 id", "is not a plugin id"}});
    } else if (std::any_of(configuration.begin(), configuration.end(),
                           [&](const auto& known) { return known.first == id; })) {
      problems.push_back({where, Text{"重复出现", "occurs twice"}});
    } else if (!entry.second.IsMap()) {
      problems.push_back({where, Text{"应为映射", "must be a map"}});
    } else if (!writeNode(out, entry.second, 1)) {
      problems.push_back({where, Text{"嵌套过深", "is nested too deeply"}});
    } else {
      configuration.emplace_back(id, out.take());
    }
  }
  return configuration;
}

}  // namespace oscar::settings
