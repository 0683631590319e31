#pragma once

#include "domain/execution.hpp"
#include "engine/output_decoder.hpp"
#include "ports/execution_backend.hpp"

#include <optional>
#include <string>
#include <vector>

namespace oscar::engine {

/// What was found on the target after the run had ended. Unknown (nullopt in Evidence) when the
/// server could not be asked.
struct TargetAftermath {
  bool table_exists = false;
  bool old_table_exists = false;  ///< only a swap makes it
  bool new_table_exists = false;
  std::vector<std::string> triggers;  ///< pt-osc's triggers that are still there
};

/// All that is known about a run that has ended.
struct Evidence {
  ports::RunEnd end;
  OutputState output;
  /// `output` is not all that the run wrote: what had been stored of it cannot be read, and what
  /// the backend still has ends before that.
  bool output_lost = false;
  bool stop_requested = false;
  std::optional<TargetAftermath> aftermath;
  /// Key of the server that the run worked on, when the connection leads to another one now: then
  /// nobody may look there, nor drop anything.
  std::string server_left;
};

/// What an execution's end says to people.
struct Conclusion {
  ExecutionStatus status = ExecutionStatus::kFailed;
  Text error_message;
  Text attention;
};

/// Decides how an execution ended. pt-osc's exit code alone is not believed (it is 0 for runs that
/// changed nothing and leaks errno values): completed needs exit 0 *and* the swap. When the end
/// cannot be established a person is asked to look (`attention`), never a guess made.
Conclusion conclude(const Evidence& evidence);

}  // namespace oscar::engine
