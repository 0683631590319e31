#include "services/connection_service.hpp"

#include "domain/error.hpp"
#include "domain/ids.hpp"
#include "services/connection_checks.hpp"
#include "services/target_errors.hpp"

namespace oscar::services {
namespace {

/// Binds a sealed password to its row: copied to another connection it does not open.
std::string passwordContext(const std::string& connection_id) {
  return "connection:" + connection_id + ":password";
}

ServiceError noSuchConnection() {
  return ServiceError{ErrorCode::kNotFound, Text{"连接不存在", "There is no such connection"}};
}

ServiceError nameTaken(const std::string& name) {
  return ServiceError{ErrorCode::kConflict,
                      Text{"连接名称“" + name + "”已被使用，请换一个",
                           "A connection named \"" + name + "\" exists. Choose another name"}};
}

void requireSkipRight(const Principal& principal, bool skip_test) {
  if (skip_test && principal.role != Role::kAdmin) {
    throw ServiceError{ErrorCode::kForbidden, Text{"只有管理员可以跳过连接测试",
                                                   "Only an administrator may save without a "
                                                   "successful test"}};
  }
}

ServiceError passwordNeeded() {
  return ServiceError::invalidFields(
      {{"password",
        Text{"主机、端口、用户名或 SSL 设置已更改，请重新填写密码：已保存的密码只会发送给"
             "原来的服务器",
             "must be given again, because host, port, user name or SSL settings "
             "changed: a stored password is sent only to the server it was stored "
             "for"}}});
}

}  // namespace

ConnectionService::ConnectionService(ports::ConnectionStore& connections, ports::SecretBox& secrets,
                                     ports::TargetDatabase& targets, const ports::Clock& clock)
    : connections_{connections}, secrets_{secrets}, targets_{targets}, clock_{clock} {}

Page<Connection> ConnectionService::list(const ports::ConnectionFilter& filter,
                                         const PageRequest& page) {
  return connections_.list(filter, page);
}

Connection ConnectionService::get(const std::string& id) {
  auto found = connections_.find(id);
  if (!found) throw noSuchConnection();
  return std::move(found->connection);
}

Connection ConnectionService::create(const Principal& principal, const ConnectionInput& input,
                                     bool skip_test) {
  requireSkipRight(principal, skip_test);
  checkConnection(input, true);
  if (connections_.findByName(input.connection.name)) throw nameTaken(input.connection.name);
  if (!skip_test) probe(address(input.connection, *input.password));

  ports::StoredConnection row{input.connection, {}};
  row.connection.id = newUuid();
  row.connection.created_by = principal.username;
  row.connection.created_at = clock_.now();
  row.connection.updated_at = row.connection.created_at;
  row.sealed_password = secrets_.seal(*input.password, passwordContext(row.connection.id));
  if (connections_.insert(row) == ports::Saved::kDuplicate) throw nameTaken(row.connection.name);
  return row.connection;
}

Connection ConnectionService::update(const Principal& principal, const std::string& id,
                                     const ConnectionInput& input, bool skip_test) {
  requireSkipRight(principal, skip_test);
  const auto stored = connections_.find(id);
  if (!stored) throw noSuchConnection();
  checkConnection(input, false);
  if (!input.password && !maySendStoredPassword(stored->connection, input.connection)) {
    throw passwordNeeded();
  }
  const auto namesake = connections_.findByName(input.connection.name);
  if (namesake && namesake->connection.id != id) throw nameTaken(input.connection.name);
  if (!skip_test) {
    probe(address(input.connection,
                  input.password ? *input.password
                                 : secrets_.open(stored->sealed_password, passwordContext(id))));
  }

  ports::StoredConnection row{input.connection, stored->sealed_password};
  row.connection.id = id;
  row.connection.created_by = stored->connection.created_by;
  row.connection.created_at = stored->connection.created_at;
  row.connection.updated_at = clock_.now();
  if (input.password) row.sealed_password = secrets_.seal(*input.password, passwordContext(id));
  switch (connections_.update(row)) {
    case ports::Saved::kDuplicate:
      throw nameTaken(row.connection.name);
    case ports::Saved::kNotFound:
      throw noSuchConnection();
    case ports::Saved::kInUse:
      throw ServiceError{
          ErrorCode::kConflict,
          {"有未结束的执行正在使用该连接，不能更改主机或端口。请等它们结束，或先停止它们。",
           "Executions that have not ended use this connection, so host and port "
           "cannot change. Wait for them, or stop them first."}};
    case ports::Saved::kOk:
      break;
  }
  return row.connection;
}

void ConnectionService::remove(const std::string& id) {
  switch (connections_.remove(id, clock_.now())) {
    case ports::ConnectionStore::Removed::kNotFound:
      throw noSuchConnection();
    case ports::ConnectionStore::Removed::kInUse:
      throw ServiceError{ErrorCode::kConflict,
                         Text{"有等待中或运行中的执行正在使用该连接。请等它们结束或先停止它们",
                              "Pending or running executions use this connection. Wait for their "
                              "end or stop them first"}};
    case ports::ConnectionStore::Removed::kOk:
      break;
  }
}

ConnectionTest ConnectionService::test(const std::string& id) {
  return probe(addressOf(id));
}

ConnectionTest ConnectionService::testInput(const ConnectionInput& input,
                                            const std::optional<std::string>& id) {
  checkConnection(input, !id, false);
  if (input.password) return probe(address(input.connection, *input.password));
  const auto stored = connections_.find(*id);
  if (!stored) throw noSuchConnection();
  if (!maySendStoredPassword(stored->connection, input.connection)) throw passwordNeeded();
  return probe(
      address(input.connection, secrets_.open(stored->sealed_password, passwordContext(*id))));
}

TargetAddress ConnectionService::addressOf(const std::string& connection_id) {
  const auto stored = connections_.find(connection_id);
  if (!stored) throw noSuchConnection();
  return address(stored->connection,
                 secrets_.open(stored->sealed_password, passwordContext(connection_id)));
}

ConnectionTest ConnectionService::probe(const TargetAddress& address) {
  try {
    const auto session = targets_.connect(address);
    // The server refuses an unknown default database at the connect, so here it exists.
    return {session->server(), !address.database.empty()};
  } catch (const ports::TargetError& error) {
    throw connectionFailed(error);
  }
}

TargetAddress ConnectionService::address(const Connection& connection, Secret password) const {
  TargetAddress address;
  address.host = connection.host;
  address.port = connection.port;
  address.username = connection.username;
  address.password = std::move(password);
  address.database = connection.database_name;
  address.connect_timeout_seconds = connection.connect_timeout;
  address.charset = connection.charset;
  address.use_ssl = connection.use_ssl;
  address.ssl_verify = connection.ssl_verify;
  address.ssl_ca = connection.ssl_ca;
  return address;
}

}  // namespace oscar::services
