#pragma once

#include "domain/execution.hpp"

#include <optional>
#include <string>
#include <vector>

/// The JSON columns of `execution_records`. What cannot be read comes back empty.
namespace oscar::store {

std::string argvJson(const std::vector<std::string>& argv);
std::vector<std::string> argvOf(const std::string& json);

std::string paramsJson(const ExecutionParams& params);
ExecutionParams paramsOf(const std::string& json);

std::string loadJson(const LoadSample& load);
std::optional<LoadSample> loadOf(const std::string& json);

}  // namespace oscar::store
