#include "ws/watch_endpoint.hpp"

#include "domain/error.hpp"
#include "hub_fixture.hpp"
#include "support/fake_execution_store.hpp"

namespace oscar::ws {
namespace {

class NoTickets final : public ports::TicketOffice {
 public:
  Ticket issue(const Principal&) override { return {}; }
  std::optional<Principal> redeem(std::string_view text) override {
    return text == "good" ? std::optional<Principal>{Principal{"u", "dba", Role::kViewer, "s1"}}
                          : std::nullopt;
  }
};

class EndpointTest : public HubTest {
 protected:
  EndpointTest() {
    request.path = {"ws", "execution", "7"};
    request.headers = {{"connection", "Upgrade"},
                       {"upgrade", "websocket"},
                       {"sec-websocket-version", "13"},
                       {"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="},
                       {"host", "127.0.0.1:8080"}};
  }
  ErrorCode refusal() {
    WatchEndpoint endpoint{hub(), store, tickets, authenticate, {}};
    try {
      endpoint.accept(request);
    } catch (const ServiceError& error) {
      return error.code();
    }
    return ErrorCode{};
  }

  NoTickets tickets;
  WatchEndpoint::Authenticate authenticate = [](std::string_view token) {
    if (token != "good") throw ServiceError{ErrorCode::kUnauthenticated, {"否", "no"}};
    return Principal{"u", "dba", Role::kViewer, "s1"};
  };
  ports::UpgradeRequest request;
};

TEST_F(EndpointTest, NobodyGetsInWithoutALogin) {
  EXPECT_EQ(refusal(), ErrorCode::kUnauthenticated);
  request.query["ticket"] = "bad";
  EXPECT_EQ(refusal(), ErrorCode::kUnauthenticated);
  request.query["ticket"] = "good";
  EXPECT_EQ(refusal(), ErrorCode{});
  request.query.clear();
  request.headers["sec-websocket-protocol"] = "oscar.v1, bearer.bad";
  EXPECT_EQ(refusal(), ErrorCode::kUnauthenticated);
  request.headers["sec-websocket-protocol"] = "oscar.v1, bearer.good";
  EXPECT_EQ(refusal(), ErrorCode{});
}

TEST_F(EndpointTest, RefusesForeignOriginsUnknownExecutionsAndNonsense) {
  request.query["ticket"] = "good";
  request.headers["origin"] = "http://evil.example";
  EXPECT_EQ(refusal(), ErrorCode::kForbidden);
  request.headers["origin"] = "http://127.0.0.1:8080";
  EXPECT_EQ(refusal(), ErrorCode{});
  request.path[2] = "8";
  EXPECT_EQ(refusal(), ErrorCode::kNotFound);
  request.path[2] = "#7";
  EXPECT_EQ(refusal(), ErrorCode{});
  request.query["from_line"] = "0";
  EXPECT_EQ(refusal(), ErrorCode::kBadRequest);
  request.query["from_line"] = "1";
  request.query["other"] = "1";
  EXPECT_EQ(refusal(), ErrorCode::kBadRequest);
  request.query.erase("other");
  request.path = {"ws", "other"};
  EXPECT_EQ(refusal(), ErrorCode::kNotFound);
}

// As by REST: services::findExecution.
TEST_F(EndpointTest, FindsExecutionsAsRestDoes) {
  test::FakeExecutionStore executions;
  Execution execution;
  execution.id = "00000000-0000-4000-8000-00000000abcd";
  execution.number = executions.insert(execution);
  WatchEndpoint endpoint{hub(), executions, tickets, authenticate, {}};
  request.query["ticket"] = "good";
  const std::string number = std::to_string(execution.number);
  for (const std::string& id :
       {execution.id, std::string{"00000000-0000-4000-8000-00000000ABCD"}, number, "#" + number}) {
    request.path[2] = id;
    EXPECT_NO_THROW(endpoint.accept(request)) << id;
  }
  for (const std::string& id : {std::string{}, std::string{"#"}, std::string{"##" + number},
                                std::string{"nonsense"}, std::string(3000, 'x')}) {
    request.path[2] = id;
    try {
      endpoint.accept(request);
      ADD_FAILURE() << id << " was found";
    } catch (const ServiceError& error) {
      EXPECT_EQ(error.code(), ErrorCode::kNotFound) << id;
      EXPECT_LT(error.message().en.size(), 100U) << "the answer repeats all of a long id";
    }
  }
}

TEST_F(EndpointTest, AnswerSelectsOurProtocolOnlyWhenOffered) {
  WatchEndpoint endpoint{hub(), store, tickets, authenticate, {}};
  request.query["ticket"] = "good";
  EXPECT_EQ(endpoint.accept(request).headers.size(), 3u);
  request.headers["sec-websocket-protocol"] = "oscar.v1, bearer.good";
  const auto headers = endpoint.accept(request).headers;
  ASSERT_EQ(headers.size(), 4u);
  EXPECT_EQ(headers[3].second, "oscar.v1");
}

TEST_F(EndpointTest, FullHubIsUnavailable) {
  limits.max_viewers = 0;
  request.query["ticket"] = "good";
  EXPECT_EQ(refusal(), ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace oscar::ws
