#include "plugin_runtime/configuration.hpp"

#include "json/reader.hpp"
#include "json/writer.hpp"
#include "plugin_runtime/field_texts.hpp"
#include "plugin_runtime/refusals.hpp"
#include "plugin_runtime/schema_check.hpp"

namespace oscar::plugin_runtime {
namespace {

constexpr std::string_view kEnabled = "enabled";

void copyFields(json::Reader& from, json::Writer& to) {
  for (const std::string& name : from.keys()) {
    if (name == kEnabled) continue;
    if (const auto raw = from.rawText(name)) to.key(name).raw(*raw);
  }
}

}  // namespace

Result<PluginConfiguration, Text> readConfiguration(std::string_view user_json) {
  json::FieldErrors errors;
  auto parsed = json::Reader::parse(user_json, errors);
  if (!parsed) return parsed.error().text;
  PluginConfiguration configuration;
  configuration.enabled = parsed.value().boolean(kEnabled).value_or(true);
  if (!errors.empty()) return describe(errors.list());
  json::Writer writer;
  writer.beginObject();
  copyFields(parsed.value(), writer);
  writer.endObject();
  configuration.json = writer.take();
  return configuration;
}

Result<std::string, Refusal> effectiveConfiguration(const std::string& plugin_id,
                                                    std::string_view user_json,
                                                    std::string_view host_facts,
                                                    std::string_view schema) {
  json::FieldErrors errors;
  auto user = json::Reader::parse(user_json, errors);
  auto facts = json::Reader::parse(host_facts, errors);
  if (!user || !facts) {
    const auto& problem = user ? facts.error() : user.error();
    return refusals::configInvalid(plugin_id, problem.text);
  }
  json::Writer writer;
  writer.beginObject();
  copyFields(user.value(), writer);
  for (const std::string& name : schemaProperties(schema)) {
    if (user.value().has(name)) continue;
    if (const auto fact = facts.value().rawText(name)) writer.key(name).raw(*fact);
  }
  writer.endObject();

  const auto checked = checkSchema(writer.text(), schema);
  if (!checked) {
    const std::string& why = checked.error().message;
    return refusals::badDescriptor("配置 Schema 无效：" + why,
                                   "its configuration schema is unusable: " + why);
  }
  if (!checked.value().empty()) {
    return refusals::configInvalid(plugin_id, describe(checked.value()));
  }
  return writer.take();
}

}  // namespace oscar::plugin_runtime
