#include "plugin_runtime/schema_check.hpp"

namespace oscar::plugin_runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kSchema = R"({"type":"object","additionalProperties":false,
  "required":["host"],"title":"t","x-order":["host"],"properties":{
    "host":{"type":"string","minLength":1,"maxLength":5},
    "port":{"type":"integer","minimum":1,"maximum":65535},
    "rate":{"type":"number","minimum":0.5},
    "tls":{"type":"boolean","default":true},
    "mode":{"type":"string","enum":["fast","safe"]},
    "names":{"type":"array","items":{"type":"string","enum":["a","b"]}},
    "any":{"type":"array"},
    "deep":{"type":"object","additionalProperties":false,"required":["x"],
            "properties":{"x":{"type":"integer"}}},
    "list":{"type":"array","items":{"type":"object","required":["k"],
            "properties":{"k":{"type":"string"}}}}}})";

struct Document {
  const char* json;
  std::vector<std::string> wrong;
};

class SchemaCheckTest : public ::testing::TestWithParam<Document> {};

TEST_P(SchemaCheckTest, NamesEveryWrongField) {
  const auto checked = checkSchema(GetParam().json, kSchema);
  ASSERT_TRUE(checked) << checked.error().message;
  std::vector<std::string> fields;
  for (const FieldError& error : checked.value()) fields.push_back(error.field);
  EXPECT_EQ(fields, GetParam().wrong);
}

INSTANTIATE_TEST_SUITE_P(
    All, SchemaCheckTest,
    ::testing::Values(
        Document{R"({"host":"h"})", {}},
        Document{R"({"host":"h","port":1,"rate":0.5,"tls":false,"mode":"safe","names":["a","b"],
                    "any":[1,"x"],"deep":{"x":1},"list":[{"k":"v","more":1}]})",
                 {}},
        Document{R"({})", {"host"}}, Document{R"({"host":null})", {"host"}},
        Document{R"({"host":""})", {"host"}}, Document{R"({"host":"toolong"})", {"host"}},
        Document{R"({"host":5})", {"host"}}, Document{R"({"host":"h","port":0})", {"port"}},
        Document{R"({"host":"h","port":"22"})", {"port"}},
        Document{R"({"host":"h","port":1.5})", {"port"}},
        Document{R"({"host":"h","rate":0.4})", {"rate"}},
        Document{R"({"host":"h","tls":"yes"})", {"tls"}},
        Document{R"({"host":"h","tls":1})", {"tls"}},
        Document{R"({"host":"h","mode":"slow"})", {"mode"}},
        Document{R"({"host":"h","names":["a","c"]})", {"names[1]"}},
        Document{R"({"host":"h","names":"a"})", {"names"}},
        Document{R"({"host":"h","any":{}})", {"any"}},
        Document{R"({"host":"h","deep":{}})", {"deep.x"}},
        Document{R"({"host":"h","deep":{"x":1,"y":2}})", {"deep.y"}},
        Document{R"({"host":"h","list":[{"k":"v"},{}]})", {"list[1].k"}},
        Document{R"({"host":"h","hots":"h","port":0})", {"port", "hots"}},
        Document{"not json", {"(JSON)"}}));

class BadSchemaTest : public ::testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(BadSchemaTest, IsAProblemOfThePlugin) {
  const auto checked = checkSchema("{}", GetParam().first);
  ASSERT_FALSE(checked);
  EXPECT_THAT(checked.error().message, HasSubstr(GetParam().second));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadSchemaTest,
    ::testing::Values(
        std::pair{"", ""}, std::pair{"[]", "object"}, std::pair{R"({"type":"string"})", "top"},
        std::pair{"{}", "type"}, std::pair{R"({"type":"object","oneOf":[]})", "oneOf"},
        std::pair{R"({"type":"object","properties":{"a":{"type":"thing"}}})", "thing"},
        std::pair{R"({"type":"object","properties":{"a":{"type":"string","pattern":"x"}}})",
                  "pattern"},
        std::pair{R"({"type":"object","properties":{"a":5}})", "properties.a"},
        std::pair{R"({"type":"object","properties":{"a":{"type":"array",
                      "items":{"type":"integer"}}}})",
                  "items"}));

TEST(SchemaProperties, AreTheTopLevelNames) {
  EXPECT_THAT(schemaProperties(R"({"type":"object","properties":{"b":{"type":"string"},
                                   "a":{"type":"integer"}}})"),
              ElementsAre("b", "a"));
  EXPECT_THAT(schemaProperties("nonsense"), IsEmpty());
}

}  // namespace
}  // namespace oscar::plugin_runtime
