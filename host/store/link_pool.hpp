#pragma once

#include "store/link.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace oscar::store {

/// Open connections, at most `size`, opened when first needed. (Poco's SessionPool throws at once
/// when all are in use; a burst of requests should wait a moment instead.) Thread-safe.
class LinkPool {
 public:
  using Opener = std::function<std::unique_ptr<Link>()>;

  LinkPool(Opener opener, int size, std::chrono::milliseconds patience)
      : opener_{std::move(opener)}, size_{size}, patience_{patience} {}

  /// A borrowed connection; goes back when it dies unless discarded.
  class Lease {
   public:
    Lease(LinkPool& pool, std::unique_ptr<Link> link) : pool_{pool}, link_{std::move(link)} {}
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease() { pool_.giveBack(std::move(link_)); }
    Link& operator*() { return *link_; }
    Link* operator->() { return link_.get(); }
    /// Closes the connection instead of giving it back.
    void discard() { link_.reset(); }

   private:
    LinkPool& pool_;
    std::unique_ptr<Link> link_;
  };

  /// Throws SqlError: kUnavailable when none becomes free in time, or as the opener does.
  Lease borrow() { return Lease{*this, take()}; }

  /// Closes every connection that is not in use: when one turns out to be dead, the others that
  /// rested beside it are too.
  void closeIdle() {
    const std::lock_guard lock{mutex_};
    idle_.clear();
  }

 private:
  std::unique_ptr<Link> take() {
    std::unique_lock lock{mutex_};
    if (!freed_.wait_for(lock, patience_, [this] { return in_use_ < size_; })) {
      throw SqlError{SqlFailure::kUnavailable, "every connection to the store is in use"};
    }
    ++in_use_;
    if (!idle_.empty()) {
      auto link = std::move(idle_.back());
      idle_.pop_back();
      return link;
    }
    lock.unlock();
    try {
      return opener_();
    } catch (...) {
      giveBack(nullptr);
      throw;
    }
  }

  void giveBack(std::unique_ptr<Link> link) {
    {
      const std::lock_guard lock{mutex_};
      if (link) idle_.push_back(std::move(link));
      --in_use_;
    }
    freed_.notify_one();
  }

  Opener opener_;
  int size_;
  std::chrono::milliseconds patience_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<std::unique_ptr<Link>> idle_;
  int in_use_ = 0;
};

}  // namespace oscar::store
