#include "services/audit_service.hpp"

#include "domain/error.hpp"

#include <string>

namespace oscar::services {
namespace {

constexpr std::size_t kMaxPending = 10'000;
constexpr const char* kComponent = "audit";

std::string describe(const AuditEntry& entry) {
  return entry.username + " " + entry.action + " " + entry.resource_type + " " + entry.resource_id +
         " from " + entry.ip_address + " at " + formatTimestamp(entry.created_at) + " request " +
         entry.request_data + " response " + entry.response_data;
}

}  // namespace

AuditService::AuditService(ports::AuditStore& store, ports::Log& log) : store_{store}, log_{log} {}

void AuditService::record(AuditEntry entry) {
  try {
    if (waiting_ > 0) flush();
    store_.append(entry);
  } catch (const StoreUnavailable& error) {
    log_.write(ports::LogLevel::kError, kComponent,
               std::string{"the store is away ("} + error.what() + "), kept: " + describe(entry));
    keep(std::move(entry));
  } catch (const std::exception& error) {
    // The store will refuse this entry again and again: the process log is where it remains.
    log_.write(ports::LogLevel::kError, kComponent,
               std::string{"cannot be stored ("} + error.what() + "): " + describe(entry));
  }
}

Page<AuditEntry> AuditService::list(const AuditFilter& filter, const PageRequest& page) {
  return store_.list(filter, page);
}

/// Writes what was kept, oldest first, until all is written or the store is away again.
void AuditService::flush() {
  // Threads must not queue up here, each waiting for a store that is away.
  const std::unique_lock flushing{flushing_, std::try_to_lock};
  if (!flushing) return;
  while (true) {
    AuditEntry entry;
    {
      const std::lock_guard lock{mutex_};
      if (pending_.empty()) return;
      entry = pending_.front();
    }
    try {
      store_.append(entry);
    } catch (const StoreUnavailable&) {
      throw;
    } catch (const std::exception& error) {
      log_.write(ports::LogLevel::kError, kComponent,
                 std::string{"cannot be stored ("} + error.what() + "): " + describe(entry));
    }
    const std::lock_guard lock{mutex_};
    pending_.pop_front();
    waiting_ = pending_.size();
  }
}

void AuditService::keep(AuditEntry entry) {
  const std::lock_guard lock{mutex_};
  // The newest is dropped, not the oldest: a flush may be writing the oldest. It is in the log.
  if (pending_.size() >= kMaxPending) return;
  pending_.push_back(std::move(entry));
  waiting_ = pending_.size();
}

}  // namespace oscar::services
