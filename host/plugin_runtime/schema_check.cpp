#include "plugin_runtime/schema_check.hpp"

#include "json/reader.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

namespace oscar::plugin_runtime {
namespace {

constexpr double kNoMinimum = std::numeric_limits<double>::lowest();
constexpr double kNoMaximum = std::numeric_limits<double>::max();
constexpr std::size_t kMaxText = 65535;

/// Thrown inside this file only, to leave the recursion.
struct BadSchema {
  std::string message;
};

bool isKnownKeyword(std::string_view keyword) {
  constexpr std::array<std::string_view, 16> kKeywords = {
      "type",      "properties", "required", "additionalProperties",
      "items",     "enum",       "minimum",  "maximum",
      "minLength", "maxLength",  "title",    "description",
      "default",   "examples",   "$schema",  "$id"};
  return keyword.starts_with("x-") ||
         std::find(kKeywords.begin(), kKeywords.end(), keyword) != kKeywords.end();
}

/// One schema object, read whole, so that a defect is found even where the document has no value.
struct Schema {
  std::string type;
  struct Property;
  std::vector<Property> properties;
  std::vector<std::string> required;
  bool additional = true;
  std::vector<std::string> allowed;  ///< `enum`
  double minimum = kNoMinimum;
  double maximum = kNoMaximum;
  std::size_t min_length = 0;
  std::size_t max_length = kMaxText;
  std::vector<Schema> items;  ///< none or one

  const Schema* property(std::string_view name) const;
};

struct Schema::Property {
  std::string name;
  Schema schema;
};

const Schema* Schema::property(std::string_view name) const {
  for (const auto& [key, schema] : properties) {
    if (key == name) return &schema;
  }
  return nullptr;
}

/// Integers beyond ±2^53 are not exact in a double anyway, so the cast cannot lose a bound that the
/// schema could have meant.
std::int64_t toBound(double number) {
  constexpr double kLimit = 9.2e18;
  if (number <= -kLimit) return std::numeric_limits<std::int64_t>::min();
  if (number >= kLimit) return std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(number);
}

Schema readSchema(json::Reader reader) {
  for (const std::string& keyword : reader.keys()) {
    if (!isKnownKeyword(keyword)) throw BadSchema{"the keyword \"" + keyword + "\" is not known"};
  }
  Schema schema;
  schema.type = reader.requireString("type");
  constexpr std::array<std::string_view, 6> kTypes = {"object", "string",  "integer",
                                                      "number", "boolean", "array"};
  if (std::find(kTypes.begin(), kTypes.end(), schema.type) == kTypes.end()) {
    throw BadSchema{"the type \"" + schema.type + "\" is not known"};
  }
  if (auto properties = reader.object("properties")) {
    for (const std::string& name : properties->keys()) {
      if (auto child = properties->object(name)) {
        schema.properties.push_back({name, readSchema(*child)});
      }
    }
  }
  schema.required = reader.strings("required").value_or(std::vector<std::string>{});
  schema.additional = reader.boolean("additionalProperties").value_or(true);
  schema.allowed = reader.strings("enum").value_or(std::vector<std::string>{});
  schema.minimum = reader.number("minimum", kNoMinimum, kNoMaximum).value_or(kNoMinimum);
  schema.maximum = reader.number("maximum", kNoMinimum, kNoMaximum).value_or(kNoMaximum);
  schema.min_length =
      static_cast<std::size_t>(reader.integer("minLength", 0, kMaxText).value_or(0));
  schema.max_length =
      static_cast<std::size_t>(reader.integer("maxLength", 0, kMaxText).value_or(kMaxText));
  if (auto items = reader.object("items")) schema.items.push_back(readSchema(*items));
  if (schema.items.size() == 1 && schema.items[0].type != "string" &&
      schema.items[0].type != "object") {
    throw BadSchema{"\"items\" may be of type string or object only"};
  }
  return schema;
}

Schema parseSchema(std::string_view text) {
  json::FieldErrors errors;
  auto parsed = json::Reader::parse(text, errors);
  if (!parsed) throw BadSchema{parsed.error().message};
  Schema schema = readSchema(parsed.value());
  if (!errors.empty()) {
    throw BadSchema{errors.list().front().field + " " + errors.list().front().reason.en};
  }
  if (schema.type != "object") throw BadSchema{"the top level must be of type object"};
  return schema;
}

/// Walks a document along its schema. The readers themselves report wrong types and ranges.
class Checker {
 public:
  explicit Checker(json::FieldErrors& errors) : errors_{errors} {}

  void object(json::Reader& reader, const Schema& schema, const std::string& path) {
    for (const std::string& name : schema.required) {
      if (!reader.has(name)) errors_.add(path + name, {"必填", "is required"});
    }
    for (const auto& [name, property] : schema.properties) {
      field(reader, name, property, path + name);
    }
    if (schema.additional) return;
    for (const std::string& name : reader.keys()) {
      if (!schema.property(name)) errors_.add(path + name, {"未知字段", "is not a known field"});
    }
  }

 private:
  void field(json::Reader& reader, const std::string& name, const Schema& schema,
             const std::string& path) {
    if (schema.type == "string") {
      if (const auto text = reader.string(name, schema.min_length, schema.max_length)) {
        oneOf(*text, schema, path);
      }
    } else if (schema.type == "integer") {
      reader.integer(name, toBound(std::ceil(schema.minimum)), toBound(std::floor(schema.maximum)));
    } else if (schema.type == "number") {
      reader.number(name, schema.minimum, schema.maximum);
    } else if (schema.type == "boolean") {
      reader.boolean(name);
    } else if (schema.type == "object") {
      if (auto child = reader.object(name)) object(*child, schema, path + ".");
    } else {
      array(reader, name, schema, path);
    }
  }

  void array(json::Reader& reader, const std::string& name, const Schema& schema,
             const std::string& path) {
    if (schema.items.empty()) {
      const auto raw = reader.rawText(name);
      if (raw && !raw->starts_with('[')) errors_.add(path, {"应为数组", "must be an array"});
      return;
    }
    const Schema& items = schema.items.front();
    if (items.type == "object") {
      auto elements = reader.objects(name);
      for (std::size_t i = 0; elements && i < elements->size(); ++i) {
        object((*elements)[i], items, path + "[" + std::to_string(i) + "].");
      }
      return;
    }
    const auto elements = reader.strings(name);
    for (std::size_t i = 0; elements && i < elements->size(); ++i) {
      oneOf((*elements)[i], items, path + "[" + std::to_string(i) + "]");
    }
  }

  void oneOf(const std::string& text, const Schema& schema, const std::string& path) {
    const auto& allowed = schema.allowed;
    if (allowed.empty() || std::find(allowed.begin(), allowed.end(), text) != allowed.end()) return;
    std::string list;
    for (const std::string& word : allowed) list += (list.empty() ? "" : ", ") + word;
    errors_.add(path, {"只能是以下之一：" + list, "must be one of: " + list});
  }

  json::FieldErrors& errors_;
};

}  // namespace

Result<std::vector<FieldError>, SchemaProblem> checkSchema(std::string_view document,
                                                           std::string_view schema) {
  try {
    const Schema parsed_schema = parseSchema(schema);
    json::FieldErrors errors;
    auto parsed = json::Reader::parse(document, errors);
    if (!parsed) {
      return std::vector<FieldError>{{"(JSON)", parsed.error().text}};
    }
    Checker{errors}.object(parsed.value(), parsed_schema, "");
    return errors.list();
  } catch (const BadSchema& bad) {
    return SchemaProblem{bad.message};
  }
}

std::vector<std::string> schemaProperties(std::string_view schema) {
  std::vector<std::string> names;
  try {
    for (const auto& [name, property] : parseSchema(schema).properties) names.push_back(name);
  } catch (const BadSchema&) {
    // The caller learns of it from checkSchema.
  }
  return names;
}

}  // namespace oscar::plugin_runtime
