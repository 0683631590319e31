#pragma once

#include "ports/security.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace oscar::adapters {

/// AES-256-GCM by OpenSSL. A sealed value reads `v1:<key-id>:<base64(nonce|ciphertext|tag)>` with a
/// random 96-bit nonce and a 128-bit tag; the context is the additional authenticated data. The
/// key id is the start of a hash of the key, so keys need no names and can be rotated: put the new
/// key first and keep the old ones behind it. Any thread.
class AesGcmSecretBox final : public ports::SecretBox {
 public:
  /// `keys`: 32 bytes each; the first seals, all open. Throws std::invalid_argument otherwise.
  explicit AesGcmSecretBox(const std::vector<Secret>& keys);

  std::string seal(const Secret& plain, std::string_view context) override;
  Secret open(std::string_view sealed, std::string_view context) override;
  /// Whether the key that sealed this is here. True for what no key sealed: there is none to look
  /// for.
  bool hasKeyOf(std::string_view sealed) const;

  /// The id of the key that seals: to be logged at the start, it reveals nothing.
  const std::string& activeKeyId() const { return keys_.front().id; }

 private:
  struct Key {
    std::string id;
    Secret bytes;
  };
  /// What stands before the sealed bytes; nullopt without the header.
  static std::optional<std::string_view> keyIdOf(std::string_view sealed);
  const Key* keyNamed(std::string_view id) const;  ///< null when it is not here

  std::vector<Key> keys_;
};

}  // namespace oscar::adapters
