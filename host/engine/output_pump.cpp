#include "engine/output_pump.hpp"

#include <algorithm>
#include <chrono>

namespace oscar::engine {
namespace {

constexpr std::chrono::milliseconds kRetryDelay{1000};

}  // namespace

OutputPump::OutputPump(ports::ExecutionBackend& backend, std::string handle, std::int64_t offset,
                       std::function<void()> notify)
    : backend_{backend},
      handle_{std::move(handle)},
      notify_{std::move(notify)},
      next_offset_{static_cast<std::uint64_t>(offset)},
      thread_{[this] { pump(); }} {}

OutputPump::~OutputPump() {
  {
    // Under the lock, or the pump could miss it between looking and going to sleep.
    const std::lock_guard lock{mutex_};
    stop_ = true;
  }
  space_.notify_all();
  thread_.join();
}

std::string OutputPump::take(std::size_t max_bytes) {
  std::string bytes;
  {
    const std::lock_guard lock{mutex_};
    bytes = buffer_.substr(0, max_bytes);
    buffer_.erase(0, bytes.size());
  }
  space_.notify_all();
  return bytes;
}

bool OutputPump::finished() const {
  const std::lock_guard lock{mutex_};
  return ended_ && buffer_.empty();
}

Text OutputPump::trouble() const {
  const std::lock_guard lock{mutex_};
  return trouble_;
}

bool OutputPump::accept(std::uint64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    {
      std::unique_lock lock{mutex_};
      // A backend that repeats or skips bytes would double or lose lines.
      refused_ = offset != next_offset_;
      if (refused_) return false;
      trouble_ = {};
      space_.wait(lock, [this] { return stop_ || buffer_.size() < kMaxBuffered; });
      if (stop_) return false;
      const std::size_t count = std::min(bytes.size(), kMaxBuffered - buffer_.size());
      buffer_ += bytes.substr(0, count);
      next_offset_ += count;
      offset += count;
      bytes.remove_prefix(count);
    }
    notify_();  // before waiting for space: somebody has to make it
  }
  return true;
}

bool OutputPump::waitBeforeRetry() {
  std::unique_lock lock{mutex_};
  space_.wait_for(lock, kRetryDelay, [this] { return stop_.load(); });
  return !stop_;
}

/// True when the run has ended and all of its output was accepted.
bool OutputPump::attachOnce() {
  std::uint64_t offset = 0;
  bool was_unreachable = false;
  {
    const std::lock_guard lock{mutex_};
    offset = next_offset_;
    was_unreachable = !trouble_.empty() && !refused_;
    refused_ = false;
  }
  if (was_unreachable) {
    // A run may be silent for long: that it answers is what shows that the trouble is over.
    backend_.status(handle_);
    {
      const std::lock_guard lock{mutex_};
      trouble_ = {};
    }
    notify_();
  }
  backend_.attach(
      handle_, offset,
      [this](std::uint64_t at, std::string_view bytes) { return accept(at, bytes); }, stop_);
  if (stop_) return false;
  {
    const std::lock_guard lock{mutex_};
    if (refused_) {
      throw ports::BackendError{
          ports::BackendError::Kind::kInternal,
          Text{"输出没有从第 " + std::to_string(next_offset_) + " 字节继续",
               "the output does not continue at byte " + std::to_string(next_offset_)}};
    }
  }
  return backend_.status(handle_).state != ports::RunState::kRunning;
}

void OutputPump::pump() {
  do {
    Text trouble;
    bool ended = false;
    try {
      ended = attachOnce();
      if (stop_) return;
    } catch (const ports::BackendError& e) {
      trouble = e.message();
      // The run's record is gone for good: what is known now is all that will ever be known.
      ended = e.kind() == ports::BackendError::Kind::kNotFound;
    } catch (const std::exception& e) {
      trouble = sameText(
          e.what());  // a defect, or no memory: neither may end this thread and the process
    }
    {
      const std::lock_guard lock{mutex_};
      trouble_ = trouble;
      ended_ = ended;
    }
    notify_();
    if (ended) return;
  } while (waitBeforeRetry());
}

}  // namespace oscar::engine
