#pragma once

#include "domain/error.hpp"
#include "domain/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace oscar::plugin_runtime {

/// Why a schema cannot be used, in English: its reader is the plugin's author.
struct SchemaProblem {
  std::string message;
};

/// Checks the JSON object `document` against `schema`, a JSON Schema of the subset that
/// sdk/README.md ("Configuration") lists. Returns every wrong field of the document, none when it
/// conforms. A keyword outside the subset is a SchemaProblem: ignoring it would accept what it
/// forbids.
Result<std::vector<FieldError>, SchemaProblem> checkSchema(std::string_view document,
                                                           std::string_view schema);

/// The names under the schema's top-level `properties`; empty for a schema that cannot be read.
std::vector<std::string> schemaProperties(std::string_view schema);

}  // namespace oscar::plugin_runtime
