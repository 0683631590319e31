#pragma once

#include "ctl/api_client.hpp"

#include <string>

namespace oscar::ctl {

/// What `watch` prints.
struct WatchOptions {
  bool log_lines = false;      ///< print the log, from `from_line` on
  bool progress = true;        ///< a live line on a terminal, a line per change of stage elsewhere
  bool json = false;           ///< print each message as it comes, one JSON document a line
  std::int64_t from_line = 1;  ///< 1 = the first
  std::string number;          ///< of the execution, for people; empty: its UUID
  bool stopping = false;       ///< a stop was asked for: Ctrl-C must not offer another
};

/// Follows an execution to its end over the WebSocket; reconnects (and says so) when the link
/// breaks (once for each outage), without losing or repeating a log line. Returns the exit status
/// that tells the outcome. Ctrl-C only ends the watching: it says that the execution goes on and
/// how to reach it, and ends the process with Exit::kInterrupted.
Exit watch(const ApiClient& api, const std::string& execution_id, const WatchOptions& options);

/// The exit status for a final `status`.
Exit exitForStatus(const std::string& status);

}  // namespace oscar::ctl
