#include "adapters/bcrypt_password_hasher.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace oscar::adapters {
namespace {

struct Vector {
  const char* password;
  const char* hash;
};

// Published with Openwall's crypt_blowfish and with jBCrypt.
constexpr Vector kVectors[] = {
    {"U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"},
    {"U*U*", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK"},
    {"U*U*U", "$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a"},
    {"", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy"},
    {"abc", "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i"},
};

TEST(Bcrypt, AcceptsThePublishedVectors) {
  BcryptPasswordHasher hasher{4};
  for (const Vector& vector : kVectors) {
    EXPECT_TRUE(hasher.verify(Secret{vector.password}, vector.hash)) << vector.hash;
    EXPECT_FALSE(hasher.verify(Secret{std::string{vector.password} + "x"}, vector.hash));
  }
}

TEST(Bcrypt, HashesWithItsCostAndAFreshSalt) {
  BcryptPasswordHasher hasher{5};
  const Secret password{"中文 password 1"};
  const std::string first = hasher.hash(password);
  EXPECT_TRUE(first.starts_with("$2b$05$")) << first;
  EXPECT_EQ(first.size(), 60U);
  EXPECT_NE(first, hasher.hash(password));
  EXPECT_TRUE(hasher.verify(password, first));
  EXPECT_FALSE(hasher.verify(Secret{"中文 password 2"}, first));
  EXPECT_TRUE(BcryptPasswordHasher{4}.verify(password, first));
}

TEST(Bcrypt, RefusesHashesThatAreNotBcryptOrTooCostly) {
  BcryptPasswordHasher hasher{4};
  const std::string good = hasher.hash(Secret{"password1"});
  std::string costly = good;
  costly.replace(4, 2, "31");
  std::string letters = good;
  letters.replace(4, 2, "xx");
  for (const std::string& hash :
       {std::string{}, std::string{"*0"}, std::string{"abJnggxhB/yWI"},
        std::string{"$1$salt$qJH7.N4xYta3aEG/dfqo/0"}, good.substr(0, 59), good + "x",
        "$2x" + good.substr(3), costly, letters, good.substr(0, 30) + std::string(30, '\0')}) {
    EXPECT_FALSE(hasher.verify(Secret{"password1"}, hash)) << hash;
  }
  EXPECT_TRUE(hasher.verify(Secret{"password1"}, good));
}

TEST(Bcrypt, DoesNotConfuseLongPasswordsOrThoseWithAZeroByte) {
  BcryptPasswordHasher hasher{4};
  const std::string longest(72, 'p');
  const std::string hash = hasher.hash(Secret{longest});
  EXPECT_TRUE(hasher.verify(Secret{longest}, hash));
  EXPECT_FALSE(hasher.verify(Secret{longest + "tail"}, hash));
  EXPECT_THROW(hasher.hash(Secret{longest + "p"}), std::invalid_argument);

  const std::string short_hash = hasher.hash(Secret{"abc"});
  EXPECT_FALSE(hasher.verify(Secret{std::string("abc\0def", 7)}, short_hash));
  EXPECT_THROW(hasher.hash(Secret{std::string("abc\0def", 7)}), std::invalid_argument);
}

TEST(Bcrypt, NeedsAReasonableCost) {
  EXPECT_THROW(BcryptPasswordHasher{3}, std::invalid_argument);
  EXPECT_THROW(BcryptPasswordHasher{17}, std::invalid_argument);
}

}  // namespace
}  // namespace oscar::adapters
