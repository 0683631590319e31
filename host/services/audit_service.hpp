#pragma once

#include "domain/audit.hpp"
#include "domain/page.hpp"
#include "ports/log.hpp"
#include "ports/stores.hpp"

namespace oscar::services {

/// The audit log. Thread-safe.
class AuditService {
 public:
  AuditService(ports::AuditStore& store, ports::Log& log);

  /// Never throws: when the store is away, the entry is kept (bounded: 10 000) and written with the
  /// next one; it also goes to the process log, so that nothing is lost silently.
  void record(AuditEntry entry);
  Page<AuditEntry> list(const AuditFilter& filter, const PageRequest& page);

 private:
  struct Pending;
  ports::AuditStore& store_;
  ports::Log& log_;
};

}  // namespace oscar::services
