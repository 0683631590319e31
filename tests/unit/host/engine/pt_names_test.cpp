#include "engine/pt_names.hpp"

#include "engine/table_definition.hpp"

#include <gtest/gtest.h>

namespace oscar::engine {
namespace {

TEST(PtNames, OfTables) {
  const std::string long_name(64, 't');
  struct Case {
    std::string name;
    std::string table;
    bool is_new;
    bool is_old;
  };
  const std::vector<Case> cases{
      {"_orders_new", "orders", true, false},
      {"_orders_old", "orders", false, true},
      {"__________orders_new", "orders", true, false},
      {"___________orders_new", "orders", false, false},
      {"orders_new", "orders", false, false},
      {"orders", "orders", false, false},
      {"customers", "orders", false, false},
      {"_customers_new", "orders", false, false},
      {"_orders_new2", "orders", false, false},
      {"", "orders", false, false},
      {"_ORDERS_new", "orders", true, false},
      {"__orders_new", "_orders", true, false},
      // Cut off at 64, so that the ending is cut off too.
      {"_" + std::string(59, 't') + "_new", std::string(59, 't'), true, false},
      {"_" + std::string(60, 't') + "_ne", std::string(60, 't'), true, false},
      {"_" + std::string(63, 't'), long_name, true, true},
      {"__" + std::string(62, 't'), long_name, true, true},
      {long_name, long_name, false, false},
      {"_订单_new", "订单", true, false},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(isNewTableName(c.name, c.table), c.is_new) << c.name;
    EXPECT_EQ(isOldTableName(c.name, c.table), c.is_old) << c.name;
  }
}

TEST(PtNames, OfTablesAreCutOffAtBytesOrAtCharacters) {
  std::string table;
  for (int i = 0; i < 21; ++i) table += "订";  // 63 bytes, 21 characters
  EXPECT_TRUE(isNewTableName("_" + table + "_new", table));
  EXPECT_TRUE(isNewTableName("_" + table, table));
  EXPECT_FALSE(isNewTableName("_" + table + "_n", table));
}

TEST(PtNames, OfTriggers) {
  EXPECT_EQ(triggerNames("shop", "orders"),
            (std::vector<std::string>{"pt_osc_shop_orders_del", "pt_osc_shop_orders_upd",
                                      "pt_osc_shop_orders_ins"}));
  EXPECT_EQ(triggerNames("a-b", "c d").front(), "pt_osc_a_b_c_d_del");
  EXPECT_EQ(triggerNames("shop", std::string(64, 't')).front(),
            "pt_osc_shop_" + std::string(48, 't') + "_del");
  EXPECT_TRUE(isTriggerName("pt_osc_shop_orders_ins", "shop", "orders"));
  EXPECT_TRUE(isTriggerName("pt_osc_shop_orders_ins", "Shop", "Orders"));
  EXPECT_TRUE(isTriggerName("pt_osc_shop_" + std::string(6, '_') + "_del", "shop", "订单"));
  EXPECT_TRUE(isTriggerName("pt_osc_shop_订单_del", "shop", "订单"));
  for (const char* other : {"pt_osc_shop_orders", "pt_osc_shop_orders_delb", "audit_orders_del",
                            "pt_osc_shop_orders2_del", "rt_pt_osc_shop_orders_del", ""}) {
    EXPECT_FALSE(isTriggerName(other, "shop", "orders")) << other;
  }
}

TEST(DefinitionNumber, IsTheSameForTheSameStructure) {
  const std::string text = "CREATE TABLE `t` (\n  `a` int COMMENT ' AUTO_INCREMENT=7'\n) ENGINE=I";
  EXPECT_EQ(definitionNumber(text), definitionNumber(text + " AUTO_INCREMENT=1234"));
  EXPECT_EQ(definitionNumber(text + " AUTO_INCREMENT=1 X=2"),
            definitionNumber(text + " AUTO_INCREMENT=99 X=2"));
  EXPECT_NE(definitionNumber(text), definitionNumber(text + " X=2"));
  auto commented = text;
  commented.replace(commented.find("=7"), 2, "=8");
  EXPECT_NE(definitionNumber(text), definitionNumber(commented));
  EXPECT_EQ(definitionNumber(""), 14695981039346656037U >> 12);  // stored: never changes
}

}  // namespace
}  // namespace oscar::engine
