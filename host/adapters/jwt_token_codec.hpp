#pragma once

#include "ports/security.hpp"

namespace oscar::adapters {

/// JSON Web Tokens signed with HMAC-SHA-256 (RFC 7519): `jti` is the session, `sub` the user. No
/// other algorithm is accepted, whatever a token's header asks for. Any thread.
class JwtTokenCodec final : public ports::TokenCodec {
 public:
  /// `key`: at least 32 bytes. Throws std::invalid_argument otherwise.
  explicit JwtTokenCodec(Secret key);

  std::string issue(const Claims& claims) override;
  std::optional<Claims> verify(std::string_view token) override;

 private:
  Secret key_;
};

}  // namespace oscar::adapters
