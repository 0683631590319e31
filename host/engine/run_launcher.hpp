#pragma once

#include "domain/connection.hpp"
#include "domain/execution.hpp"
#include "ports/execution_backend.hpp"
#include "ports/target_database.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace oscar::engine {

/// What the last look at the table before the start found.
struct LaunchFacts {
  Text refusal;  ///< why the run must not start; empty = go
  std::int64_t free_bytes = 0;
  std::int64_t estimated_rows = 0;
};

/// Looks once more, because an execution may have waited in the queue since it was checked: the
/// table is there, has no triggers of another pt-osc, and its statistics are not empty (pt-osc
/// would copy it in one chunk: pt-osc.md, trap 3). Throws TargetError.
LaunchFacts inspectBeforeLaunch(ports::TargetSession& session, const Execution& execution);

/// What goes into the run directory and onto the command line.
ports::RunSpec makeRunSpec(const Execution& execution, const std::string& run_id,
                           const TargetAddress& address, const std::string& observer_text);

}  // namespace oscar::engine
