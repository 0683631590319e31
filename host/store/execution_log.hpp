#pragma once

#include "domain/execution.hpp"
#include "store/sql.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// The log of an execution: rows of `execution_log_chunks`, written once and never changed.
namespace oscar::store {

/// Lines as a chunk's payload, each `<milliseconds> <bytes of text> <text>\n`: the length makes it
/// indifferent to what the text holds.
std::string encodeLines(const std::vector<LogLine>& lines, std::size_t begin, std::size_t end);
/// The reverse; numbers count from `first_line`. A damaged rest is left out.
std::vector<LogLine> decodeLines(std::string_view payload, std::int64_t first_line);

/// Appends lines whose numbers follow the stored ones.
void appendLog(Sql& sql, const std::string& execution_id, const std::vector<LogLine>& lines);

/// Lines from `from_line` on that contain `search` (empty = all), at most `limit`.
std::vector<LogLine> readLogLines(Sql& sql, const std::string& execution_id, std::int64_t from_line,
                                  int limit, const std::string& search);

std::int64_t lastStoredLine(Sql& sql, const std::string& execution_id);

}  // namespace oscar::store
