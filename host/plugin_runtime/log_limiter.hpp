#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>

namespace oscar::plugin_runtime {

/// Lets a plugin write at most kLines log lines per kWindow, so that one that logs in a loop fills
/// neither the disk nor the reader's screen. Any thread.
class LogLimiter {
 public:
  static constexpr int kLines = 500;
  static constexpr std::chrono::seconds kWindow{10};

  /// nullopt: drop this line. Otherwise write it, after saying that the returned number of lines
  /// was dropped before it (usually 0).
  std::optional<std::int64_t> admit(std::chrono::steady_clock::time_point now) {
    std::lock_guard lock{mutex_};
    if (!started_ || now - *started_ >= kWindow) {
      started_ = now;
      written_ = 0;
    }
    if (written_ == kLines) {
      ++dropped_;
      return std::nullopt;
    }
    ++written_;
    const std::int64_t dropped = dropped_;
    dropped_ = 0;
    return dropped;
  }

 private:
  std::mutex mutex_;
  std::optional<std::chrono::steady_clock::time_point> started_;
  int written_ = 0;
  std::int64_t dropped_ = 0;
};

}  // namespace oscar::plugin_runtime
