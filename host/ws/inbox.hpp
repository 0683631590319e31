#pragma once

#include "domain/events.hpp"
#include "ws/viewer.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace oscar::ws {

/// What other threads leave for the hub's owner thread. Events are kept only for executions that
/// somebody watches, one News per execution: however many come, the newest state and a bounded
/// number of lines remain (the store has the rest).
class Inbox {
 public:
  struct Arrival {
    std::unique_ptr<ports::DetachedSocket> socket;
    std::string early;
    Watch watch;
  };
  struct Contents {
    std::vector<Arrival> arrivals;
    std::map<std::string, News> news;
    std::vector<std::function<void()>> results;
  };

  /// Counts viewers per execution; events of the others are not kept.
  void beginWatching(const std::string& execution_id);
  void endWatching(const std::string& execution_id);

  void put(Arrival arrival);
  void put(std::function<void()> result);
  /// False when nobody watches, so that nobody needs to be woken.
  bool put(const Event& event);

  Contents takeAll();

 private:
  std::mutex mutex_;
  std::map<std::string, int> watched_;
  Contents contents_;
};

}  // namespace oscar::ws
