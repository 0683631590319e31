#pragma once

#include "domain/text.hpp"
#include "json/reader.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace oscar::ctl {

/// One row of a table, a cell per column.
using Row = std::vector<std::string>;

/// Rows of cells, padded to columns of equal width on a terminal, under `heading`. Cells that hold
/// only digits and separators are aligned right.
std::string renderTable(const std::vector<Text>& heading, const std::vector<Row>& rows,
                        Language language);

/// `1,234,567`
std::string withThousands(std::int64_t number);
/// `2.3 GiB`
std::string renderBytes(std::int64_t bytes);
/// `8 m 32 s` / `8 分 32 秒`.
std::string renderDuration(std::int64_t seconds, Language language);

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

/// One line of at most `width` columns: stage, bar, percent, rows, speed, ETA, why it waits.
std::string renderProgress(const ExecutionView& view, int width, Language language);
/// In words for people; a word that is not known stays as it is.
std::string stageName(const std::string& stage, Language language);
std::string statusName(const std::string& status, Language language);

}  // namespace oscar::ctl
