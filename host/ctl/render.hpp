#pragma once

#include "domain/text.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace oscar::ctl {

/// One row of a table, a cell per column.
using Row = std::vector<std::string>;

/// Rows of cells, padded to columns of equal width on a terminal, under `heading`. Cells that hold
/// only digits and separators are aligned right.
std::string renderTable(const std::vector<Text>& heading, const std::vector<Row>& rows,
                        Language language);

/// The beginning of UTF-8 text that takes at most `width` columns.
std::string clipped(std::string_view text, std::size_t width);
/// `text` on lines of at most `width` columns (at least 2), broken at spaces and between Chinese
/// characters. Line ends and other control characters count as spaces. No line for an empty text.
std::vector<std::string> wrapped(std::string_view text, std::size_t width);

/// `2.5`
std::string oneDecimal(double number);
/// `1,234,567`
std::string withThousands(std::int64_t number);
/// `2.3 GiB`
std::string renderBytes(std::int64_t bytes);
/// `8 m 32 s` / `8 分 32 秒`.
std::string renderDuration(std::int64_t seconds, Language language);

}  // namespace oscar::ctl
