#pragma once

#include "domain/audit.hpp"
#include "domain/page.hpp"
#include "ports/log.hpp"
#include "ports/stores.hpp"

#include <atomic>
#include <cstddef>
#include <deque>
#include <mutex>

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
  void flush();
  void keep(AuditEntry entry);

  ports::AuditStore& store_;
  ports::Log& log_;
  std::mutex flushing_;  ///< held by the one thread that writes kept entries; never waited for
  std::mutex mutex_;     ///< guards pending_
  std::deque<AuditEntry> pending_;
  std::atomic<std::size_t> waiting_ = 0;  ///< pending_.size(), to be asked without a lock
};

}  // namespace oscar::services
