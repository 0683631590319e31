#pragma once

#include "domain/connection.hpp"
#include "domain/execution.hpp"
#include "engine/engine_context.hpp"
#include "ports/execution_backend.hpp"
#include "ports/target_database.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace oscar::engine {

/// What the last look at the table before the start found.
struct LaunchFacts {
  std::int64_t free_bytes = 0;
  std::int64_t estimated_rows = 0;
};

/// Whether the run may start at all is LaunchCheck's work. This sees to it that the table's
/// statistics are not empty (pt-osc would copy it in one chunk: pt-osc.md, trap 3). Throws
/// TargetError.
LaunchFacts inspectBeforeLaunch(ports::TargetSession& session, const Execution& execution);

/// A fresh OutputState::event_mark: 32 hexadecimal digits from the system's random source.
std::string newEventMark();

/// What goes into the run directory and onto the command line. `event_mark` is what the decoder of
/// the run's output expects. The check of rows is among the files of those runs only that need it:
/// its presence makes the observer carry it out.
ports::RunSpec makeRunSpec(const Execution& execution, const std::string& run_id,
                           const std::string& event_mark, const TargetAddress& address,
                           const EngineContext& context);

}  // namespace oscar::engine
