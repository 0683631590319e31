#pragma once

#include "domain/execution.hpp"
#include "engine/engine_context.hpp"

#include <functional>

namespace oscar::engine {

/// Removes what an ended run left on its backend (run directory, container) and notes that in the
/// store. What cannot be done now is logged and done by `sweepRunFiles` at the next start.
void removeRunFiles(const EngineContext& context, ports::ExecutionBackend& backend, const Run& run);

/// Removes the files of all runs that had ended when an earlier oscard died before it could. Throws
/// StoreUnavailable. Asks `goes_on` before each run.
void sweepRunFiles(const EngineContext& context, const std::function<bool()>& goes_on);

}  // namespace oscar::engine
