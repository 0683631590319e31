#pragma once

#include "domain/execution.hpp"
#include "engine/output_decoder.hpp"
#include "ports/execution_backend.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace oscar::engine {

/// What was found on the target after the run had ended. Unknown (nullopt in Evidence) when the
/// server could not be asked.
struct TargetAftermath {
  /// Whether the tables were swapped. A RENAME that waited for a lock may have been carried out
  /// when pt-osc was no longer there to tell it, so this is asked from the server.
  enum class Swap { kNo = 1, kYes, kUnknown };

  bool table_exists = false;
  bool old_table_exists = false;  ///< only a swap makes it
  bool new_table_exists = false;
  std::vector<std::string> triggers;  ///< pt-osc's triggers that are still there
  /// Triggers on the new table that are not this run's: pt-osc had moved the application's there
  /// (--preserve-triggers), and nothing else has them any more.
  std::vector<std::string> moved_triggers;
  Swap swap = Swap::kUnknown;
  std::string old_table;  ///< its name, where `old_table_exists`
  /// Foreign keys of other tables that refer to the old table: `database.table.constraint`.
  std::vector<std::string> old_table_referenced_by;
  std::optional<bool> definition_changed;  ///< since the launch; nullopt: not known
  int blocked_by = 0;  ///< MySQL's number of the error that hindered the clean-up for the moment
};

/// All that is known about a run that has ended.
struct Evidence {
  std::string database;
  std::string table;
  ports::RunEnd end;
  OutputState output;
  /// `output` is not all that the run wrote: what had been stored of it cannot be read, or what
  /// the backend still has ends before that.
  bool output_lost = false;
  bool stop_requested = false;
  /// Ids of the run's sessions that the server had not ended in time. Nobody has looked at the
  /// tables then: what they are doing may still change them.
  std::vector<std::int64_t> sessions_left;
  std::optional<TargetAftermath> aftermath;
  /// Key of the server that the run worked on, when the connection leads to another one now: then
  /// nobody may look there, nor drop anything.
  std::string server_left;

  /// The change is in effect, as the run has told or the server shows.
  bool swapped() const {
    return output.swapped || (aftermath && aftermath->swap == TargetAftermath::Swap::kYes);
  }
  /// Ended as it should: nothing is left behind and nothing is in doubt.
  bool endedWell() const { return end.exit_code == 0 && output.swapped && !output_lost; }
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
