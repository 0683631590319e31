#pragma once

#include "ports/execution_backend.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace oscar::engine {

/// Streams a run's output into a bounded buffer on a thread of its own.
///
/// When nobody takes from the buffer (the store is away) the thread waits; the bytes stay safe
/// where the run writes them. When the backend cannot be reached it attaches again, for ever: a run
/// is never given up because its host was away for a while.
class OutputPump {
 public:
  static constexpr std::size_t kMaxBuffered = 1 << 20;

  /// `notify` is called (from the pump's thread) whenever there is something new to look at.
  OutputPump(ports::ExecutionBackend& backend, std::string handle, std::int64_t offset,
             std::function<void()> notify);
  /// Ends the thread; the run itself goes on.
  ~OutputPump();
  OutputPump(const OutputPump&) = delete;
  OutputPump& operator=(const OutputPump&) = delete;

  /// Takes at most `max_bytes`, in order; empty when there is nothing now.
  std::string take(std::size_t max_bytes);

  /// True when the run has ended and everything it wrote has been taken.
  bool finished() const;
  /// Why the backend cannot be reached at the moment; empty when it can.
  Text trouble() const;

 private:
  void pump();
  bool attachOnce();
  bool accept(std::uint64_t offset, std::string_view bytes);
  bool waitBeforeRetry();

  ports::ExecutionBackend& backend_;
  const std::string handle_;
  const std::function<void()> notify_;
  std::atomic<bool> stop_{false};
  mutable std::mutex mutex_;
  std::condition_variable space_;
  std::string buffer_;
  std::uint64_t next_offset_;
  bool ended_ = false;
  bool refused_ = false;  ///< the last bytes offered did not continue at next_offset_
  Text trouble_;
  std::thread thread_;  // last: it uses everything above
};

}  // namespace oscar::engine
