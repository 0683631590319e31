#pragma once

#include <condition_variable>
#include <mutex>

namespace oscar::plugin_runtime {

/// Lets calls pass until it is closed; closing waits for those inside. A thread may enter again
/// while it is inside, which a shared_mutex would not allow. Any thread.
class Gate {
 public:
  /// Leaves when destroyed. False when the gate was closed: then nothing may be used.
  class Pass {
   public:
    explicit Pass(Gate& gate) : gate_{gate}, inside_{gate.enter()} {}
    ~Pass() {
      if (inside_) gate_.leave();
    }
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;
    explicit operator bool() const { return inside_; }

   private:
    Gate& gate_;
    bool inside_;
  };

  /// Must not be called by a thread that is inside.
  void close() {
    std::unique_lock lock{mutex_};
    open_ = false;
    empty_.wait(lock, [this] { return inside_ == 0; });
  }

 private:
  bool enter() {
    std::lock_guard lock{mutex_};
    if (open_) ++inside_;
    return open_;
  }
  void leave() {
    std::lock_guard lock{mutex_};
    if (--inside_ == 0) empty_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable empty_;
  bool open_ = true;
  int inside_ = 0;
};

}  // namespace oscar::plugin_runtime
