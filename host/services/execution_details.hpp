#pragma once

#include "ddl/parse_error.hpp"
#include "services/execution_service.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace oscar::services {

/// The JSON texts that ExecutionService puts into `ServiceError::details` and `Finding::details`.
/// Any bytes are accepted; what is not UTF-8 becomes U+FFFD.

std::string jsonString(std::string_view text);
std::string jsonStrings(const std::vector<std::string>& texts);

/// `{"findings":[{severity, code, text {zh, en}, details}], "confirm_text":...}`.
std::string findingsJson(const std::vector<Finding>& findings, const std::string& confirm_text);
/// `{"message", "offset", "line", "column", "expected"}` as POST /tools/ddl/parse answers.
std::string parseErrorJson(const ddl::ParseError& error);

std::string_view toString(Finding::Severity severity);

}  // namespace oscar::services
