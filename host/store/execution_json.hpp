#pragma once

#include "domain/execution.hpp"

#include <optional>
#include <string>
#include <vector>

/// The JSON columns of `execution_records`. What cannot be read comes back empty.
namespace oscar::store {

/// A list of texts: `argv`, `confirmed_findings`.
std::string textsJson(const std::vector<std::string>& texts);
std::vector<std::string> textsOf(const std::string& json);

std::string paramsJson(const ExecutionParams& params);
ExecutionParams paramsOf(const std::string& json);

std::string loadJson(const LoadSample& load);
std::optional<LoadSample> loadOf(const std::string& json);

}  // namespace oscar::store
