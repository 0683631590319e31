#include "ws/handshake.hpp"

#include "domain/error.hpp"
#include "support/fake_clock.hpp"
#include "ws/ticket_office.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace oscar::ws {
namespace {

ports::UpgradeRequest goodRequest() {
  ports::UpgradeRequest request;
  request.path = {"ws", "execution", "1"};
  request.headers = {{"connection", "keep-alive, Upgrade"},
                     {"upgrade", "WebSocket"},
                     {"sec-websocket-version", "13"},
                     {"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="},
                     {"host", "oscar.example:8080"}};
  return request;
}

TEST(Handshake, AcceptKeyIsTheOneOfTheRfc) {
  EXPECT_EQ(acceptKey("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(Handshake, GoodOnesPassAndEveryPartIsNeeded) {
  EXPECT_NO_THROW(checkHandshake(goodRequest()));
  const std::pair<const char*, const char*> wrong[] = {
      {"connection", "keep-alive"},     {"upgrade", "h2c"},
      {"sec-websocket-version", "8"},   {"sec-websocket-key", ""},
      {"sec-websocket-key", "short=="}, {"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ!="},
  };
  for (const auto& [name, value] : wrong) {
    auto request = goodRequest();
    request.headers[name] = value;
    EXPECT_THROW(checkHandshake(request), ServiceError) << name << value;
  }
}

TEST(Handshake, TokenComesFromProtocolOrHeader) {
  auto request = goodRequest();
  EXPECT_EQ(offeredToken(request), "");
  EXPECT_FALSE(offersSubprotocol(request));
  request.headers["sec-websocket-protocol"] = "oscar.v1, bearer.aaa.bbb-_.ccc";
  EXPECT_EQ(offeredToken(request), "aaa.bbb-_.ccc");
  EXPECT_TRUE(offersSubprotocol(request));
  request.headers.erase("sec-websocket-protocol");
  request.headers["authorization"] = "Bearer xyz";
  EXPECT_EQ(offeredToken(request), "xyz");
  request.headers["authorization"] = "Basic xyz";
  EXPECT_EQ(offeredToken(request), "");
}

TEST(Handshake, OriginsAreOursListedOrAbsent) {
  const std::vector<std::string> listed{"https://ops.example"};
  const std::pair<const char*, bool> cases[] = {
      {"", true},
      {"http://oscar.example:8080", true},
      {"https://OSCAR.example:8080", true},
      {"https://ops.example", true},
      {"http://ops.example", false},
      {"http://oscar.example", false},
      {"http://oscar.example:8080.evil.example", false},
      {"http://evil.example/oscar.example:8080", false},
      {"null", false},
  };
  for (const auto& [origin, allowed] : cases) {
    auto request = goodRequest();
    if (*origin) request.headers["origin"] = origin;
    EXPECT_EQ(originAllowed(request, listed), allowed) << origin;
  }
}

TEST(Tickets, WorkOnceAndNotForLong) {
  test::FakeClock clock;
  MemoryTicketOffice office{clock};
  const Principal principal{"u1", "dba", Role::kViewer, "s1"};
  const auto ticket = office.issue(principal);
  EXPECT_EQ(ticket.valid_seconds, 30);
  EXPECT_GE(ticket.text.size(), 32u);
  const auto found = office.redeem(ticket.text);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->username, "dba");
  EXPECT_EQ(found->session_id, "s1");
  EXPECT_FALSE(office.redeem(ticket.text));
  EXPECT_FALSE(office.redeem("guess"));
  const auto late = office.issue(principal);
  EXPECT_NE(late.text, ticket.text);
  clock.advance(std::chrono::seconds{30});
  EXPECT_FALSE(office.redeem(late.text));
}

TEST(Tickets, AreBoundedInNumber) {
  test::FakeClock clock;
  MemoryTicketOffice office{clock};
  const auto first = office.issue({});
  clock.advance(std::chrono::milliseconds{1});
  const auto second = office.issue({});
  clock.advance(std::chrono::milliseconds{1});
  for (int i = 0; i < 9'999; ++i) office.issue({});
  EXPECT_FALSE(office.redeem(first.text));
  EXPECT_TRUE(office.redeem(second.text));
}

}  // namespace
}  // namespace oscar::ws
