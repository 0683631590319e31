#include "plugin_runtime/configuration.hpp"

namespace oscar::plugin_runtime {
namespace {

using ::testing::HasSubstr;

constexpr const char* kSchema = R"({"type":"object","additionalProperties":false,"properties":{
  "run_root":{"type":"string"},"bin":{"type":"string"}}})";
constexpr const char* kFacts = R"({"run_root":"/data/runs","other":1})";

TEST(Configuration, TakesEnabledOut) {
  const auto off = readConfiguration(R"({"enabled":false,"bin":"/x"})");
  ASSERT_TRUE(off);
  EXPECT_FALSE(off.value().enabled);
  EXPECT_EQ(off.value().json, R"({"bin":"/x"})");
  EXPECT_TRUE(readConfiguration("{}").value().enabled);
  EXPECT_FALSE(readConfiguration(R"({"enabled":"no"})"));
  EXPECT_FALSE(readConfiguration("[1]"));
}

TEST(Configuration, BrokenJsonIsExplainedInBothLanguages) {
  const auto read = readConfiguration("{\"bin\":");
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().zh, HasSubstr("提前结束"));
  EXPECT_THAT(read.error().en, HasSubstr("ends too early"));
  const auto config = effectiveConfiguration("p", "{\"bin\":", kFacts, kSchema);
  ASSERT_FALSE(config);
  EXPECT_THAT(config.error().reason.zh, HasSubstr("提前结束"));
}

TEST(Configuration, FillsInWhatTheHostKnowsAndTheSchemaNames) {
  const auto config = effectiveConfiguration("p", R"({"bin":"/x"})", kFacts, kSchema);
  ASSERT_TRUE(config);
  EXPECT_EQ(config.value(), R"({"bin":"/x","run_root":"/data/runs"})");
}

TEST(Configuration, LeavesWhatTheUserChose) {
  const auto config = effectiveConfiguration("p", R"({"run_root":"/mine"})", kFacts, kSchema);
  ASSERT_TRUE(config);
  EXPECT_EQ(config.value(), R"({"run_root":"/mine"})");
}

TEST(Configuration, IsRefusedWithThePlaceToCorrect) {
  const auto config = effectiveConfiguration("p", R"({"bni":"/x"})", kFacts, kSchema);
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().state, state::kConfigInvalid);
  EXPECT_THAT(config.error().reason.en, HasSubstr("bni is not a known field"));
  EXPECT_THAT(config.error().reason.en, HasSubstr("plugins.configuration.p"));
  EXPECT_THAT(config.error().reason.zh, HasSubstr("bni"));
}

}  // namespace
}  // namespace oscar::plugin_runtime
