#pragma once

#include "ddl/parse_error.hpp"
#include "json/writer.hpp"
#include "services/execution_service.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace oscar::services {

/// The JSON texts that ExecutionService puts into `ServiceError::details` and `Finding::details`.
/// Any bytes are accepted; what is not UTF-8 becomes U+FFFD.

/// `{"name": value}`; a value is what json::Writer takes.
template <typename T>
std::string detailJson(std::string_view name, const T& value) {
  return json::Writer{}.beginObject().field(name, value).endObject().take();
}

/// The array `[{severity, code, text, details}]` in one language.
void writeFindings(json::Writer& out, const std::vector<Finding>& findings, Language language);
/// `{"confirm_text":..., "findings":[...]}` in one language, as the
/// preview answers them; without `confirm_text` when that is empty.
std::string findingsJson(const std::vector<Finding>& findings, const std::string& confirm_text,
                         Language language);
/// `{"message", "offset", "line", "column", "expected"}` as POST /tools/ddl/parse answers.
std::string parseErrorJson(const ddl::ParseError& error, Language language);

/// `info`, `confirm` or `refuse`.
std::string_view toString(Finding::Severity severity);

}  // namespace oscar::services
