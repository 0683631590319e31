#include "http/redaction.hpp"

#include "json/reader.hpp"

#include <gtest/gtest.h>

#include <array>

namespace oscar::http {
namespace {

constexpr std::array<std::string_view, 1> kMore{"pin"};

TEST(Redaction, SecretsAreMaskedAtAnyDepth) {
  struct Case {
    const char* body;
    const char* recorded;
  };
  const Case cases[] = {
      {R"({"username":"a","password":"hunter2"})", R"({"username":"a","password":"***"})"},
      {R"({"NewPassword":"hunter2"})", R"({"NewPassword":"***"})"},
      {R"({"current_password":"hunter2","x":1})", R"({"current_password":"***","x":1})"},
      {R"({"a":{"b":{"token":"hunter2"}}})", R"({"a":{"b":{"token":"***"}}})"},
      {R"({"a":[{"secret":"hunter2"},{"n":2}]})", R"({"a":[{"secret":"***"},{"n":2}]})"},
      {R"({"password":{"nested":"hunter2"}})", R"({"password":"***"})"},
      {R"({"password":null,"flag":true,"f":0.5})", R"({"password":"***","flag":true,"f":0.5})"},
      {R"({"pin":"hunter2"})", R"({"pin":"***"})"},
      {R"({"a":[1,{"password":"hunter2"}]})", R"({"a":"***"})"},
      {R"({"list":["x","y"]})", R"({"list":["x","y"]})"},
      {"", "{}"},
      {R"({"password":"hunter2")", R"({"unreadable_bytes":21})"},
      {R"(["hunter2"])", R"({"unreadable_bytes":11})"},
      {R"({"password":"hunter2","password":"x"})", R"({"unreadable_bytes":37})"},
  };
  for (const Case& c : cases) EXPECT_EQ(redactedBody(c.body, kMore), c.recorded) << c.body;
}

TEST(Redaction, CertificatesAreToldByTheirSize) {
  EXPECT_EQ(redactedBody(R"({"ssl_ca":"PEM"})", {}), R"x({"ssl_ca":"(3 bytes)"})x");
  EXPECT_EQ(redactedBody(R"({"ssl_ca":""})", {}), R"({"ssl_ca":""})");
}

TEST(Redaction, LongBodiesAreCutAndStayJson) {
  const std::string body =
      R"({"password":"hunter2","original_ddl":")" + std::string(100'000, 'x') + R"("})";
  const std::string recorded = redactedBody(body, {});
  EXPECT_LE(recorded.size(), 16u * 1024);
  EXPECT_TRUE(json::isValid(recorded));
  EXPECT_NE(recorded.find("truncated_from_bytes"), std::string::npos);
  EXPECT_EQ(recorded.find("hunter2"), std::string::npos);
}

TEST(Redaction, CutInTheMiddleOfACharacterStaysJson) {
  std::string chinese;
  for (int i = 0; i < 20'000; ++i) chinese += "表";
  EXPECT_TRUE(json::isValid(redactedBody(R"({"a":")" + chinese + R"("})", {})));
  EXPECT_TRUE(json::isValid(redactedBody(R"({"ab":")" + chinese + R"("})", {})));
  EXPECT_TRUE(json::isValid(redactedBody(R"({"abc":")" + chinese + R"("})", {})));
}

}  // namespace
}  // namespace oscar::http
