#pragma once

#include <condition_variable>
#include <mutex>

namespace oscar::http {

/// A fixed number of places for something costly. Any thread.
class Slots {
 public:
  /// Holds one place until it is destroyed; an empty one holds none.
  class Hold {
   public:
    Hold() = default;
    ~Hold() {
      if (slots_) slots_->giveBack();
    }
    Hold(Hold&& other) noexcept : slots_{other.slots_} { other.slots_ = nullptr; }
    Hold& operator=(Hold&&) = delete;
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

    explicit operator bool() const { return slots_ != nullptr; }

   private:
    friend class Slots;
    explicit Hold(Slots* slots) : slots_{slots} {}

    Slots* slots_ = nullptr;
  };

  /// `count` is at least 1. The object must outlive its holds.
  explicit Slots(int count) : free_{count} {}

  /// Waits for a place.
  Hold take() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return free_ > 0; });
    --free_;
    return Hold{this};
  }
  /// An empty hold when there is no place now.
  Hold tryTake() {
    const std::lock_guard lock{mutex_};
    if (free_ == 0) return {};
    --free_;
    return Hold{this};
  }

 private:
  void giveBack() {
    {
      const std::lock_guard lock{mutex_};
      ++free_;
    }
    changed_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  int free_;
};

}  // namespace oscar::http
