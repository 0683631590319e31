#pragma once

#include "domain/execution.hpp"

#include <string_view>

namespace oscar::ports {

/// Among Execution::confirmed_findings: a unique key is new or rests on changed columns, so the run
/// must compare the rows of both tables before it swaps them.
inline constexpr std::string_view kRowCountCheck = "row_count_check";

/// Repeats the checks of a submission right before its run starts: an execution may have waited for
/// hours, and what was harmless then (no duplicates, a wide enough column) may lose rows now.
/// Any thread.
class LaunchCheck {
 public:
  /// Why the execution must not start now; empty when it may. Everything that was refused, was not
  /// confirmed, or would run differently than submitted is a reason.
  /// Throws ServiceError (connection or tool unusable), TargetError, StoreUnavailable.
  virtual Text refusal(const Execution& execution) = 0;

 protected:
  ~LaunchCheck() = default;
};

}  // namespace oscar::ports
