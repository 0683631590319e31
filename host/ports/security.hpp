#pragma once

#include "domain/secret.hpp"
#include "domain/time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace oscar::ports {

/// Seals secrets for the store: AES-256-GCM, a fresh 96-bit nonce per value, key id as prefix.
class SecretBox {
 public:
  /// `context` is authenticated with the value (e.g. "connection:<id>:password"), so that a sealed
  /// value copied to another row does not open there.
  virtual std::string seal(const Secret& plain, std::string_view context) = 0;
  /// Throws ServiceError kInternal when the value was altered, or sealed under an unknown key.
  virtual Secret open(std::string_view sealed, std::string_view context) = 0;

 protected:
  ~SecretBox() = default;
};

/// bcrypt ($2b$), cost from the settings (≥ 10).
class PasswordHasher {
 public:
  /// With a salt of its own; takes tenths of a second on purpose. At most 72 bytes count.
  virtual std::string hash(const Secret& password) = 0;
  /// Constant time in the hash; false for a malformed hash.
  virtual bool verify(const Secret& password, std::string_view hash) = 0;

 protected:
  ~PasswordHasher() = default;
};

/// Signed, expiring bearer tokens (JWT, HS256) that name a session.
class TokenCodec {
 public:
  /// What a token says.
  struct Claims {
    std::string session_id;  ///< the `jti`
    std::string user_id;
    Timestamp expires_at{};
  };
  /// The compact form of a JWT.
  virtual std::string issue(const Claims& claims) = 0;
  /// nullopt for a bad signature, another algorithm, or malformed text. Expiry is for the caller,
  /// who has the clock.
  virtual std::optional<Claims> verify(std::string_view token) = 0;

 protected:
  ~TokenCodec() = default;
};

}  // namespace oscar::ports
