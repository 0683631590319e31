#include "store/text_pool.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace oscar::store::test {
namespace {

TEST(TextPool, KeepsEachTextOnce) {
  TextPool pool;
  EXPECT_FALSE(pool.find("a"));
  EXPECT_EQ(pool.add("a"), 0U);
  EXPECT_EQ(pool.add(""), 1U);
  EXPECT_EQ(pool.add("a"), 0U);
  EXPECT_EQ(pool.add("b"), 2U);
  EXPECT_EQ(pool.find(""), 1U);
  EXPECT_EQ(pool.find("b"), 2U);
  EXPECT_FALSE(pool.find("ab"));
  EXPECT_EQ(pool.text(2), "b");
  EXPECT_EQ(pool.size(), 3U);
  EXPECT_THROW(pool.add(std::string((1 << 20) + 1, 'x')), std::length_error);
}

TEST(TextPool, FindsPartsWithinOneTextOnly) {
  TextPool pool;
  for (const char* text : {"ab", "", "ba", "bab", "表名", "aab"}) pool.add(text);
  const auto containing = [&](std::string_view part) {
    std::vector<bool> found;
    pool.markContaining(part, found);
    std::string marks;
    for (const bool one : found) marks += one ? '1' : '0';
    return marks;
  };
  EXPECT_EQ(containing("ab"), "100101");
  EXPECT_EQ(containing("bb"), "000000") << "the end of one text and the beginning of the next";
  EXPECT_EQ(containing("b"), "101101");
  EXPECT_EQ(containing("名"), "000010");
  EXPECT_EQ(containing("aab"), "000001");
}

TEST(TextPool, AgreesWithANaiveSearchOverManyBlocks) {
  std::mt19937 random{5};
  const auto word = [&](std::size_t most) {
    std::string text(random() % (most + 1), ' ');
    for (char& c : text) c = static_cast<char>('a' + random() % 3);
    return text;
  };
  TextPool pool;
  std::vector<std::vector<bool>> found(8);
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < found.size(); ++i) parts.push_back(word(7) + "b");
  for (int round = 0; round < 4; ++round) {
    for (int i = 0; i < 2000; ++i) pool.add(word(60));
    pool.add(std::string(200'000, 'c') + word(9));  // longer than a block
    for (std::size_t p = 0; p < parts.size(); ++p) {
      pool.markContaining(parts[p], found[p]);  // goes on where the last round ended
      ASSERT_EQ(found[p].size(), pool.size());
      for (TextPool::Id id = 0; id < pool.size(); ++id) {
        ASSERT_EQ(found[p][id], pool.text(id).find(parts[p]) != std::string_view::npos)
            << parts[p] << " in " << pool.text(id);
      }
    }
  }
  EXPECT_LT(pool.bytes(), 4U << 20);
}

}  // namespace
}  // namespace oscar::store::test
