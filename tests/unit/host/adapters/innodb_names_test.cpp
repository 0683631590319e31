#include "adapters/innodb_names.hpp"

#include <gtest/gtest.h>

namespace oscar::adapters {
namespace {

TEST(InnodbNames, ArePlainAgain) {
  EXPECT_EQ(plainInnodbName("shop/orders"), "shop/orders");
  EXPECT_EQ(plainInnodbName("shop@002d1/@8ba2@0020@5355"), "shop-1/订 单");
  EXPECT_EQ(plainInnodbName("a/@6n@00"), "a/@6n@00");
}

TEST(InnodbNames, AreRecognised) {
  EXPECT_TRUE(isInnodbName("shop/orders", "shop", "orders"));
  EXPECT_TRUE(isInnodbName("shop/Orders", "SHOP", "orders"));  // as lower_case_table_names folds
  EXPECT_TRUE(isInnodbName("shop@002d1/@8ba2", "shop-1", "订"));
  EXPECT_TRUE(isInnodbName("shop-1/订", "shop-1", "订"));
  EXPECT_FALSE(isInnodbName("shop@002d1/@8ba2x", "shop-1", "订"));
  EXPECT_FALSE(isInnodbName("shop/orders2", "shop", "orders"));
  EXPECT_TRUE(isInnodbName("shop/@6nt@00e4t", "shop", "ététt")) << "may be it";
}

TEST(InnodbNames, PatternsEscapeWhatLikeTakesForMore) {
  EXPECT_EQ(innodbNamePattern("my_orders"), "my\\_orders");
  EXPECT_EQ(innodbNamePattern("a--b"), "a%b");
}

}  // namespace
}  // namespace oscar::adapters
