#pragma once

#include <csignal>
#include <functional>
#include <thread>

namespace oscar::ctl {

/// While it lives, Ctrl-C (SIGINT) is a call of `on_interrupt` from a thread of its own instead of
/// the death of the process. Needed because the library's reads begin again after a signal: nothing
/// else would let a waiting command say a last word. Where SIGINT is ignored (nohup, a shell's
/// background) it stays so. For one at a time, made before other threads are.
class InterruptWatch {
 public:
  /// `on_interrupt` normally ends the process.
  explicit InterruptWatch(std::function<void()> on_interrupt);
  ~InterruptWatch();
  InterruptWatch(const InterruptWatch&) = delete;
  InterruptWatch& operator=(const InterruptWatch&) = delete;

 private:
  void wait() const;

  std::function<void()> on_interrupt_;
  sigset_t before_{};
  int signals_ = -1;
  int end_ = -1;
  std::thread waiter_;
};

}  // namespace oscar::ctl
