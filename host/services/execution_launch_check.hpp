#pragma once

#include "ports/launch_check.hpp"
#include "services/execution_service.hpp"

namespace oscar::services {

/// Surveys and judges an execution again as if it were submitted now, and compares the result with
/// what its submitter saw and confirmed. A statement may need several searches of the table, and
/// each may take ExecutionSettings::duplicate_check_seconds; `goes_on` is asked before every one.
/// Thread-safe.
class SurveyingLaunchCheck final : public ports::LaunchCheck {
 public:
  /// `executions` is borrowed and must outlive the check.
  explicit SurveyingLaunchCheck(ExecutionService& executions) : executions_{executions} {}

  Text refusal(const Execution& execution, const GoesOn& goes_on) override;

 private:
  ExecutionService& executions_;
};

}  // namespace oscar::services
