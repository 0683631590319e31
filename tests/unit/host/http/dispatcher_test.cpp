#include "http/dispatcher.hpp"

#include "domain/error.hpp"
#include "http/error_mapper.hpp"
#include "http/in_process_gateway.hpp"
#include "json/reader.hpp"
#include "ports/target_database.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_log.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace oscar::http {
namespace {

Route route(std::string_view method, std::string_view pattern, Access access, Handler handler,
            std::string_view action = "") {
  Route made;
  made.method = method;
  made.pattern = pattern;
  made.access = access;
  made.action = action;
  made.resource_type = "thing";
  made.handle = std::move(handler);
  return made;
}

Response ok(Call&) {
  return Response::json("{}");
}

/// Tokens are the role's word.
Principal principalOf(std::string_view token) {
  const auto role = parseRole(token);
  if (!role) throw ServiceError{ErrorCode::kUnauthenticated, {"令牌无效", "bad token"}};
  return {"id-" + std::string{token}, std::string{token}, *role, "session-1"};
}

class DispatcherTest : public ::testing::Test {
 protected:
  DispatcherTest() {
    std::vector<Route> routes;
    routes.push_back(route("GET", "/public", Access::kPublic, ok));
    routes.push_back(route("GET", "/viewer", Access::kViewer, ok));
    routes.push_back(route("POST", "/operator", Access::kOperator, ok, "thing.do"));
    routes.push_back(route("DELETE", "/admin/{id}", Access::kAdmin, ok, "thing.delete"));
    routes.push_back(route("GET", "/items/special", Access::kPublic,
                           [](Call&) { return Response::json("\"special\""); }));
    routes.push_back(route("GET", "/items/{id}", Access::kPublic, [](Call& call) {
      return Response::json("\"" + call.param("id") + "\"");
    }));
    routes.push_back(route(
        "POST", "/items", Access::kOperator,
        [](Call& call) {
          call.audit.resource_id = "new-1";
          return Response::json("{}");
        },
        "thing.create"));
    routes.push_back(route("GET", "/fail", Access::kPublic, [this](Call&) -> Response {
      fail();
      return {};
    }));
    dispatcher = std::make_unique<Dispatcher>(
        std::move(routes),
        DispatcherParts{principalOf, [this](AuditEntry e) { entries.push_back(std::move(e)); }, log,
                        clock, 100, Language::kZh, [this] { return store_writable; }});
  }

  Response send(std::string method, std::string path, std::string token = "",
                std::string body = "") {
    Request request;
    request.method = std::move(method);
    request.path = std::move(path);
    request.body = std::move(body);
    request.peer_address = "192.0.2.1";
    request.headers.add("Accept-Language", "en");
    request.headers.add("User-Agent", "test/1");
    if (!token.empty()) request.headers.add("Authorization", "Bearer " + token);
    return dispatcher->handle(std::move(request));
  }

  static std::int64_t codeOf(const Response& response) {
    json::FieldErrors errors;
    return json::Reader::parse(response.body, errors).value().integer("code").value();
  }

  test::FakeClock clock;
  test::FakeLog log;
  std::vector<AuditEntry> entries;
  std::function<void()> fail = [] {};
  bool store_writable = true;
  std::unique_ptr<Dispatcher> dispatcher;
};

TEST_F(DispatcherTest, SuccessIsAnEnvelope) {
  const Response response = send("GET", "/public");
  EXPECT_EQ(response.status, 200);
  json::FieldErrors errors;
  auto body = json::Reader::parse(response.body, errors).value();
  EXPECT_EQ(body.integer("code"), 200);
  EXPECT_EQ(body.string("message"), "success");
  EXPECT_EQ(body.rawText("data"), "{}");
  EXPECT_TRUE(parseTimestamp(body.string("timestamp").value()));
  body.rejectUnknown();
  EXPECT_TRUE(errors.empty());
}

TEST_F(DispatcherTest, RolesOfTheTableHold) {
  struct Case {
    const char* method;
    const char* path;
    const char* token;
    int status;
  };
  const Case cases[] = {
      {"GET", "/viewer", "", 401},
      {"GET", "/viewer", "nobody", 401},
      {"GET", "/viewer", "viewer", 200},
      {"POST", "/operator", "viewer", 403},
      {"POST", "/operator", "operator", 200},
      {"POST", "/operator", "admin", 200},
      {"DELETE", "/admin/1", "operator", 403},
      {"DELETE", "/admin/1", "admin", 200},
      {"DELETE", "/admin/1", "", 401},
      {"GET", "/public", "nobody", 200},
  };
  for (const Case& c : cases) {
    const Response response = send(c.method, c.path, c.token);
    EXPECT_EQ(response.status, c.status) << c.method << c.path << " " << c.token;
    EXPECT_EQ(response.headers.has("WWW-Authenticate"), c.status == 401);
  }
}

TEST_F(DispatcherTest, OtherAuthorizationSchemesAreNoLogin) {
  Request request;
  request.path = "/viewer";
  request.headers.add("Authorization", "Basic viewer");
  EXPECT_EQ(dispatcher->handle(request).status, 401);
  request.headers.set("Authorization", "bearer viewer");  // the scheme's name has no case
  EXPECT_EQ(dispatcher->handle(request).status, 200);
  request.headers.set("Authorization", "Bearer ");
  EXPECT_EQ(dispatcher->handle(request).status, 401);
}

TEST_F(DispatcherTest, UnknownPathsAndMethods) {
  EXPECT_EQ(send("GET", "/nothing").status, 404);
  EXPECT_EQ(codeOf(send("GET", "/public/")), 404);
  const Response wrong_method = send("PATCH", "/operator");
  EXPECT_EQ(wrong_method.status, 405);
  EXPECT_EQ(wrong_method.headers.get("Allow"), "POST, OPTIONS");
  EXPECT_EQ(codeOf(wrong_method), 405);
  const Response options = send("OPTIONS", "/public");
  EXPECT_EQ(options.status, 204);
  EXPECT_EQ(options.headers.get("Allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(send("HEAD", "/public").status, 200);
  EXPECT_EQ(send("GET", "/items/%zz").status, 400);
}

TEST_F(DispatcherTest, LiteralSegmentsWinAndParametersAreDecoded) {
  EXPECT_NE(send("GET", "/items/special").body.find("\"special\""), std::string::npos);
  EXPECT_NE(send("GET", "/items/a%2Fb").body.find("\"a/b\""), std::string::npos);
  EXPECT_EQ(send("GET", "/items/").status, 404);
}

TEST_F(DispatcherTest, ErrorsKeepTheirCodeAndHideTheirInside) {
  struct Case {
    ErrorCode code;
    int status;
  };
  for (const Case& c : {Case{ErrorCode::kConnectionFailed, 502}, Case{ErrorCode::kDdlSyntax, 422},
                        Case{ErrorCode::kTimeout, 504}, Case{ErrorCode::kConflict, 409},
                        Case{ErrorCode::kTooManyRequests, 429}, Case{ErrorCode::kNotFound, 404}}) {
    fail = [&c] { throw ServiceError{c.code, {"中文", "english"}, "inside story"}; };
    const Response response = send("GET", "/fail");
    EXPECT_EQ(response.status, c.status);
    EXPECT_EQ(codeOf(response), static_cast<int>(c.code));
    EXPECT_EQ(response.body.find("inside story"), std::string::npos);
    EXPECT_NE(response.body.find("english"), std::string::npos);
  }
  EXPECT_TRUE(log.contains("inside story"));
}

TEST_F(DispatcherTest, OtherExceptionsAreMapped) {
  fail = [] { throw std::runtime_error{"stack of secrets"}; };
  Response response = send("GET", "/fail");
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.body.find("stack of secrets"), std::string::npos);
  EXPECT_TRUE(log.contains("stack of secrets"));
  EXPECT_TRUE(log.contains(std::string{response.headers.get("X-Request-Id")}));
  fail = [] { throw StoreUnavailable{"disk full"}; };
  response = send("GET", "/fail");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.headers.get("Retry-After"), "5");
  fail = [] { throw ports::TargetError{1045, "Access denied for user 'x'"}; };
  response = send("GET", "/fail");
  EXPECT_EQ(codeOf(response), 1001);
  EXPECT_NE(response.body.find("Access denied"), std::string::npos);
  fail = [] { throw 42; };
  EXPECT_EQ(send("GET", "/fail").status, 500);
}

TEST_F(DispatcherTest, FieldErrorsAndDetailsAreInTheData) {
  fail = [] {
    throw ServiceError::invalidFields({{"a.b", {"错", "is wrong"}}, {"c", {"缺", "is missing"}}})
        .withDetails(R"({ "confirm_text": "shop.orders" })");
  };
  const Response response = send("GET", "/fail");
  EXPECT_EQ(response.status, 400);
  json::FieldErrors errors;
  auto data = json::Reader::parse(response.body, errors).value().object("data").value();
  EXPECT_EQ(data.string("confirm_text"), "shop.orders");
  EXPECT_EQ(data.string("request_id"), std::string{response.headers.get("X-Request-Id")});
  auto fields = data.objects("fields").value();
  ASSERT_EQ(fields.size(), 2u);
  EXPECT_EQ(fields[0].string("field"), "a.b");
  EXPECT_EQ(fields[0].string("message"), "is wrong");
}

TEST_F(DispatcherTest, EmptyDetailsKeepTheDataValid) {
  for (const char* details : {"", "{}", "{ }"}) {
    fail = [details] {
      throw ServiceError{ErrorCode::kConflict, {"冲突", "conflict"}}.withDetails(details);
    };
    EXPECT_TRUE(json::isValid(send("GET", "/fail").body)) << details;
  }
}

TEST_F(DispatcherTest, ChineseIsTheDefault) {
  fail = [] { throw ServiceError{ErrorCode::kConflict, {"冲突", "conflict"}}; };
  Request request;
  request.path = "/fail";
  EXPECT_NE(dispatcher->handle(request).body.find("冲突"), std::string::npos);
}

TEST_F(DispatcherTest, RequestIdsAreKeptWhenHarmless) {
  Request request;
  request.path = "/public";
  request.headers.add("X-Request-Id", "abc-123");
  EXPECT_EQ(dispatcher->handle(request).headers.get("X-Request-Id"), "abc-123");
  for (const std::string& bad : {std::string{"a b"}, std::string{"a\nb"}, std::string(65, 'a')}) {
    request.headers.set("X-Request-Id", bad);
    EXPECT_NE(dispatcher->handle(request).headers.get("X-Request-Id"), bad);
  }
}

TEST_F(DispatcherTest, SecurityHeadersAreOnEveryAnswer) {
  for (const char* path : {"/public", "/nothing", "/viewer"}) {
    const Response response = send("GET", path);
    EXPECT_EQ(response.headers.get("X-Content-Type-Options"), "nosniff") << path;
    EXPECT_EQ(response.headers.get("X-Frame-Options"), "DENY") << path;
    EXPECT_NE(response.headers.get("Content-Security-Policy").find("default-src 'none'"),
              std::string::npos);
    EXPECT_EQ(response.headers.get("Cache-Control"), "no-store");
    EXPECT_FALSE(response.headers.has("Strict-Transport-Security"));
  }
  Request request;
  request.path = "/public";
  request.secure = true;
  EXPECT_TRUE(dispatcher->handle(request).headers.has("Strict-Transport-Security"));
}

TEST_F(DispatcherTest, ChangesAreRecordedWithoutSecrets) {
  send("POST", "/items", "operator", R"({"name":"x","password":"hunter2"})");
  ASSERT_EQ(entries.size(), 1u);
  const AuditEntry& entry = entries[0];
  EXPECT_EQ(entry.action, "thing.create");
  EXPECT_EQ(entry.resource_type, "thing");
  EXPECT_EQ(entry.resource_id, "new-1");
  EXPECT_EQ(entry.username, "operator");
  EXPECT_EQ(entry.user_id, "id-operator");
  EXPECT_EQ(entry.request_data, R"({"name":"x","password":"***"})");
  EXPECT_EQ(entry.response_data, R"({"code":200,"message":"success"})");
  EXPECT_EQ(entry.ip_address, "192.0.2.1");
  EXPECT_EQ(entry.user_agent, "test/1");
}

TEST_F(DispatcherTest, RefusedChangesAreRecordedToo) {
  send("DELETE", "/admin/77", "viewer");
  send("DELETE", "/admin/77");
  send("POST", "/operator", "operator", std::string(101, 'x'));
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(entries[0].resource_id, "77");
  EXPECT_EQ(entries[0].username, "viewer");
  EXPECT_NE(entries[0].response_data.find("403"), std::string::npos);
  EXPECT_EQ(entries[1].username, "");
  EXPECT_NE(entries[1].response_data.find("401"), std::string::npos);
  EXPECT_NE(entries[2].response_data.find("413"), std::string::npos);
}

TEST_F(DispatcherTest, AnswersSayThatTheStoreIsAway) {
  EXPECT_FALSE(send("GET", "/public").headers.has("X-Oscar-Store"));
  store_writable = false;
  EXPECT_EQ(send("GET", "/public").headers.get("X-Oscar-Store"), "unavailable");
  store_writable = true;
  EXPECT_FALSE(send("GET", "/public").headers.has("X-Oscar-Store"));
}

TEST_F(DispatcherTest, ReadsAreNotRecorded) {
  send("GET", "/viewer", "viewer");
  EXPECT_TRUE(entries.empty());
}

TEST_F(DispatcherTest, AccessLogHasNoQueryAndStaysOneLine) {
  Request request;
  request.path = "/public\nforged line";
  request.query = "ticket=hunter2";
  dispatcher->handle(request);
  EXPECT_FALSE(log.contains("hunter2"));
  for (const auto& line : log.lines()) EXPECT_EQ(line.text.find('\n'), std::string::npos);
}

TEST_F(DispatcherTest, RefusalBeforeTheBodyLooksLikeAnyOther) {
  Request request;
  request.path = "/operator";
  const Response response = dispatcher->refuse(request, bodyTooLarge(100));
  EXPECT_EQ(response.status, 413);
  EXPECT_EQ(codeOf(response), 413);
  EXPECT_TRUE(response.headers.has("X-Request-Id"));
  EXPECT_EQ(response.headers.get("X-Content-Type-Options"), "nosniff");
}

TEST_F(DispatcherTest, GatewayCallsUnderAUsersRights) {
  InProcessGateway gateway{*dispatcher, [](const std::string& id) { return principalOf(id); },
                           clock};
  EXPECT_EQ(gateway.call("viewer", "GET", "/viewer", "").status, 200);
  EXPECT_EQ(gateway.call("viewer", "POST", "/operator", "{}").status, 403);
  EXPECT_EQ(gateway.call("operator", "POST", "/operator", "{}").status, 200);
  EXPECT_EQ(gateway.call("ghost", "GET", "/public", "").status, 401);
  EXPECT_EQ(gateway.call("operator", "POST", "/operator", std::string(101, 'x')).status, 413);
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(entries[1].username, "operator");
}

}  // namespace
}  // namespace oscar::http
