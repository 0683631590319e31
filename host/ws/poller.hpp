#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

namespace oscar::ws {

/// epoll with a wake-up. All but wake() belong to one thread.
class Poller {
 public:
  struct Ready {
    std::uint64_t id = 0;
    bool readable = false;  ///< also set when the peer is gone: the read tells
  };

  Poller();
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  void add(int descriptor, std::uint64_t id);
  void watchWritable(int descriptor, std::uint64_t id, bool writable);
  void remove(int descriptor);
  std::vector<Ready> wait(std::chrono::milliseconds timeout);
  /// Makes wait() return now. Any thread.
  void wake();

 private:
  int epoll_ = -1;
  int wake_ = -1;
};

}  // namespace oscar::ws
