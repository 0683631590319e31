#include "plugin_runtime/manifest.hpp"

namespace oscar::plugin_runtime {
namespace {

using ::testing::HasSubstr;

constexpr const char* kGood = R"({"id":"backend_local","version":"1.2.0","abi":"1.0",
  "name":{"zh":"本地","en":"local"},"capabilities":[
  {"interface":"oscar.ExecutionBackend/1","type":"local"},
  {"interface":"oscar.Notifier/1","type":"x"}]})";

TEST(Manifest, IsRead) {
  const auto manifest = parseManifest(kGood);
  ASSERT_TRUE(manifest) << manifest.error().en;
  EXPECT_EQ(manifest.value().id, "backend_local");
  EXPECT_EQ(manifest.value().version, "1.2.0");
  EXPECT_EQ(manifest.value().abi, "1.0");
  EXPECT_EQ(manifest.value().library, "libbackend_local.so");
  ASSERT_EQ(manifest.value().capabilities.size(), 2u);
  EXPECT_EQ(manifest.value().capabilities[1].interface_id, "oscar.Notifier/1");
  EXPECT_EQ(manifest.value().capabilities[1].type, "x");
}

struct BadManifest {
  const char* json;
  const char* names;
};

class BadManifestTest : public ::testing::TestWithParam<BadManifest> {};

TEST_P(BadManifestTest, IsRefusedNamingTheField) {
  const auto manifest = parseManifest(GetParam().json);
  ASSERT_FALSE(manifest);
  EXPECT_THAT(manifest.error().en, HasSubstr(GetParam().names));
  EXPECT_FALSE(manifest.error().zh.empty());
}

TEST(Manifest, BrokenJsonIsExplainedInBothLanguages) {
  const auto manifest = parseManifest("{\"id\":");
  ASSERT_FALSE(manifest);
  EXPECT_THAT(manifest.error().zh, HasSubstr("提前结束"));
  EXPECT_THAT(manifest.error().en, HasSubstr("ends too early"));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadManifestTest,
    ::testing::Values(
        BadManifest{"", ""}, BadManifest{"[]", "object"}, BadManifest{"{\"id\":", ""},
        BadManifest{R"({"version":"1","abi":"1.0","capabilities":[]})", "id"},
        BadManifest{R"({"id":5,"version":"1","abi":"1.0"})", "id"},
        BadManifest{R"({"id":"Bad-Id","version":"1","abi":"1.0","capabilities":[
            {"interface":"i","type":"t"}]})",
                    "lower-case"},
        BadManifest{R"({"id":"../x","version":"1","abi":"1.0","capabilities":[
            {"interface":"i","type":"t"}]})",
                    "lower-case"},
        BadManifest{R"({"id":"a","abi":"1.0","capabilities":[{"interface":"i","type":"t"}]})",
                    "version"},
        BadManifest{R"({"id":"a","version":"1","abi":"1.0"})", "capabilities"},
        BadManifest{R"({"id":"a","version":"1","abi":"1.0","capabilities":[]})", "capabilities"},
        BadManifest{R"({"id":"a","version":"1","abi":"1.0","capabilities":[{"type":"t"}]})",
                    "capabilities[0].interface"}));

}  // namespace
}  // namespace oscar::plugin_runtime
