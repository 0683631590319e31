#pragma once

#include "domain/text.hpp"
#include "json/reader.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace oscar::ctl {

/// Rows of cells, padded to equal columns; the first row is the heading. Cells that hold only
/// digits, separators and units are aligned right.
std::string renderTable(const std::vector<std::vector<std::string>>& rows);

std::string withThousands(std::int64_t number);
std::string renderBytes(std::int64_t bytes);
/// `8 m 32 s` / `8 分 32 秒`.
std::string renderDuration(std::int64_t seconds, Language language);

/// What a viewer must see of an execution, from the API's or the WebSocket's data object.
struct ExecutionView {
  std::string number, status, stage, error_message, attention, throttled_by, waiting_for;
  std::optional<double> progress, speed;
  std::int64_t processed_rows = 0, total_rows = 0;
  std::optional<std::int64_t> eta_seconds;
  bool paused = false;
};
ExecutionView viewOf(json::Reader& data);

/// One line of at most `width` columns: stage, bar, percent, rows, speed, ETA, why it waits.
std::string renderProgress(const ExecutionView& view, int width, Language language);
std::string stageName(const std::string& stage, Language language);
std::string statusName(const std::string& status, Language language);

}  // namespace oscar::ctl
