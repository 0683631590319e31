#pragma once

#include "ports/stores.hpp"
#include "store/audit_mirror.hpp"
#include "store/database.hpp"

#include <string>

namespace oscar::store {

/// Table `audit_logs`, to which rows are only ever added. Thread-safe. `database` must outlive it.
class SqlAuditStore final : public ports::AuditStore {
 public:
  /// `limits`: how much of the list may be kept in memory.
  explicit SqlAuditStore(Database& database, const AuditMirror::Limits& limits = {})
      : database_{database}, mirror_{limits} {}

  /// Texts longer than their column and bytes that are not UTF-8 are cut and replaced: an entry
  /// must not be lost because of what an attacker put into a header.
  void append(const AuditEntry& entry) override;
  Page<AuditEntry> list(const AuditFilter& filter, const PageRequest& page) override;

 private:
  Page<AuditEntry> listBySql(const std::string& where, const Values& conditions,
                             const PageRequest& page);

  Database& database_;
  AuditMirror mirror_;
};

}  // namespace oscar::store
