#pragma once

#include "ddl/ptosc_request.hpp"
#include "domain/result.hpp"

#include <vector>

namespace oscar::ddl {

/// Builds the argv of one pt-osc run. Pure: the same request gives the same command.
///
/// Every text of the user ends in exactly one element, behind `--name=` or a DSN key, so that none
/// can become an option of its own. What cannot be said to pt-osc safely is an error that names the
/// field; all wrong fields are listed at once.
Result<PtoscCommand, std::vector<FieldError>> buildPtoscCommand(const PtoscRequest& request);

}  // namespace oscar::ddl
