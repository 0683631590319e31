#include "adapters/bcrypt_password_hasher.hpp"

#include "adapters/encoding.hpp"

#include <openssl/crypto.h>

#include <crypt.h>
#include <memory>
#include <stdexcept>

namespace oscar::adapters {
namespace {

constexpr int kMinCost = 4;
constexpr int kMaxCost = 16;
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kMaxPasswordBytes = 72;
constexpr std::size_t kHashLength = 60;

bool usable(const Secret& password) {
  const std::string& text = password.reveal();
  return text.size() <= kMaxPasswordBytes && text.find('\0') == std::string::npos;
}

/// True for `$2b$NN$` + 53 characters: nothing else may reach crypt_r, which also knows DES and MD5
/// and lets a hash choose its own cost.
bool looksLikeBcrypt(std::string_view hash) {
  if (hash.size() != kHashLength || hash.find('\0') != std::string_view::npos) return false;
  if (!hash.starts_with("$2a$") && !hash.starts_with("$2b$") && !hash.starts_with("$2y$")) {
    return false;
  }
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (!digit(hash[4]) || !digit(hash[5]) || hash[6] != '$') return false;
  const int cost = (hash[4] - '0') * 10 + (hash[5] - '0');
  return cost >= kMinCost && cost <= kMaxCost;
}

/// Empty when crypt refuses the setting.
std::string bcrypt(const Secret& password, const std::string& setting) {
  const auto data = std::make_unique<crypt_data>();
  const char* result = ::crypt_r(password.reveal().c_str(), setting.c_str(), data.get());
  std::string text = result == nullptr ? std::string{} : std::string{result};
  OPENSSL_cleanse(data.get(), sizeof(crypt_data));
  return text.size() == kHashLength ? text : std::string{};
}

}  // namespace

BcryptPasswordHasher::BcryptPasswordHasher(int cost) : cost_{cost} {
  if (cost < kMinCost || cost > kMaxCost) {
    throw std::invalid_argument{"BcryptPasswordHasher: cost must be 4 to 16"};
  }
}

std::string BcryptPasswordHasher::hash(const Secret& password) {
  if (!usable(password)) {
    throw std::invalid_argument{"BcryptPasswordHasher: password is too long or holds a zero byte"};
  }
  const std::string salt = randomBytes(kSaltBytes);
  char setting[CRYPT_GENSALT_OUTPUT_SIZE];
  if (::crypt_gensalt_rn("$2b$", static_cast<unsigned long>(cost_), salt.data(),
                         static_cast<int>(salt.size()), setting, sizeof setting) == nullptr) {
    throw std::runtime_error{"BcryptPasswordHasher: the crypt library has no $2b$"};
  }
  std::string text = bcrypt(password, setting);
  if (text.empty()) throw std::runtime_error{"BcryptPasswordHasher: crypt_r failed"};
  return text;
}

bool BcryptPasswordHasher::verify(const Secret& password, std::string_view hash) {
  if (!looksLikeBcrypt(hash) || !usable(password)) return false;
  const std::string computed = bcrypt(password, std::string{hash});
  return computed.size() == hash.size() &&
         CRYPTO_memcmp(computed.data(), hash.data(), hash.size()) == 0;
}

}  // namespace oscar::adapters
