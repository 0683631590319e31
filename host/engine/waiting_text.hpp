#pragma once

#include "domain/text.hpp"
#include "ports/execution_store.hpp"

#include <cstdint>

namespace oscar::engine {

/// What people read about an execution that waits in the queue. `number` as ports::ClaimLimits has
/// it: the limit, or the number of the execution on the same table.
Text waitingText(ports::WaitReason reason, std::int64_t number);

}  // namespace oscar::engine
