#pragma once

#include "domain/time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace oscar {

/// Roles of the requirement document 3.5.1. The order is the order of rights: an admin may do what
/// an operator may, an operator what a viewer may.
enum class Role { kViewer = 1, kOperator = 2, kAdmin = 3 };

std::string_view toString(Role role);  ///< `viewer`, `operator`, `admin`
/// nullopt for any other word.
std::optional<Role> parseRole(std::string_view word);
/// Whether who holds one role may do what takes the other.
inline bool allows(Role held, Role required) {
  return held >= required;
}

/// Table `users` of the requirement document 5.1.3.
struct User {
  std::string id;  ///< UUID
  std::string username;
  std::string password_hash;  ///< bcrypt; never leaves the services layer
  std::string display_name;
  std::string email;
  Role role = Role::kViewer;
  bool is_active = true;
  std::optional<Timestamp> last_login_at;
  Timestamp created_at{};
  Timestamp updated_at{};
};

/// A login. The JWT's `jti` is `id`; deleting the row ends the token at once.
struct Session {
  std::string id;  ///< UUID
  std::string user_id;
  Timestamp created_at{};
  Timestamp expires_at{};  ///< from then on it is as if it were not there
  std::string ip_address;
  std::string user_agent;
};

/// Who asks: the authenticated user of a request, or the system itself.
struct Principal {
  std::string user_id;
  std::string username;
  Role role = Role::kViewer;
  std::string session_id;  ///< empty for the system and for in-process calls
};

}  // namespace oscar
