#pragma once

#include "engine/output_decoder.hpp"
#include "engine/run_conclusion.hpp"
#include "ports/log.hpp"
#include "ports/target_database.hpp"

#include <string>
#include <vector>

namespace oscar::engine {

/// Looks what the run of `output` on that table has left on the server. Throws TargetError.
TargetAftermath inspectAftermath(ports::TargetSession& session, const std::string& database,
                                 const std::string& table, const OutputState& output);

/// Removes our own dead run's triggers, then its new table, and updates `aftermath` to what is
/// still there. Only objects that this run is known to have created; the new table only while no
/// old table shows that a swap took place. The old table is never dropped. Failures are logged and
/// stay visible in `aftermath`.
void removeLeftovers(ports::TargetSession& session, const std::string& database,
                     const OutputState& output, TargetAftermath& aftermath, ports::Log& log);

}  // namespace oscar::engine
