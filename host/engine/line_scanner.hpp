#pragma once

#include <cstddef>
#include <string_view>

namespace oscar::engine {

/// Reads a line from left to right. A step that does not fit says so and moves nothing.
class LineScanner {
 public:
  /// `line` must outlive the scanner and what it returns.
  explicit LineScanner(std::string_view line) : rest_{line} {}

  /// Moves behind the next `words`.
  bool find(std::string_view words) {
    const std::size_t at = rest_.find(words);
    if (at == std::string_view::npos) return false;
    rest_.remove_prefix(at + words.size());
    return true;
  }
  /// Moves behind `words`, if they come now.
  bool skip(std::string_view words) {
    if (!rest_.starts_with(words)) return false;
    rest_.remove_prefix(words.size());
    return true;
  }
  /// The characters of `set` that come now; may be none.
  std::string_view takeOf(std::string_view set) { return take(rest_.find_first_not_of(set)); }
  /// What comes before the next character of `set`, or everything.
  std::string_view takeUntil(std::string_view set) { return take(rest_.find_first_of(set)); }

  std::string_view rest() const { return rest_; }

 private:
  std::string_view take(std::size_t count) {
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(taken.size());
    return taken;
  }

  std::string_view rest_;
};

}  // namespace oscar::engine
