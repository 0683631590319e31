#pragma once

#include "ports/security.hpp"

namespace oscar::adapters {

/// bcrypt `$2b$` by the system's crypt library. Any thread; a hash takes a few hundred
/// milliseconds of one core at cost 12, by intention.
class BcryptPasswordHasher final : public ports::PasswordHasher {
 public:
  /// `cost`: 4–16, the settings allow 10–16. Throws std::invalid_argument otherwise.
  explicit BcryptPasswordHasher(int cost);

  /// Throws std::invalid_argument for a password with a zero byte or of more than 72 bytes: bcrypt
  /// would ignore what follows, so that another password would be accepted too.
  std::string hash(const Secret& password) override;
  /// Accepts `$2a$`, `$2b$` and `$2y$` hashes of a cost up to 16.
  bool verify(const Secret& password, std::string_view hash) override;

 private:
  int cost_;
};

}  // namespace oscar::adapters
