#pragma once

#include "domain/error.hpp"
#include "ports/stores.hpp"

#include <atomic>
#include <mutex>
#include <stdexcept>

namespace oscar::test {

/// Audit entries in memory, in the order of their arrival.
class FakeAuditStore final : public ports::AuditStore {
 public:
  std::atomic<bool> away = false;  ///< append throws StoreUnavailable
  std::string poison;              ///< append throws something else for this action

  void append(const AuditEntry& entry) override {
    if (away) throw StoreUnavailable{"fake: away"};
    if (!poison.empty() && entry.action == poison) throw std::runtime_error{"fake: refused"};
    const std::lock_guard lock{mutex_};
    entries_.push_back(entry);
    entries_.back().id = static_cast<std::int64_t>(entries_.size());
  }
  /// Newest first; filters by user name only.
  Page<AuditEntry> list(const AuditFilter& filter, const PageRequest&) override {
    const std::lock_guard lock{mutex_};
    Page<AuditEntry> page;
    for (auto it = entries_.rbegin(); it != entries_.rend(); ++it) {
      if (filter.username.empty() || it->username == filter.username) page.items.push_back(*it);
    }
    page.total = static_cast<std::int64_t>(page.items.size());
    return page;
  }
  std::vector<std::string> actions() {
    const std::lock_guard lock{mutex_};
    std::vector<std::string> actions;
    for (const auto& entry : entries_) actions.push_back(entry.action);
    return actions;
  }

 private:
  std::mutex mutex_;
  std::vector<AuditEntry> entries_;
};

}  // namespace oscar::test
