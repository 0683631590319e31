#pragma once

#include <string>
#include <vector>

namespace oscar::ctl {

/// The lines at the bottom of a terminal that are written again and again in place. It only makes
/// text: who owns the terminal prints it.
class LiveBlock {
 public:
  /// What puts `lines` in the place of those shown before. `width` is the terminal's in columns:
  /// after it became narrower a line of before may take several.
  std::string replaceBy(std::vector<std::string> lines, int width);
  /// What removes the lines; empty when none are shown.
  std::string remove(int width);
  /// What leaves the lines as they are and goes on below them; empty when none are shown.
  std::string leave();

 private:
  std::vector<std::string> shown_;
};

}  // namespace oscar::ctl
