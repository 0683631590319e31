#pragma once

#include "domain/settings.hpp"
#include "http/route.hpp"
#include "ports/execution_backend.hpp"
#include "services/audit_service.hpp"
#include "services/execution_service.hpp"

#include <string>

namespace oscar::http {

/// What `/` says about this process.
struct SystemFacts {
  std::string version;
  std::string store;  ///< `SQLite` or `MySQL`: anybody reads it, so not where it is
};

/// The start page, health, the contract, plugins, audit log and the settings that users may see.
class SystemController {
 public:
  SystemController(SystemFacts facts, ports::PluginCatalog& plugins,
                   services::ExecutionService& executions, services::AuditService& audit,
                   const ExecutionSettings& settings);

  Response home(Call& call);
  Response homeStyle(Call& call);
  Response health(Call& call);
  Response openapi(Call& call);
  Response plugins(Call& call);
  Response auditLogs(Call& call);
  Response executionDefaults(Call& call);

 private:
  SystemFacts facts_;
  ports::PluginCatalog& plugins_;
  services::ExecutionService& executions_;
  services::AuditService& audit_;
  ExecutionSettings settings_;
};

}  // namespace oscar::http
