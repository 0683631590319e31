#include "adapters/encoding.hpp"

#include <gtest/gtest.h>

namespace oscar::adapters {
namespace {

using namespace std::string_literals;

TEST(Base64, KnowsTheVectorsOfRfc4648) {
  const std::vector<std::pair<std::string, std::string>> vectors{{"", ""},
                                                                 {"f", "Zg=="},
                                                                 {"fo", "Zm8="},
                                                                 {"foo", "Zm9v"},
                                                                 {"foob", "Zm9vYg=="},
                                                                 {"fooba", "Zm9vYmE="},
                                                                 {"foobar", "Zm9vYmFy"},
                                                                 {"\0\xff"s, "AP8="}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(toBase64(bytes), text);
    EXPECT_EQ(fromBase64(text), bytes) << text;
  }
}

TEST(Base64, RefusesEverythingButTheCanonicalText) {
  for (const char* text : {"Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", " Zg==", "Zg==\n", "Zm9v\n",
                           "Zm-v", "Zm_v", "Zg==Zg=="}) {
    EXPECT_EQ(fromBase64(text), std::nullopt) << text;
  }
}

TEST(Hex, RoundTripsAndRefusesOddOrForeignDigits) {
  EXPECT_EQ(toHex("\x00\x9f\xff"s), "009fff");
  EXPECT_EQ(fromHex("009FfF"), "\x00\x9f\xff"s);
  for (const char* text : {"0", "0g", "0x00", " 00"}) {
    EXPECT_EQ(fromHex(text), std::nullopt) << text;
  }
}

TEST(RandomBytes, GivesTheWantedNumberAndNeverTheSameTwice) {
  EXPECT_EQ(randomBytes(0), "");
  EXPECT_EQ(randomBytes(300).size(), 300U);
  EXPECT_NE(randomBytes(16), randomBytes(16));
}

}  // namespace
}  // namespace oscar::adapters
