#pragma once

#include "domain/execution.hpp"

#include <algorithm>
#include <exception>
#include <functional>
#include <string_view>

namespace oscar::ports {

/// Among Execution::known_findings: a unique key is new or rests on changed columns.
inline constexpr std::string_view kRowCountCheck = "row_count_check";
/// Whether the run must compare the rows of both tables before it swaps them. This finding, stored
/// with the execution, is how the services that judged it say so to the engine.
inline bool needsRowCheck(const Execution& execution) {
  const auto& known = execution.known_findings;
  return std::find(known.begin(), known.end(), kRowCountCheck) != known.end();
}

/// Repeats the checks of a submission right before its run starts: an execution may have waited for
/// hours, and what was harmless then (no duplicates, a wide enough column) may lose rows now.
/// Any thread.
class LaunchCheck {
 public:
  /// `goes_on` said no: nothing is known about the execution.
  struct Interrupted : std::exception {
    const char* what() const noexcept override { return "the launch check was interrupted"; }
  };
  /// Asked before every question that may take long. Called on the thread of `refusal`.
  using GoesOn = std::function<bool()>;

  /// Why the execution must not start now; empty when it may. Everything that was refused, was not
  /// confirmed, or would run differently than submitted is a reason. Takes as long as the question
  /// under way when `goes_on` begins to say no, else as long as all of them.
  /// Throws Interrupted, ServiceError (connection or tool unusable), TargetError, StoreUnavailable.
  virtual Text refusal(const Execution& execution, const GoesOn& goes_on) = 0;

 protected:
  ~LaunchCheck() = default;
};

}  // namespace oscar::ports
