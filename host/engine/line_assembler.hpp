#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace oscar::engine {

/// A line of a run's raw output and the byte offset just behind it.
struct OutputLine {
  std::string text;  ///< valid UTF-8, without line end; control characters but tab removed
  std::int64_t end_offset = 0;
};

/// Cuts a byte stream into lines, the same way whatever the sizes of the pieces it comes in, so
/// that reading again from any `end_offset` gives the same lines: the base of "neither lost nor
/// doubled".
class LineAssembler {
 public:
  /// A line longer than this is cut (at a character boundary) into several.
  static constexpr std::size_t kMaxLineBytes = std::size_t{16} * 1024;

  /// `offset`: where the stream begins, an `end_offset` of before, or 0.
  explicit LineAssembler(std::int64_t offset) : consumed_{offset} {}

  /// Takes bytes that follow what came before and appends the complete lines to `lines`.
  void feed(std::string_view bytes, std::vector<OutputLine>& lines);

  /// The run has ended: what is left without a line end is a line as well.
  void finish(std::vector<OutputLine>& lines);

  /// Offset up to which everything has become lines.
  std::int64_t consumedOffset() const { return consumed_; }
  /// Offset of the next byte expected by `feed`.
  std::int64_t nextOffset() const { return consumed_ + static_cast<std::int64_t>(pending_.size()); }

 private:
  void emit(std::size_t length, std::size_t skip, std::vector<OutputLine>& lines);

  std::string pending_;
  std::int64_t consumed_;
};

}  // namespace oscar::engine
