#include "http/json_body.hpp"

#include "domain/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace oscar::http {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> namesOf(const ServiceError& error) {
  std::vector<std::string> names;
  for (const FieldError& each : error.fields()) names.push_back(each.field);
  return names;
}

/// What finish() names in `text` when the further rules refuse `refused`.
std::vector<std::string> wrongFields(const std::string& text,
                                     const std::vector<std::string>& refused) {
  Request request;
  request.body = text;
  JsonBody body{request};
  body->requireString("name");
  body->integer("port", 1, 9);
  try {
    body.finish([&] {
      std::vector<FieldError> errors;
      for (const auto& name : refused) errors.push_back({name, {"规则", "by rule"}});
      if (!errors.empty()) throw ServiceError::invalidFields(errors);
    });
  } catch (const ServiceError& error) {
    EXPECT_EQ(error.code(), ErrorCode::kBadRequest);
    return namesOf(error);
  }
  return {};
}

TEST(JsonBody, OneAnswerNamesWhatFormAndRulesRefuse) {
  EXPECT_THAT(wrongFields(R"({"name":"a","port":10})", {"name"}), ElementsAre("port", "name"));
}

TEST(JsonBody, AFieldIsNamedOnce) {
  EXPECT_THAT(wrongFields(R"({"port":10})", {"port", "name"}), ElementsAre("name", "port"));
}

TEST(JsonBody, FurtherRulesAreLeftToTheServiceWhenTheFormIsRight) {
  EXPECT_THAT(wrongFields(R"({"name":"a","port":9})", {"name"}), ElementsAre());
}

TEST(JsonBody, ARefusalOfAnotherKindDoesNotHideTheForm) {
  Request request;
  request.body = R"({"unknown":1})";
  JsonBody body{request};
  try {
    body.finish([] { throw ServiceError{ErrorCode::kNotFound, {"没有", "none"}}; });
    FAIL();
  } catch (const ServiceError& error) {
    EXPECT_THAT(namesOf(error), ElementsAre("unknown"));
  }
}

}  // namespace
}  // namespace oscar::http
