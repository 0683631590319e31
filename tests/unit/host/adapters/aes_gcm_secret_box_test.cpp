#include "adapters/aes_gcm_secret_box.hpp"

#include "adapters/encoding.hpp"
#include "domain/error.hpp"

#include <gtest/gtest.h>

#include <set>
#include <stdexcept>

namespace oscar::adapters {
namespace {

const std::string kContext = "connection:7:password";

Secret keyOf(char c) {
  return Secret{std::string(32, c)};
}

TEST(AesGcmSecretBox, OpensWhatItSealed) {
  AesGcmSecretBox box{{keyOf('k')}};
  for (const std::string& plain : {std::string{}, std::string{"p"}, std::string{"密码 '\"\n"},
                                   std::string("\0\xff\0", 3), std::string(5000, 'x')}) {
    EXPECT_EQ(box.open(box.seal(Secret{plain}, kContext), kContext).reveal(), plain);
  }
}

TEST(AesGcmSecretBox, WritesVersionKeyIdAndBase64) {
  AesGcmSecretBox box{{keyOf('k')}};
  const std::string sealed = box.seal(Secret{"secret"}, kContext);
  const std::string prefix = "v1:" + box.activeKeyId() + ":";
  ASSERT_TRUE(sealed.starts_with(prefix)) << sealed;
  EXPECT_EQ(box.activeKeyId().size(), 8U);
  const auto bytes = fromBase64(sealed.substr(prefix.size()));
  ASSERT_TRUE(bytes);
  EXPECT_EQ(bytes->size(), 12 + 6 + 16U);
  EXPECT_EQ(sealed.find("secret"), std::string::npos);
}

TEST(AesGcmSecretBox, NeverUsesANonceTwice) {
  AesGcmSecretBox box{{keyOf('k')}};
  std::set<std::string> seen;
  for (int i = 0; i < 500; ++i) seen.insert(box.seal(Secret{"same"}, kContext));
  EXPECT_EQ(seen.size(), 500U);
}

TEST(AesGcmSecretBox, RefusesAValueWithAnyByteChanged) {
  AesGcmSecretBox box{{keyOf('k')}};
  const std::string sealed = box.seal(Secret{"secret"}, kContext);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    for (const char other : {static_cast<char>(sealed[i] ^ 1), 'A', '='}) {
      if (other == sealed[i]) continue;
      std::string tampered = sealed;
      tampered[i] = other;
      EXPECT_THROW(box.open(tampered, kContext), ServiceError) << i << " " << tampered;
    }
  }
}

TEST(AesGcmSecretBox, RefusesEachFlippedBitOfTheBytes) {
  AesGcmSecretBox box{{keyOf('k')}};
  const std::string sealed = box.seal(Secret{"secret"}, kContext);
  const std::string prefix = "v1:" + box.activeKeyId() + ":";
  const std::string bytes = *fromBase64(sealed.substr(prefix.size()));
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string tampered = bytes;
    tampered[bit / 8] = static_cast<char>(tampered[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_THROW(box.open(prefix + toBase64(tampered), kContext), ServiceError) << bit;
  }
}

TEST(AesGcmSecretBox, RefusesTruncatedAndForeignTexts) {
  AesGcmSecretBox box{{keyOf('k')}};
  const std::string sealed = box.seal(Secret{"secret"}, kContext);
  for (std::size_t length = 0; length < sealed.size(); ++length) {
    EXPECT_THROW(box.open(sealed.substr(0, length), kContext), ServiceError) << length;
  }
  for (const char* text : {"", "v1", "v1:", "v1::", "plain password", "v2:00000000:AAAA"}) {
    EXPECT_THROW(box.open(text, kContext), ServiceError) << text;
  }
}

TEST(AesGcmSecretBox, RefusesAnotherContext) {
  AesGcmSecretBox box{{keyOf('k')}};
  const std::string sealed = box.seal(Secret{"secret"}, kContext);
  EXPECT_THROW(box.open(sealed, "connection:8:password"), ServiceError);
  EXPECT_THROW(box.open(sealed, ""), ServiceError);
}

TEST(AesGcmSecretBox, RefusesAnotherKeyAndSaysWhatToDo) {
  AesGcmSecretBox box{{keyOf('k')}};
  AesGcmSecretBox other{{keyOf('o')}};
  try {
    other.open(box.seal(Secret{"secret"}, kContext), kContext);
    FAIL();
  } catch (const ServiceError& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInternal);
    EXPECT_NE(error.message().en.find("master key"), std::string::npos);
    EXPECT_EQ(std::string{error.what()}.find("secret\""), std::string::npos);
  }
}

TEST(AesGcmSecretBox, OpensWithEveryKeyAndSealsWithTheFirst) {
  AesGcmSecretBox old_box{{keyOf('o')}};
  AesGcmSecretBox rotated{{keyOf('n'), keyOf('o')}};
  EXPECT_EQ(rotated.open(old_box.seal(Secret{"old"}, kContext), kContext).reveal(), "old");
  const std::string sealed = rotated.seal(Secret{"new"}, kContext);
  EXPECT_THROW(old_box.open(sealed, kContext), ServiceError);
  EXPECT_EQ(AesGcmSecretBox{{keyOf('n')}}.open(sealed, kContext).reveal(), "new");
}

TEST(AesGcmSecretBox, TellsWhetherTheKeyIsHere) {
  AesGcmSecretBox old_box{{keyOf('o')}};
  AesGcmSecretBox other{{keyOf('n')}};
  const std::string sealed = old_box.seal(Secret{"old"}, kContext);
  EXPECT_TRUE(old_box.hasKeyOf(sealed));
  EXPECT_FALSE(other.hasKeyOf(sealed));
  EXPECT_TRUE((AesGcmSecretBox{{keyOf('n'), keyOf('o')}}.hasKeyOf(sealed)));
  EXPECT_TRUE(other.hasKeyOf("")) << "nothing was sealed, so no key is missing";
}

TEST(AesGcmSecretBox, NeedsKeysOf32Bytes) {
  EXPECT_THROW(AesGcmSecretBox{std::vector<Secret>{}}, std::invalid_argument);
  EXPECT_THROW(AesGcmSecretBox{{Secret{std::string(16, 'k')}}}, std::invalid_argument);
}

// Test case 16 of the GCM specification's AES-256 set has additional data; sealing draws its own
// nonce, so the vector is put together by hand and opened.
TEST(AesGcmSecretBox, OpensAPublishedVector) {
  const std::string key =
      *fromHex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
  const std::string nonce = *fromHex("cafebabefacedbaddecaf888");
  const std::string context = *fromHex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  const std::string plain = *fromHex(
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6"
      "b525b16aedf5aa0de657ba637b39");
  const std::string cipher = *fromHex(
      "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b105682"
      "8838c5f61e6393ba7a0abcc9f662");
  const std::string tag = *fromHex("76fc6ece0f4e1768cddf8853bb2d551b");
  AesGcmSecretBox box{{Secret{key}}};
  const std::string sealed = "v1:" + box.activeKeyId() + ":" + toBase64(nonce + cipher + tag);
  EXPECT_EQ(box.open(sealed, context).reveal(), plain);
}

}  // namespace
}  // namespace oscar::adapters
