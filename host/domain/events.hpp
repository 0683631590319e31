#pragma once

#include "domain/execution.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace oscar {

/// Events are hints about what the store already holds (host/api/events.schema.json describes their
/// form on the wire). Every publisher commits first and publishes then.

/// Status, stage, progress, throttle reason or load changed.
struct ExecutionChanged {
  std::string execution_id;
  std::int64_t number = 0;
  ExecutionStatus status = ExecutionStatus::kPending;
  RunProgress run;
  Text error_message;
  Text attention;
};

/// Lines were appended to the log; `lines` is contiguous and already stored.
struct LogAppended {
  std::string execution_id;
  std::vector<LogLine> lines;
};

/// An execution was submitted: the scheduler wakes up.
struct ExecutionSubmitted {
  std::string execution_id;
};

/// A person asked to stop an execution (its `stop_requested` is stored).
struct StopRequested {
  std::string execution_id;
};

using Event = std::variant<ExecutionChanged, LogAppended, ExecutionSubmitted, StopRequested>;

}  // namespace oscar
