#include "store/sql_connection_store.hpp"

namespace oscar::store {
namespace {

using ports::Saved;
using ports::StoredConnection;

#define CONNECTION_COLUMNS                                                              \
  "id, name, environment, host, port, username, password, database_name, description, " \
  "connect_timeout, charset, use_ssl, ssl_verify, ssl_ca, backend, created_by, "        \
  "{ms:created_at}, {ms:updated_at}"
constexpr std::string_view kConnectionTypes = "ssssissssisissssii";

constexpr Query kSelectConnection{"SELECT " CONNECTION_COLUMNS
                                  " FROM connections WHERE id = ? AND deleted_at IS NULL",
                                  kConnectionTypes};
constexpr Query kSelectConnectionByName{
    "SELECT " CONNECTION_COLUMNS " FROM connections WHERE unique_name = ?", kConnectionTypes};
constexpr std::string_view kSelectConnections =
    "SELECT " CONNECTION_COLUMNS " FROM connections WHERE ";
#undef CONNECTION_COLUMNS
constexpr std::string_view kConnectionOrder =
    " ORDER BY CASE environment WHEN 'prod' THEN 1 WHEN 'test' THEN 2 ELSE 3 END, LOWER(name),"
    " name LIMIT ? OFFSET ?";
constexpr std::string_view kKeywordCondition =
    " AND (LOWER(name) LIKE LOWER(?) ESCAPE '!' OR LOWER(host) LIKE LOWER(?) ESCAPE '!'"
    " OR LOWER(database_name) LIKE LOWER(?) ESCAPE '!'"
    " OR LOWER(description) LIKE LOWER(?) ESCAPE '!')";
constexpr std::string_view kInsertConnection =
    "INSERT INTO connections (name, unique_name, environment, host, port, username, password,"
    " database_name, description, connect_timeout, charset, use_ssl, ssl_verify, ssl_ca, backend,"
    " updated_at, id, created_by, created_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr std::string_view kUpdateConnection =
    "UPDATE connections SET name = ?, unique_name = ?, environment = ?, host = ?, port = ?,"
    " username = ?, password = ?, database_name = ?, description = ?, connect_timeout = ?,"
    " charset = ?, use_ssl = ?, ssl_verify = ?, ssl_ca = ?, backend = ?, updated_at = ?"
    " WHERE id = ? AND deleted_at IS NULL";
// Taken before every change, so that SqlExecutionStore::insert and a removal exclude each other.
constexpr Query kLockConnection{
    "SELECT id FROM connections WHERE id = ? AND deleted_at IS NULL{lock}", "s"};
constexpr Query kSameServer{"SELECT id FROM connections WHERE id = ? AND host = ? AND port = ?",
                            "s"};
constexpr Query kCountUnfinished{
    "SELECT COUNT(*) FROM execution_records{index:idx_status}"
    " WHERE status IN ('pending', 'running')"
    " AND connection_id = ?",
    "i"};
// The sealed password goes with the connection; nobody needs it any more.
constexpr std::string_view kBuryConnection =
    "UPDATE connections SET deleted_at = ?, updated_at = ?, unique_name = NULL, password = ''"
    " WHERE id = ? AND deleted_at IS NULL";

StoredConnection connectionOf(Row& row) {
  StoredConnection stored;
  Connection& c = stored.connection;
  c.id = row.text();
  c.name = row.text();
  c.environment = parseEnvironment(row.text()).value_or(Environment::kProd);
  c.host = row.text();
  c.port = static_cast<int>(row.integer());
  c.username = row.text();
  stored.sealed_password = row.text();
  c.database_name = row.text();
  c.description = row.text();
  c.connect_timeout = static_cast<int>(row.integer());
  c.charset = row.text();
  c.use_ssl = row.boolean();
  c.ssl_verify = parseSslVerify(row.text()).value_or(SslVerify::kVerifyIdentity);
  c.ssl_ca = row.text();
  c.backend = row.text();
  c.created_by = row.text();
  c.created_at = row.time();
  c.updated_at = row.time();
  return stored;
}

/// The values that insert and update share, in the order of both statements.
Values changeable(const StoredConnection& stored) {
  const Connection& c = stored.connection;
  return {c.name,
          c.name,
          std::string{toString(c.environment)},
          c.host,
          std::int64_t{c.port},
          c.username,
          stored.sealed_password,
          c.database_name,
          c.description,
          std::int64_t{c.connect_timeout},
          c.charset,
          flag(c.use_ssl),
          std::string{toString(c.ssl_verify)},
          c.ssl_ca,
          c.backend,
          c.updated_at,
          c.id};
}

std::optional<StoredConnection> findOne(Database& database, const Query& query,
                                        const std::string& value) {
  return database.read([&](Sql& sql) -> std::optional<StoredConnection> {
    auto row = sql.one(query, {value});
    return row ? std::optional{connectionOf(*row)} : std::nullopt;
  });
}

}  // namespace

std::optional<StoredConnection> SqlConnectionStore::find(const std::string& id) {
  return findOne(database_, kSelectConnection, id);
}

std::optional<StoredConnection> SqlConnectionStore::findByName(const std::string& name) {
  return findOne(database_, kSelectConnectionByName, name);
}

Page<Connection> SqlConnectionStore::list(const ports::ConnectionFilter& filter,
                                          const PageRequest& page) {
  std::string where = "deleted_at IS NULL";
  Values values;
  if (filter.environment) {
    where += " AND environment = ?";
    values.emplace_back(std::string{toString(*filter.environment)});
  }
  if (!filter.keyword.empty()) {
    where += kKeywordCondition;
    for (int i = 0; i < 4; ++i) values.emplace_back(containsPattern(filter.keyword));
  }
  return database_.read([&](Sql& sql) {
    Page<Connection> result;
    const std::string count = "SELECT COUNT(*) FROM connections WHERE " + where;
    result.total = sql.one({count, "i"}, values)->integer();
    const std::string select = std::string{kSelectConnections} + where;
    const std::string ordered = select + std::string{kConnectionOrder};
    Values paged = values;
    paged.emplace_back(std::int64_t{page.page_size});
    paged.emplace_back(std::int64_t{page.page - 1} * page.page_size);
    for (auto& row : sql.query({ordered, kConnectionTypes}, paged)) {
      result.items.push_back(connectionOf(row).connection);
    }
    return result;
  });
}

Saved SqlConnectionStore::insert(const StoredConnection& connection) {
  Values values = changeable(connection);
  values.emplace_back(connection.connection.created_by);
  values.emplace_back(connection.connection.created_at);
  try {
    database_.write([&](Sql& sql) { sql.execute(kInsertConnection, values); });
    return Saved::kOk;
  } catch (const DuplicateKey&) {
    return Saved::kDuplicate;
  }
}

Saved SqlConnectionStore::update(const StoredConnection& connection) {
  try {
    return database_.write([&](Sql& sql) {
      const std::string& id = connection.connection.id;
      if (!sql.one(kLockConnection, {id})) return Saved::kNotFound;
      const bool moves = !sql.one(
          kSameServer, {id, connection.connection.host, std::int64_t{connection.connection.port}});
      if (moves && sql.one(kCountUnfinished, {id})->integer() > 0) return Saved::kInUse;
      sql.execute(kUpdateConnection, changeable(connection));
      return Saved::kOk;
    });
  } catch (const DuplicateKey&) {
    return Saved::kDuplicate;
  }
}

SqlConnectionStore::Removed SqlConnectionStore::remove(const std::string& id, Timestamp at) {
  return database_.write([&](Sql& sql) {
    if (!sql.one(kLockConnection, {id})) return Removed::kNotFound;
    if (sql.one(kCountUnfinished, {id})->integer() > 0) return Removed::kInUse;
    sql.execute(kBuryConnection, {at, at, id});
    return Removed::kOk;
  });
}

}  // namespace oscar::store
