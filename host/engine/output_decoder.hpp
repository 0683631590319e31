#pragma once

#include "domain/execution.hpp"
#include "domain/result.hpp"
#include "engine/progress_tracker.hpp"
#include "json/reader.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace oscar::engine {

/// What the observer found out about rows that the new table may lack (host/observer/README.md, "No
/// row lost").
struct RowLoss {
  enum class Finding {
    kNotAsked = 1,  ///< no unique key is concerned
    kOwed,          ///< counted before the swap; the old table has not been searched after it
    kNone,          ///< searched: nothing is missing
    kMissing,
    kUnknown,  ///< the search failed
  };
  Finding finding = Finding::kNotAsked;
  std::int64_t values = 0;        ///< kMissing: that occur more than once in the old table
  std::int64_t rows = 0;          ///< kMissing: at least so many are missing
  std::vector<std::string> keys;  ///< kMissing: unique keys concerned, the first 4
  std::string reason;             ///< kUnknown: in the server's words
};

/// Everything that a run's output has told so far. Plain data; `encode`/`decode` turn it into the
/// JSON that is stored with each commit.
struct OutputState {
  /// The word that the observer's events of this run carry, 32 hexadecimal digits, so that nothing
  /// else in the output can be taken for one. Empty for a run that an oscard without it started.
  std::string event_mark;
  Stage stage = Stage::kPreflight;
  bool observed = false;  ///< the observer spoke: rows are exact, its stages are the truth
  bool paused = false;
  Text throttled_by;
  ProgressTracker tracker;
  std::optional<int> percent;               ///< pt-osc's own, when there is no observer
  std::optional<std::int64_t> percent_eta;  ///< seconds, likewise
  double copy_started_at = 0;               ///< epoch seconds, 0 = not yet
  double copy_ended_at = 0;
  std::string new_table;  ///< `_orders_new`, once created
  std::string old_table;
  std::vector<std::string> triggers;  ///< ours, once known
  bool triggers_begun = false;
  bool cleaning_up = false;  ///< pt-osc undoes what it did: `stage` stays what was reached
  bool copied = false;
  bool swapped = false;       ///< "Swapped original and new tables OK"
  bool said_altered = false;  ///< "Successfully altered"
  /// The swap was about to be tried: a RENAME may happen, or have happened, whatever else is known.
  bool swap_attempted = false;
  /// Tables that bore a name pt-osc could give to the old one before `swap_attempted`: they are not
  /// this run's. nullopt: not known.
  std::optional<std::vector<std::string>> old_tables_before;
  /// The server's ids of the connection that changes things, the newest last, kMostSessions at
  /// most.
  std::vector<std::int64_t> sessions;
  bool stopped_by_request = false;                ///< the observer obeyed control/stop
  std::optional<std::int64_t> free_bytes_before;  ///< data_free at launch, for the reclaimed space
  /// The table's structure at launch (engine/table_definition.hpp); nullopt: not known.
  std::optional<std::int64_t> definition_before;
  RowLoss row_loss;
  std::vector<std::string> errors;  ///< lines that look like the reason of a failure, first 20
  bool refused = false;             ///< the observer ended the run: `errors` is its reason alone

  static constexpr std::size_t kMostSessions = 8;

  /// The observer tells everything by its events; no other line may decide anything, since it can
  /// hold what somebody wrote into a table. Observers without an event mark do not tell it all.
  bool eventsDecide() const { return observed && !event_mark.empty(); }
  std::string encode() const;
  /// Refuses what `encode` has not written just so, and says what is wrong with it (for the log).
  static Result<OutputState, std::string> decode(const std::string& json);
};

/// Reads the ordered stream of pt-osc's stdout and stderr, line by line: the observer's `#oscar
/// MARK {json}` events (host/observer/README.md), and pt-osc's own words until the first of them,
/// or all along when a foreign pt-osc could not load the observer. After it they only feed the
/// search for the cause of a failure. A state without an event mark that has not read anything
/// takes the mark of the first event, which comes before pt-osc has seen the server.
class OutputDecoder {
 public:
  explicit OutputDecoder(OutputState state) : state_{std::move(state)} {}

  /// Takes one line read at `now`. Returns true when the line belongs into the log that people see
  /// (observer events do not).
  bool take(std::string_view line, Timestamp now);

  const OutputState& state() const { return state_; }
  /// The state as the execution's progress columns show it.
  RunProgress progress() const;

 private:
  std::optional<std::string_view> eventIn(std::string_view line);
  bool takeEvent(std::string_view json, Timestamp now);
  void takePlain(std::string_view line, double at);
  void takeWords(std::string_view line, double at);
  void enter(Stage stage, double at);
  bool takeThrottle(std::string_view line);
  void noteError(std::string_view line);
  bool takeRowEvent(const std::string& kind, json::Reader& event);
  bool takeSwapEvent(const std::string& kind, json::Reader& event, double at);
  void takeSession(std::int64_t id);

  OutputState state_;
};

}  // namespace oscar::engine
