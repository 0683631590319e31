#pragma once

#include "domain/text.hpp"
#include "json/reader.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace oscar::ctl {

/// What a viewer must see of an execution, from the API's or the WebSocket's data object.
struct ExecutionView {
  std::string number;         ///< `1247`
  std::string status;         ///< the API's word, as `stage`
  std::string stage;          ///< empty before the run begins
  std::string error_message;  ///< this and the next three: empty when there is nothing to say
  std::string attention;
  std::string throttled_by;
  std::string waiting_for;
  std::optional<double> progress;  ///< percent
  std::optional<double> speed;     ///< rows per second
  std::int64_t processed_rows = 0;
  std::int64_t total_rows = 0;  ///< an estimate
  std::optional<std::int64_t> eta_seconds;
  bool paused = false;
};

/// Takes what is there; fields that are absent or of another form stay as they are by default.
ExecutionView viewOf(json::Reader& data);

/// Whether nothing will change any more.
bool hasEnded(const ExecutionView& view);

/// Stage, bar, percent, rows, speed and ETA on as many lines of at most `width` columns as it takes
/// to show them all (only the bar gives way), then why it waits on lines of its own.
std::vector<std::string> progressLines(const ExecutionView& view, int width, Language language);

/// All of it on one line, for output that is no terminal.
std::string progressText(const ExecutionView& view, Language language);

/// How far an ended execution came: rows, percent, the last stage of a failed one. Not its status.
/// Empty when there is nothing to say. Where pt-osc cleaned up, the stage of a cancelled one would
/// only look as if that was still going on.
std::string outcomeText(const ExecutionView& view, Language language);

}  // namespace oscar::ctl
