#include "engine/line_assembler.hpp"

#include "json/utf8.hpp"

namespace oscar::engine {
namespace {

/// Terminal control characters have no place in a log that browsers and terminals show.
std::string clean(std::string_view raw) {
  if (!raw.empty() && raw.back() == '\r') raw.remove_suffix(1);
  std::string text = json::toUtf8(raw);
  std::erase_if(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
  });
  return text;
}

/// The longest prefix of at most `limit` bytes that does not end inside a character.
std::size_t boundaryBefore(std::string_view text, std::size_t limit) {
  std::size_t length = limit;
  for (int back = 0; back < 3 && length > 1; ++back) {
    if ((static_cast<unsigned char>(text[length]) & 0xc0) != 0x80) return length;
    --length;
  }
  return (static_cast<unsigned char>(text[length]) & 0xc0) != 0x80 ? length : limit;
}

}  // namespace

void LineAssembler::emit(std::size_t length, std::size_t skip, std::vector<OutputLine>& lines) {
  consumed_ += static_cast<std::int64_t>(length + skip);
  lines.push_back({clean(std::string_view{pending_}.substr(0, length)), consumed_});
  pending_.erase(0, length + skip);
}

void LineAssembler::feed(std::string_view bytes, std::vector<OutputLine>& lines) {
  std::size_t searched = pending_.size();
  pending_ += bytes;
  while (true) {
    const std::size_t end = pending_.find('\n', searched);
    searched = 0;
    // A character may straddle the cut, so one more byte than the limit must be there to decide.
    if (end == std::string::npos ? pending_.size() > kMaxLineBytes : end > kMaxLineBytes) {
      emit(boundaryBefore(pending_, kMaxLineBytes), 0, lines);
    } else if (end != std::string::npos) {
      emit(end, 1, lines);
    } else {
      return;
    }
  }
}

void LineAssembler::finish(std::vector<OutputLine>& lines) {
  if (!pending_.empty()) emit(pending_.size(), 0, lines);
}

}  // namespace oscar::engine
