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

/// The user's parameters; what is absent is not written.
std::string paramsJson(const ExecutionParams& params);
ExecutionParams paramsOf(const std::string& json);

/// The load as last sampled; nullopt for an empty column.
std::string loadJson(const LoadSample& load);
std::optional<LoadSample> loadOf(const std::string& json);

}  // namespace oscar::store
