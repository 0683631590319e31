#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace oscar::http {

/// Cuts connections that take too long. Poco's timeouts restart with every byte, so a client that
/// sends one byte now and then would hold a thread for ever; here each phase of a connection has
/// one deadline for all of it. Also makes room: when connections wait for a thread, the one that
/// has been idle longest is cut.
class ConnectionWatch {
 public:
  using Clock = std::chrono::steady_clock;

  /// `waiting` tells how many accepted connections wait for a thread.
  explicit ConnectionWatch(std::function<int()> waiting);
  ~ConnectionWatch();

  /// `descriptor` stays open until remove(). Returns the entry's id.
  /// It begins as idle: nothing of a request has come yet.
  std::uint64_t add(int descriptor, Clock::time_point deadline);
  /// The phase changes: another deadline, or none (time_point::max()) while the server itself
  /// works.
  void expect(std::uint64_t id, Clock::time_point deadline);
  /// Waiting for the next request on a kept connection.
  void idle(std::uint64_t id, Clock::time_point deadline);
  void remove(std::uint64_t id);
  void cut(std::uint64_t id);
  /// Shuts down the connections that wait for a request.
  void cutIdle();
  void cutAll();
  std::size_t size();

 private:
  struct Entry {
    int descriptor = -1;
    Clock::time_point deadline;
    Clock::time_point idle_since = Clock::time_point::max();
  };

  void run();
  void cutLate();
  void cutLongestIdle(int count);

  std::function<int()> waiting_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::map<std::uint64_t, Entry> entries_;
  std::uint64_t last_id_ = 0;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace oscar::http
