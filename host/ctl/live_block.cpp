#include "ctl/live_block.hpp"

#include "ctl/terminal.hpp"

#include <algorithm>
#include <utility>

namespace oscar::ctl {

std::string LiveBlock::replaceBy(std::vector<std::string> lines, int width) {
  std::string text = remove(width);
  for (std::size_t i = 0; i < lines.size(); ++i) text += (i > 0 ? "\n" : "") + lines[i];
  shown_ = std::move(lines);
  return text;
}

std::string LiveBlock::remove(int width) {
  if (shown_.empty()) return {};
  const auto columns = static_cast<std::size_t>(std::max(width, 1));
  std::size_t rows = 0;
  for (const auto& line : shown_) {
    rows += std::max<std::size_t>(1, (displayWidth(line) + columns - 1) / columns);
  }
  shown_.clear();
  // Up to the first line, to its beginning, and everything from there on is erased.
  return (rows > 1 ? "\x1b[" + std::to_string(rows - 1) + "A" : "") + "\r\x1b[J";
}

std::string LiveBlock::leave() {
  return std::exchange(shown_, {}).empty() ? "" : "\n";
}

}  // namespace oscar::ctl
