#include "adapters/aes_gcm_secret_box.hpp"

#include "adapters/encoding.hpp"
#include "domain/error.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace oscar::adapters {
namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kKeyIdBytes = 4;
constexpr std::string_view kVersion = "v1:";

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

unsigned char* bytesOf(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}
const unsigned char* bytesOf(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

[[noreturn]] void fail(const std::string& internal) {
  throw ServiceError{ErrorCode::kInternal,
                     Text{"保存的密码无法解密：数据被改动，或主密钥已更换。请恢复原主密钥，或重新"
                          "填写密码",
                          "The stored secret cannot be opened: it was altered, or the master key "
                          "is another one. Restore the master key, or enter the secret again"},
                     internal};
}

void require(int result, const char* step) {
  if (result != 1) fail(std::string{"AES-256-GCM: "} + step + " failed");
}

/// Not secret, and not invertible: domain-separated SHA-256 of the key, first 4 bytes.
std::string keyId(const Secret& key) {
  std::string input = "oscar-key-id:" + key.reveal();
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  const int done = EVP_Digest(input.data(), input.size(), digest, &length, EVP_sha256(), nullptr);
  wipe(input);
  require(done, "key id");
  return toHex({reinterpret_cast<const char*>(digest), kKeyIdBytes});
}

CipherContext start(bool encrypt, const Secret& key, std::string_view nonce,
                    std::string_view context) {
  CipherContext cipher{EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free};
  if (!cipher) fail("AES-256-GCM: out of memory");
  require(EVP_CipherInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytesOf(key.reveal()),
                            bytesOf(nonce), encrypt ? 1 : 0),
          "init");
  int length = 0;
  require(EVP_CipherUpdate(cipher.get(), nullptr, &length, bytesOf(context),
                           static_cast<int>(context.size())),
          "context");
  return cipher;
}

}  // namespace

AesGcmSecretBox::AesGcmSecretBox(const std::vector<Secret>& keys) {
  if (keys.empty()) throw std::invalid_argument{"AesGcmSecretBox: no key"};
  for (const Secret& key : keys) {
    if (key.reveal().size() != kKeyBytes) {
      throw std::invalid_argument{"AesGcmSecretBox: a key is not 32 bytes long"};
    }
    keys_.push_back({keyId(key), key});
  }
}

std::string AesGcmSecretBox::seal(const Secret& plain, std::string_view context) {
  const std::string& text = plain.reveal();
  const std::string nonce = randomBytes(kNonceBytes);
  const CipherContext cipher = start(true, keys_.front().bytes, nonce, context);
  std::string sealed = nonce;
  sealed.resize(kNonceBytes + text.size() + kTagBytes);
  int length = 0;
  require(EVP_CipherUpdate(cipher.get(), bytesOf(sealed) + kNonceBytes, &length, bytesOf(text),
                           static_cast<int>(text.size())),
          "encrypt");
  int rest = 0;
  unsigned char* tag = bytesOf(sealed) + kNonceBytes + text.size();
  require(EVP_CipherFinal_ex(cipher.get(), tag, &rest), "finish");
  require(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, tag), "tag");
  return std::string{kVersion} + keys_.front().id + ":" + toBase64(sealed);
}

std::optional<std::string_view> AesGcmSecretBox::keyIdOf(std::string_view sealed) {
  const auto colon = sealed.find(':', kVersion.size());
  if (!sealed.starts_with(kVersion) || colon == std::string_view::npos) return std::nullopt;
  return sealed.substr(kVersion.size(), colon - kVersion.size());
}

const AesGcmSecretBox::Key* AesGcmSecretBox::keyNamed(std::string_view id) const {
  const auto key =
      std::find_if(keys_.begin(), keys_.end(), [&](const Key& known) { return known.id == id; });
  return key == keys_.end() ? nullptr : &*key;
}

bool AesGcmSecretBox::hasKeyOf(std::string_view sealed) const {
  const auto id = keyIdOf(sealed);
  return !id || keyNamed(*id) != nullptr;
}

Secret AesGcmSecretBox::open(std::string_view sealed, std::string_view context) {
  const auto id = keyIdOf(sealed);
  if (!id) fail("sealed value has no v1 header");
  const Key* key = keyNamed(*id);
  if (key == nullptr) fail("sealed value names an unknown key");
  std::optional<std::string> bytes = fromBase64(sealed.substr(kVersion.size() + id->size() + 1));
  if (!bytes || bytes->size() < kNonceBytes + kTagBytes) fail("sealed value is malformed");

  const std::string_view all{*bytes};
  const std::string_view body = all.substr(kNonceBytes, all.size() - kNonceBytes - kTagBytes);
  std::string tag{all.substr(all.size() - kTagBytes)};
  const CipherContext cipher = start(false, key->bytes, all.substr(0, kNonceBytes), context);
  std::string plain(body.size(), '\0');
  int length = 0;
  require(EVP_CipherUpdate(cipher.get(), bytesOf(plain), &length, bytesOf(body),
                           static_cast<int>(body.size())),
          "decrypt");
  require(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()), "tag");
  unsigned char none[kTagBytes];
  int rest = 0;
  if (EVP_CipherFinal_ex(cipher.get(), none, &rest) != 1) {
    wipe(plain);
    fail("sealed value does not authenticate");
  }
  return Secret{std::move(plain)};
}

}  // namespace oscar::adapters
