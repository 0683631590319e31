#pragma once

#include "engine/run_conclusion.hpp"
#include "ports/log.hpp"
#include "ports/target_database.hpp"

namespace oscar::engine {

/// Looks what the run of `evidence` has left on the server, and whether its swap took place there.
/// Only once none of its sessions is left: until then it may still change. Throws TargetError.
TargetAftermath inspectAftermath(ports::TargetSession& session, const Evidence& evidence);

/// Removes our own dead run's triggers, then its new table, and updates `aftermath` to what is
/// still there. Only objects that this run is known to have created and that bear names as pt-osc
/// makes them (engine/pt_names.hpp); the new table only while no old table shows that a swap took
/// place, and never while it has triggers that are not this run's. The old table is never dropped.
/// Failures are logged and stay visible in `aftermath`.
void removeLeftovers(ports::TargetSession& session, const Evidence& evidence,
                     TargetAftermath& aftermath, ports::Log& log);

/// The server is away, has no room or a lock is held: worth another try later.
bool mayPass(int mysql_error);

}  // namespace oscar::engine
