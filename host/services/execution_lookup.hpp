#pragma once

#include "domain/execution.hpp"
#include "ports/execution_store.hpp"

#include <string>

namespace oscar::services {

/// The execution that a client asks for by UUID (either case) or by number (`1247` or `#1247`): the
/// one rule for REST and WebSocket. ServiceError kNotFound, which names at most 64 bytes of what
/// was asked. Any thread, as far as the store allows it.
Execution findExecution(ports::ExecutionStore& executions, const std::string& id_or_number);

}  // namespace oscar::services
