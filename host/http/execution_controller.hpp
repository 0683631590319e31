#pragma once

#include "http/route.hpp"
#include "services/execution_service.hpp"

namespace oscar::http {

/// /executions, and the preview of one.
class ExecutionController {
 public:
  explicit ExecutionController(services::ExecutionService& executions);

  Response submit(Call& call);
  Response list(Call& call);
  Response statistics(Call& call);
  Response get(Call& call);
  Response logs(Call& call);
  Response downloadLogs(Call& call);
  Response stop(Call& call);
  Response retry(Call& call);
  Response preview(Call& call);

 private:
  services::ExecutionService& executions_;
};

}  // namespace oscar::http
