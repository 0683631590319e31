#pragma once

#include "domain/events.hpp"
#include "domain/execution.hpp"
#include "domain/text.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

/// The messages that host/api/events.schema.json describes.
namespace oscar::ws {

/// What viewers are shown of an execution besides its log.
struct LiveState {
  std::string execution_id;
  std::int64_t number = 0;
  ExecutionStatus status = ExecutionStatus::kPending;
  RunProgress run;
  Text error_message;
  Text attention;
};

/// As stored.
LiveState stateOf(const Execution& execution);
/// As just published.
LiveState stateOf(const ExecutionChanged& event);

/// `type` is `snapshot`, `progress` or `end`. `log_line` is the newest line's text, empty when
/// there is none.
std::string stateMessage(std::string_view type, std::int64_t seq, const LiveState& state,
                         const std::string& log_line, Language language);
/// Lines of the log, in the order of their numbers.
std::string logMessage(std::int64_t seq, const std::string& execution_id,
                       std::span<const LogLine> lines);
/// The answer to a ping.
std::string pongMessage(std::int64_t seq);

/// True for `{"type":"ping"}`, the only text that a client may send with an effect.
bool isPing(std::string_view text);

}  // namespace oscar::ws
