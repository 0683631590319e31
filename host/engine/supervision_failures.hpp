#pragma once

#include "domain/text.hpp"

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace oscar::engine {

/// Which executions' supervision failed and when it is tried again: after 1 s, then twice as long
/// each time, at most a minute, for ever (the run itself goes on). Used by one thread.
class SupervisionFailures {
 public:
  using Time = std::chrono::steady_clock::time_point;

  static constexpr std::chrono::seconds kFirstDelay{1};
  static constexpr std::chrono::seconds kLongestDelay{60};
  /// From so many failures in a row on people are told.
  static constexpr int kTellAfter = 3;
  /// Supervision that has worked so long works again.
  static constexpr std::chrono::seconds kTrustedAfter{60};

  struct Failure {
    int count = 0;
    std::string why;  ///< of the last one
    Time next_try{};
    bool waiting = true;  ///< not tried again since the last failure
    bool told = false;
  };

  /// Counts a failure and returns what is known about the execution now.
  const Failure& add(const std::string& execution_id, const std::string& why, Time now);
  /// False while the execution must wait for its next try.
  bool mayTry(const std::string& execution_id, Time now) const;
  /// The next try has begun.
  void tried(const std::string& execution_id);
  /// Supervision works, or is over.
  void forget(const std::string& execution_id) { failures_.erase(execution_id); }
  /// Forgets all others: they are not ours any more.
  void keepOnly(const std::vector<std::string>& execution_ids);

  /// Whether some execution's time to be tried again has come.
  bool due(Time now) const;
  /// Those that people are to be told about, by id.
  std::map<std::string, std::string> untold() const;
  void told(const std::string& execution_id);

  /// What people are told.
  static Text attention(const std::string& why);

 private:
  std::map<std::string, Failure> failures_;  ///< by execution id
};

}  // namespace oscar::engine
