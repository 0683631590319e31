#pragma once

#include "domain/connection.hpp"
#include "domain/page.hpp"
#include "domain/user.hpp"
#include "ports/clock.hpp"
#include "ports/security.hpp"
#include "ports/stores.hpp"
#include "ports/target_database.hpp"
#include "ports/target_directory.hpp"

#include <optional>
#include <string>
#include <vector>

namespace oscar::services {

/// A connection as a user gives it. On update an absent password keeps the stored one.
struct ConnectionInput {
  Connection connection;  ///< id, created_* and updated_at are ignored
  std::optional<Secret> password;
};

/// What a successful test found.
struct ConnectionTest {
  ports::ServerFacts server;
  bool database_exists = false;
};

/// Saved connections, requirement document 3.1. Thread-safe.
class ConnectionService final : public ports::TargetDirectory {
 public:
  ConnectionService(ports::ConnectionStore& connections, ports::SecretBox& secrets,
                    ports::TargetDatabase& targets, const ports::Clock& clock);

  Page<Connection> list(const ports::ConnectionFilter& filter, const PageRequest& page);
  Connection get(const std::string& id);  ///< kNotFound
  /// Validates every field, then tests, then saves. kConnectionFailed (1001) with the server's own
  /// words when the test fails; `skip_test` is refused (kForbidden) unless the principal is an
  /// admin. kConflict when the name is taken.
  Connection create(const Principal& principal, const ConnectionInput& input, bool skip_test);
  Connection update(const Principal& principal, const std::string& id, const ConnectionInput& input,
                    bool skip_test);
  /// kConflict while pending or running executions use it.
  void remove(const std::string& id);
  ConnectionTest test(const std::string& id);
  /// Tests what is not saved yet; with an id, its stored password fills an absent one — but only
  /// when host, port and user name are the stored ones, so that nobody can send a stored password
  /// elsewhere.
  ConnectionTest testInput(const ConnectionInput& input, const std::optional<std::string>& id);

  TargetAddress addressOf(const std::string& connection_id) override;

 private:
  ConnectionTest probe(const TargetAddress& address);
  TargetAddress address(const Connection& connection, Secret password) const;

  ports::ConnectionStore& connections_;
  ports::SecretBox& secrets_;
  ports::TargetDatabase& targets_;
  const ports::Clock& clock_;
};

}  // namespace oscar::services
