#pragma once

#include "domain/secret.hpp"
#include "domain/settings.hpp"
#include "domain/user.hpp"
#include "ports/clock.hpp"
#include "ports/security.hpp"
#include "ports/stores.hpp"
#include "services/login_throttle.hpp"

#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace oscar::services {

/// Where a request came from, for sessions, throttling and audit.
struct ClientInfo {
  std::string ip_address;
  std::string user_agent;
};

/// Minimum of the requirement document 8.1: 8 characters, a letter and a digit; at most 72 bytes,
/// because bcrypt ignores what follows. Returns the reason, to be read after the field's name;
/// empty when the password is acceptable.
Text passwordProblem(const Secret& password, const std::string& username);

/// Login, sessions and the question "who is this?". Thread-safe.
class AuthService {
 public:
  struct Login {
    std::string token;
    Timestamp expires_at{};
    User user;
  };
  struct FirstAdmin {
    std::string username;
    Secret password;  ///< generated, to be shown once; empty when it was given
  };

  AuthService(ports::UserStore& users, ports::SessionStore& sessions, ports::PasswordHasher& hasher,
              ports::TokenCodec& tokens, const ports::Clock& clock, const AuthSettings& settings);

  /// kUnauthenticated with one and the same message for unknown user, wrong password and disabled
  /// account (an unknown user costs a hash as well, so that timing does not tell either);
  /// kTooManyRequests when account or address is throttled.
  Login login(const std::string& username, const Secret& password, const ClientInfo& client);
  void logout(const Principal& principal);
  /// The principal behind a bearer token; kUnauthenticated when signature, expiry, session or user
  /// do not hold.
  Principal authenticate(std::string_view token);
  /// The principal of a user id, for in-process calls; kUnauthenticated when unknown or disabled.
  Principal principalOf(const std::string& user_id);
  User profile(const Principal& principal);
  /// Ends the user's other sessions. kBadRequest when a password is wrong or weak, or when somebody
  /// else was faster in changing it; kUnauthenticated when the user is gone or disabled meanwhile.
  void changePassword(const Principal& principal, const Secret& current, const Secret& wanted);

  /// Creates the user `admin` when there is no user at all; nullopt otherwise. Without `password`
  /// one is generated. Throws ServiceError kBadRequest when the given one does not meet the policy.
  std::optional<FirstAdmin> ensureFirstAdmin(const std::optional<Secret>& password);

 private:
  Session openSession(const User& user, const ClientInfo& client);

  ports::UserStore& users_;
  ports::SessionStore& sessions_;
  ports::PasswordHasher& hasher_;
  ports::TokenCodec& tokens_;
  const ports::Clock& clock_;
  AuthSettings settings_;
  LoginThrottle throttle_;
};

}  // namespace oscar::services
