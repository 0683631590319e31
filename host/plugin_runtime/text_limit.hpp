#pragma once

#include <oscar/sdk/status.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace oscar::plugin_runtime {

/// Keeps at most `limit` bytes of what a plugin writes.
class LimitedText final : public sdk::TextSink {
 public:
  explicit LimitedText(std::size_t limit) : limit_{limit} {}

  void write(std::string_view text) override {
    const std::size_t room = limit_ - text_.size();
    overflowed_ = overflowed_ || text.size() > room;
    text_.append(text.substr(0, room));
  }
  const std::string& text() const { return text_; }
  bool overflowed() const { return overflowed_; }

 private:
  std::size_t limit_;
  std::string text_;
  bool overflowed_ = false;
};

inline constexpr std::size_t kMaxErrorText = 8 << 10;
inline constexpr std::size_t kMaxHandleText = 64 << 10;
inline constexpr std::size_t kMaxReportText = 1 << 20;

}  // namespace oscar::plugin_runtime
