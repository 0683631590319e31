#include "adapters/jwt_token_codec.hpp"

#include "adapters/encoding.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <stdexcept>

namespace oscar::adapters {
namespace {

const std::string kKey = "0123456789abcdef0123456789abcdef";
const ports::TokenCodec::Claims kClaims{"session-1", "user-1", fromMillis(1'767'225'600'000)};

std::string toBase64Url(const std::string& bytes) {
  std::string text = toBase64(bytes);
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return text.substr(0, text.find('='));
}

std::string sign(const std::string& header, const std::string& payload, const std::string& key,
                 const EVP_MD* digest = EVP_sha256()) {
  const std::string body = toBase64Url(header) + "." + toBase64Url(payload);
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  HMAC(digest, key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(body.data()), body.size(), mac, &length);
  return body + "." + toBase64Url({reinterpret_cast<const char*>(mac), length});
}

const std::string kHeader = R"({"alg":"HS256","typ":"JWT"})";
const std::string kPayload = R"({"iss":"oscar","sub":"user-1","jti":"session-1","exp":1767225600})";

TEST(JwtTokenCodec, ReadsWhatItIssued) {
  JwtTokenCodec codec{Secret{kKey}};
  const auto claims = codec.verify(codec.issue(kClaims));
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->session_id, "session-1");
  EXPECT_EQ(claims->user_id, "user-1");
  EXPECT_EQ(claims->expires_at, kClaims.expires_at);
}

TEST(JwtTokenCodec, AgreesWithAnIndependentSigner) {
  JwtTokenCodec codec{Secret{kKey}};
  const auto claims = codec.verify(sign(kHeader, kPayload, kKey));
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->session_id, "session-1");
}

TEST(JwtTokenCodec, LeavesExpiryToTheCaller) {
  JwtTokenCodec codec{Secret{kKey}};
  ports::TokenCodec::Claims old = kClaims;
  old.expires_at = fromMillis(1'000'000);
  const auto claims = codec.verify(codec.issue(old));
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->expires_at, old.expires_at);
}

TEST(JwtTokenCodec, RefusesATokenWithAnyCharacterChanged) {
  JwtTokenCodec codec{Secret{kKey}};
  const std::string token = codec.issue(kClaims);
  for (std::size_t i = 0; i < token.size(); ++i) {
    for (const char other : {'A', 'B', 'e', '-', '.', '\0'}) {
      if (token[i] == other) continue;
      std::string tampered = token;
      tampered[i] = other;
      EXPECT_FALSE(codec.verify(tampered)) << i << " " << tampered;
    }
  }
}

TEST(JwtTokenCodec, RefusesOtherAlgorithms) {
  JwtTokenCodec codec{Secret{kKey}};
  const std::string none =
      toBase64Url(R"({"alg":"none","typ":"JWT"})") + "." + toBase64Url(kPayload);
  EXPECT_FALSE(codec.verify(none + "."));
  EXPECT_FALSE(codec.verify(none));
  for (const char* alg :
       {"none", "None", "NONE", "HS384", "HS512", "RS256", "ES256", "hs256", ""}) {
    const std::string header = std::string{R"({"alg":")"} + alg + R"(","typ":"JWT"})";
    EXPECT_FALSE(codec.verify(sign(header, kPayload, kKey))) << alg;
    EXPECT_FALSE(codec.verify(sign(header, kPayload, kKey, EVP_sha384()))) << alg;
    EXPECT_FALSE(codec.verify(sign(header, kPayload, kKey, EVP_sha512()))) << alg;
  }
}

TEST(JwtTokenCodec, RefusesAnotherKeysSignature) {
  JwtTokenCodec codec{Secret{kKey}};
  EXPECT_FALSE(codec.verify(sign(kHeader, kPayload, kKey + "x")));
  EXPECT_FALSE(codec.verify(sign(kHeader, kPayload, "")));
}

TEST(JwtTokenCodec, RefusesSignedTokensWithoutOurClaims) {
  JwtTokenCodec codec{Secret{kKey}};
  for (const char* payload :
       {R"({})", R"({"iss":"oscar","sub":"user-1","exp":1767225600})",
        R"({"iss":"oscar","jti":"session-1","exp":1767225600})",
        R"({"iss":"other","sub":"user-1","jti":"session-1","exp":1767225600})",
        R"({"iss":["oscar"],"sub":{"a":1},"jti":[],"exp":"soon"})", R"([])", R"("text")", "",
        "{"}) {
    EXPECT_FALSE(codec.verify(sign(kHeader, payload, kKey))) << payload;
  }
}

TEST(JwtTokenCodec, RefusesMalformedTexts) {
  JwtTokenCodec codec{Secret{kKey}};
  const std::string deep(100'000, '[');
  for (const std::string& text :
       {std::string{}, std::string{"."}, std::string{".."}, std::string{"a.b"},
        std::string{"a.b.c"}, std::string{"a.b.c.d"}, std::string{"\xff\xfe.x.y"}, deep,
        toBase64Url(deep.substr(0, 1000)) + ".e30.AA", std::string(2049, 'a')}) {
    EXPECT_FALSE(codec.verify(text)) << text.substr(0, 40);
  }
}

TEST(JwtTokenCodec, NeedsAKeyOf32Bytes) {
  EXPECT_THROW(JwtTokenCodec{Secret{std::string(31, 'k')}}, std::invalid_argument);
}

}  // namespace
}  // namespace oscar::adapters
