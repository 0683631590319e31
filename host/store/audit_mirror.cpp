#include "store/audit_mirror.hpp"

#include <algorithm>
#include <limits>
#include <mutex>

namespace oscar::store {
namespace {

using Id = TextPool::Id;

constexpr std::int64_t kRowsPerFetch = 1000;
/// Ids below the newest that are read from the store each time: on MySQL a row with a smaller id
/// may become visible after one with a greater id.
constexpr std::int64_t kUnsettledIds = 200;

constexpr Query kSelectNewest{"SELECT MAX(id) FROM audit_logs", "i"};
constexpr Query kSelectSettled{
    "SELECT id, {ms:created_at}, username, action, resource_type FROM audit_logs"
    " WHERE id > ? AND id <= ? ORDER BY id LIMIT ?",
    "iisss"};

}  // namespace

/// A filter with its words looked up.
struct AuditMirror::Wanted {
  std::optional<Id> user;
  std::optional<Id> action;
  std::optional<Id> type;
  std::int64_t from = std::numeric_limits<std::int64_t>::min();
  std::int64_t to = std::numeric_limits<std::int64_t>::max();
};

std::optional<AuditMirror::Wanted> AuditMirror::wantedOf(const AuditFilter& filter) const {
  Wanted wanted;
  const auto lookUp = [&](const std::string& word, std::optional<Id>& id) {
    if (!word.empty()) id = words_.find(word);
    return word.empty() || id;
  };
  if (!lookUp(filter.username, wanted.user) || !lookUp(filter.action, wanted.action) ||
      !lookUp(filter.resource_type, wanted.type)) {
    return std::nullopt;
  }
  if (filter.from) wanted.from = toMillis(*filter.from);
  if (filter.to) wanted.to = toMillis(*filter.to);
  return wanted;
}

void AuditMirror::clear() {
  ids_ = {};
  created_at_ms_ = {};
  users_ = {};
  actions_ = {};
  types_ = {};
  words_ = {};
}

bool AuditMirror::follow(Sql& sql) {
  if (overflow_.load()) return false;
  const std::int64_t settled = sql.one(kSelectNewest)->integer() - kUnsettledIds;
  const auto upToDate = [&] { return settled <= followed_to_; };
  {
    const std::shared_lock lock{mutex_, std::try_to_lock};
    if (!lock) return false;
    if (upToDate()) return true;
  }
  const std::unique_lock lock{mutex_, std::try_to_lock};
  if (!lock) return false;
  while (!upToDate()) {
    auto rows = sql.query(kSelectSettled, {followed_to_, settled, kRowsPerFetch});
    for (auto& row : rows) {
      ids_.push_back(row.integer());
      created_at_ms_.push_back(row.integer());
      users_.push_back(words_.add(row.text()));
      actions_.push_back(words_.add(row.text()));
      types_.push_back(words_.add(row.text()));
    }
    if (ids_.size() > limits_.entries || words_.bytes() > limits_.word_bytes) {
      overflow_ = true;
      clear();
      return false;
    }
    const bool all = static_cast<std::int64_t>(rows.size()) < kRowsPerFetch;
    followed_to_ = all ? settled : ids_.back();
  }
  return true;
}

std::optional<AuditMirror::Found> AuditMirror::page(Sql& sql, const AuditFilter& filter,
                                                    const PageRequest& page,
                                                    const std::string& where,
                                                    const Values& values) {
  if (!filter.resource_id.empty() || !follow(sql)) return std::nullopt;
  const bool keyset = page.before_number > 0;
  const std::int64_t below = keyset ? page.before_number : std::numeric_limits<std::int64_t>::max();
  std::int64_t skip = keyset ? 0 : std::int64_t{page.page - 1} * page.page_size;
  Found found;
  const auto meet = [&](std::int64_t id) {
    ++found.total;
    if (id >= below || found.ids.size() == static_cast<std::size_t>(page.page_size)) return;
    if (skip-- <= 0) found.ids.push_back(id);
  };

  const std::shared_lock lock{mutex_, std::try_to_lock};
  if (!lock || overflow_.load()) return std::nullopt;
  const std::string newest =
      "SELECT id FROM audit_logs WHERE " + where + " AND id > ? ORDER BY id DESC";
  Values with_start = values;
  with_start.emplace_back(followed_to_);
  for (auto& row : sql.query({newest, "i"}, with_start)) meet(row.integer());

  const auto wanted = wantedOf(filter);
  if (!wanted) return found;
  for (std::size_t at = ids_.size(); at-- > 0;) {
    if ((!wanted->user || users_[at] == *wanted->user) &&
        (!wanted->action || actions_[at] == *wanted->action) &&
        (!wanted->type || types_[at] == *wanted->type) && created_at_ms_[at] >= wanted->from &&
        created_at_ms_[at] < wanted->to) {
      meet(ids_[at]);
    }
  }
  return found;
}

}  // namespace oscar::store
