#pragma once

#include "oscar/sdk/execution_backend.hpp"
#include "oscar/sdk/status.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <mutex>
#include <string>
#include <string_view>

namespace oscar::sdk::testing {

/// Keeps what was written. Not for use from two threads at once.
class FakeTextSink final : public TextSink {
 public:
  void write(std::string_view text) override { text_.append(text); }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// A stop token that a test turns. Any thread.
class FakeStopToken final : public StopToken {
 public:
  bool stopRequested() const override { return stop_.load(); }
  void requestStop() { stop_.store(true); }

 private:
  std::atomic<bool> stop_{false};
};

/// Keeps a run's output and notices gaps and overlaps. Any thread.
class FakeOutputSink final : public OutputSink {
 public:
  /// `start` is the offset given to attach; after `limit` bytes or more, `write` returns false.
  explicit FakeOutputSink(std::uint64_t start = 0,
                          std::size_t limit = std::numeric_limits<std::size_t>::max())
      : next_{start}, limit_{limit} {}

  bool write(std::uint64_t offset, std::string_view bytes) override {
    std::lock_guard lock{mutex_};
    if (offset != next_) contiguous_ = false;
    next_ = offset + bytes.size();
    text_.append(bytes);
    return text_.size() < limit_;
  }

  std::string text() const {
    std::lock_guard lock{mutex_};
    return text_;
  }
  /// False once a write did not begin where the one before ended.
  bool contiguous() const {
    std::lock_guard lock{mutex_};
    return contiguous_;
  }

 private:
  mutable std::mutex mutex_;
  std::string text_;
  std::uint64_t next_;
  std::size_t limit_;
  bool contiguous_ = true;
};

}  // namespace oscar::sdk::testing
