#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace oscar::http {

/// Cuts connections that take too long. Poco's timeouts restart with every byte, so a client that
/// sends one byte now and then would hold a thread for ever; here each phase of a connection has
/// one deadline for all of it. Also makes room: when connections wait for a thread, idle ones are
/// cut, then those that have been sending a request for long. Any thread.
class ConnectionWatch {
 public:
  using Clock = std::chrono::steady_clock;

  /// `waiting` tells how many accepted connections wait for a thread.
  explicit ConnectionWatch(std::function<int()> waiting);
  ~ConnectionWatch();

  /// `descriptor` stays open until remove(). Returns the entry's id. The connection begins as
  /// idle: nothing of a request has come yet. `peer` is the address at the other end, which behind
  /// a reverse proxy is the proxy's.
  std::uint64_t add(int descriptor, std::string peer, Clock::time_point deadline);
  /// Waiting for the next request on a kept connection.
  void idle(std::uint64_t id, Clock::time_point deadline);
  /// A request has begun to arrive; time_point::max() is no deadline, here and below. Called again
  /// for the body, which does not make the request any younger.
  void receiving(std::uint64_t id, Clock::time_point deadline);
  /// The request is complete: the server works or the answer goes out.
  void serving(std::uint64_t id, Clock::time_point deadline);
  void remove(std::uint64_t id);  ///< no longer this object's, whatever becomes of the descriptor
  void cut(std::uint64_t id);     ///< ends the connection's reads and writes now
  /// Cuts the connections that wait for a request.
  void cutIdle();
  void cutAll();
  std::size_t size();

 private:
  enum class Phase { kIdle = 1, kReceiving, kServing };
  struct Entry {
    int descriptor = -1;
    std::string peer;
    Phase phase = Phase::kIdle;
    Clock::time_point since;  ///< of the phase
    Clock::time_point deadline;
    bool was_cut = false;
  };

  void enter(std::uint64_t id, Phase phase, Clock::time_point deadline);
  void run();
  void cutLate();
  void makeRoom(int count);
  std::vector<Entry*> mayGiveWay();
  static void cutEntry(Entry& entry);

  std::function<int()> waiting_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::map<std::uint64_t, Entry> entries_;
  std::uint64_t last_id_ = 0;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace oscar::http
