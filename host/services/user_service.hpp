#pragma once

#include "domain/page.hpp"
#include "domain/secret.hpp"
#include "domain/user.hpp"
#include "ports/clock.hpp"
#include "ports/security.hpp"
#include "ports/stores.hpp"

#include <optional>
#include <string>

namespace oscar::services {

/// An account to be made; UserService checks every field.
struct NewUser {
  std::string username;  ///< 2–50 of a-z 0-9 . _ - (folded to lower case)
  Secret password;
  std::string display_name;
  std::string email;
  Role role = Role::kViewer;
};

/// What is absent stays as it is.
struct UserChange {
  std::optional<std::string> display_name;
  std::optional<std::string> email;
  std::optional<Role> role;
  std::optional<bool> is_active;
  std::optional<Secret> password;
};

/// Every rule for the fields of a new user. Throws ServiceError::invalidFields with all that is
/// wrong.
void checkNewUser(const NewUser& wanted);
/// The same for a change to the user of that name.
void checkUserChange(const UserChange& change, const std::string& username);

/// Accounts. The last active admin can be neither disabled nor demoted; a user who is disabled,
/// demoted or given a password loses all sessions at once. Thread-safe.
class UserService {
 public:
  UserService(ports::UserStore& users, ports::SessionStore& sessions, ports::PasswordHasher& hasher,
              const ports::Clock& clock);

  Page<User> list(const PageRequest& page);
  User get(const std::string& id);     ///< kNotFound
  User create(const NewUser& wanted);  ///< kConflict when the name is taken
  /// kNotFound; kConflict for the last active admin. Only what `change` holds is written, so what
  /// others change at the same moment stays.
  User update(const std::string& id, const UserChange& change);

 private:
  ports::UserStore& users_;
  ports::SessionStore& sessions_;
  ports::PasswordHasher& hasher_;
  const ports::Clock& clock_;
};

}  // namespace oscar::services
