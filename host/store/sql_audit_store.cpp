#include "store/sql_audit_store.hpp"

#include "json/reader.hpp"
#include "json/writer.hpp"
#include "store/clean_text.hpp"

namespace oscar::store {
namespace {

constexpr std::string_view kInsertAudit =
    "INSERT INTO audit_logs (user_id, username, action, resource_type, resource_id, request_data,"
    " response_data, ip_address, user_agent, execution_time_ms, created_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr std::string_view kSelectColumns =
    "SELECT a.id, a.user_id, a.username, a.action, a.resource_type, a.resource_id, a.request_data,"
    " a.response_data, a.ip_address, a.user_agent, a.execution_time_ms, {ms:a.created_at}";
constexpr std::string_view kFromMatching = " FROM (SELECT id FROM audit_logs WHERE ";
constexpr std::string_view kAuditOrder =
    " ORDER BY id DESC LIMIT ? OFFSET ?) p JOIN audit_logs a ON a.id = p.id ORDER BY a.id DESC";
constexpr std::string_view kAuditTypes = "isssssssssii";

/// Something that is no JSON after all is kept as a JSON string.
Value jsonOrNull(const std::string& text) {
  if (text.empty()) return {};
  if (json::isValid(text)) return text;
  json::Writer writer;
  writer.value(text);
  return writer.take();
}

AuditEntry entryOf(Row& row) {
  AuditEntry entry;
  entry.id = row.integer();
  entry.user_id = row.text();
  entry.username = row.text();
  entry.action = row.text();
  entry.resource_type = row.text();
  entry.resource_id = row.text();
  entry.request_data = row.text();
  entry.response_data = row.text();
  entry.ip_address = row.text();
  entry.user_agent = row.text();
  entry.execution_time_ms = static_cast<int>(row.integer());
  entry.created_at = row.time();
  return entry;
}

struct Condition {
  std::string where = "1 = 1";
  Values values;

  void equals(const char* column, const std::string& value) {
    if (value.empty()) return;
    where += std::string{" AND "} + column + " = ?";
    values.emplace_back(value);
  }
  void time(const char* comparison, const std::optional<Timestamp>& at) {
    if (!at) return;
    where += std::string{" AND created_at "} + comparison + " ?";
    values.emplace_back(*at);
  }
};

}  // namespace

void SqlAuditStore::append(const AuditEntry& entry) {
  database_.write([&](Sql& sql) {
    sql.execute(kInsertAudit, {cleanText(entry.user_id, 36), cleanText(entry.username, 50),
                               cleanText(entry.action, 100), cleanText(entry.resource_type, 50),
                               cleanText(entry.resource_id, 36), jsonOrNull(entry.request_data),
                               jsonOrNull(entry.response_data), cleanText(entry.ip_address, 45),
                               cleanText(entry.user_agent, 1000),
                               std::int64_t{entry.execution_time_ms}, entry.created_at});
  });
}

Page<AuditEntry> SqlAuditStore::list(const AuditFilter& filter, const PageRequest& page) {
  Condition condition;
  condition.equals("username", filter.username);
  condition.equals("action", filter.action);
  condition.equals("resource_type", filter.resource_type);
  condition.equals("resource_id", filter.resource_id);
  condition.time(">=", filter.from);
  condition.time("<", filter.to);
  const auto found = database_.read(
      [&](Sql& sql) { return mirror_.page(sql, filter, page, condition.where, condition.values); });
  if (!found) return listBySql(condition.where, condition.values, page);
  Page<AuditEntry> result;
  result.total = found->total;
  if (found->ids.empty()) return result;
  // A transaction of its own: one that began before another thread had read the newest entries
  // into the mirror would not see them.
  const std::string select = std::string{kSelectColumns} + " FROM audit_logs a WHERE a.id IN (" +
                             placeholders(found->ids.size()) + ") ORDER BY a.id DESC";
  const Values ids(found->ids.begin(), found->ids.end());
  result.items = database_.read([&](Sql& sql) {
    std::vector<AuditEntry> items;
    for (auto& row : sql.query({select, kAuditTypes}, ids)) items.push_back(entryOf(row));
    return items;
  });
  return result;
}

Page<AuditEntry> SqlAuditStore::listBySql(const std::string& where, const Values& conditions,
                                          const PageRequest& page) {
  return database_.read([&](Sql& sql) {
    Page<AuditEntry> result;
    const std::string count = "SELECT COUNT(*) FROM audit_logs WHERE " + where;
    result.total = sql.one({count, "i"}, conditions)->integer();
    std::string select = std::string{kSelectColumns} + std::string{kFromMatching} + where;
    Values values = conditions;
    std::int64_t offset = std::int64_t{page.page - 1} * page.page_size;
    if (page.before_number > 0) {
      select += " AND id < ?";
      values.emplace_back(page.before_number);
      offset = 0;
    }
    select += kAuditOrder;
    values.emplace_back(std::int64_t{page.page_size});
    values.emplace_back(offset);
    for (auto& row : sql.query({select, kAuditTypes}, values)) result.items.push_back(entryOf(row));
    return result;
  });
}

}  // namespace oscar::store
