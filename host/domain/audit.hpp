#pragma once

#include "domain/time.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace oscar {

/// One row of `audit_logs` (requirement document 5.1.4). `request_data` and `response_data` are
/// JSON texts from which every secret has been removed before they reach this struct.
struct AuditEntry {
  std::int64_t id = 0;        ///< given by the store
  std::string user_id;        ///< empty when nobody was logged in
  std::string username;       ///< as typed for a failed login
  std::string action;         ///< `execution.submit`, `connection.delete`, `auth.login` ...
  std::string resource_type;  ///< `execution`, `connection`, `user`, `session`
  std::string resource_id;
  std::string request_data;
  std::string response_data;  ///< {"code":..., "message":...}
  std::string ip_address;
  std::string user_agent;
  int execution_time_ms = 0;
  Timestamp created_at{};
};

/// Which entries of the audit log are wanted: what is empty or absent does not restrict.
struct AuditFilter {
  std::string username;
  std::string action;
  std::string resource_type;
  std::string resource_id;
  std::optional<Timestamp> from;  ///< inclusive
  std::optional<Timestamp> to;    ///< exclusive
};

}  // namespace oscar
