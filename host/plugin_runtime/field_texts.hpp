#pragma once

#include "domain/error.hpp"
#include "domain/text.hpp"

#include <vector>

namespace oscar::plugin_runtime {

/// `a: is required; b.c: must be a string`, in both languages.
Text describe(const std::vector<FieldError>& fields);

}  // namespace oscar::plugin_runtime
