#include "http/server.hpp"

#include "domain/error.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_log.hpp"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <atomic>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace oscar::http {
namespace {

/// A raw client: sends exactly these bytes, reads until the server closes or the time is up.
class Client {
 public:
  explicit Client(int port, int timeout_ms = 5000) : fd_{::socket(AF_INET, SOCK_STREAM, 0)} {
    timeval timeout{timeout_ms / 1000, (timeout_ms % 1000) * 1000};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      ADD_FAILURE() << "connect failed";
    }
  }
  ~Client() { ::close(fd_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  Client& send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) break;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return *this;
  }
  std::string readAll() {
    std::string all;
    char buffer[4096];
    while (true) {
      const auto count = ::recv(fd_, buffer, sizeof buffer, 0);
      if (count == 0) ended = true;
      if (count <= 0) return all;
      all.append(buffer, static_cast<std::size_t>(count));
    }
  }
  std::string readUntil(std::string_view end) {
    std::string all;
    char c = 0;
    while (all.find(end) == std::string::npos && ::recv(fd_, &c, 1, 0) == 1) all += c;
    return all;
  }

  bool ended = false;  ///< the server closed

 private:
  int fd_;
};

/// Accepts `/ws/yes`, echoes what the viewer sends once.
class FakeUpgrades final : public ports::UpgradeHandler {
 public:
  ports::UpgradeAnswer accept(const ports::UpgradeRequest& request) override {
    if (request.path != std::vector<std::string>{"ws", "yes"}) {
      throw ServiceError{ErrorCode::kNotFound, {"没有", "no such thing"}};
    }
    return {{{"Upgrade", "websocket"}, {"Connection", "Upgrade"}},
            [this](std::unique_ptr<ports::DetachedSocket> socket, std::string) {
              adopted = std::move(socket);
              has_adopted = true;
            }};
  }
  std::unique_ptr<ports::DetachedSocket> adopted;
  std::atomic<bool> has_adopted{false};
};

class ServerTest : public ::testing::Test {
 protected:
  ServerTest() {
    settings.port = 0;
    settings.threads = 4;
    settings.max_body_bytes = 1000;
    settings.request_timeout_seconds = 2;
  }

  void start() {
    std::vector<Route> routes;
    const auto add = [&](std::string_view method, std::string_view pattern, Handler handler) {
      Route& route = routes.emplace_back();
      route.method = method;
      route.pattern = pattern;
      route.access = Access::kPublic;
      route.handle = std::move(handler);
    };
    add("POST", "/echo",
        [](Call& call) { return Response::text("text/plain", call.request.body); });
    add("GET", "/peer",
        [](Call& call) { return Response::text("text/plain", call.request.peer_address); });
    add("GET", "/items/{id}",
        [](Call& call) { return Response::text("text/plain", "<" + call.param("id") + ">"); });
    add("GET", "/stream", [](Call&) {
      Response response;
      response.stream = [](const Response::Sink& sink) {
        for (int i = 0; i < 3; ++i) sink("piece" + std::to_string(i) + "\n");
      };
      return response;
    });
    add("GET", "/broken", [](Call&) {
      Response response;
      response.stream = [](const Response::Sink& sink) {
        sink(std::string(100'000, 'x'));
        throw std::runtime_error{"store went away"};
      };
      return response;
    });
    dispatcher = std::make_unique<Dispatcher>(
        std::move(routes),
        DispatcherParts{[](std::string_view) { return Principal{}; }, [](AuditEntry) {}, log, clock,
                        settings.max_body_bytes, Language::kEn});
    server = std::make_unique<Server>(settings, *dispatcher, upgrades, log);
    server->start();
  }

  std::string ask(std::string_view request) {
    Client client{server->port()};
    client.send(request);
    return client.readAll();
  }

  HttpSettings settings;
  test::FakeClock clock;
  test::FakeLog log;
  FakeUpgrades upgrades;
  std::unique_ptr<Dispatcher> dispatcher;
  std::unique_ptr<Server> server;
};

constexpr const char* kEnd = "Host: x\r\nConnection: close\r\n\r\n";

std::string get(const std::string& target) {
  return "GET " + target + " HTTP/1.1\r\n" + kEnd;
}

bool has(const std::string& answer, const std::string& part) {
  return answer.find(part) != std::string::npos;
}

TEST_F(ServerTest, AnswersAndHidesItsName) {
  start();
  const std::string answer = ask(get("/peer"));
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
  EXPECT_TRUE(has(answer, "\r\n\r\n127.0.0.1")) << answer;
  EXPECT_FALSE(has(answer, "Server:"));
  EXPECT_TRUE(has(answer, "X-Request-Id: "));
}

TEST_F(ServerTest, SegmentsAreDecodedAfterTheSplit) {
  start();
  EXPECT_TRUE(has(ask(get("/items/a%2Fb")), "<a/b>"));
  EXPECT_TRUE(has(ask(get("/items/a%252Fb")), "<a%2Fb>"));
  EXPECT_TRUE(has(ask(get("/items/a/b")), "404 Not Found"));
  EXPECT_TRUE(has(ask(get("/items/%00")), "400 Bad Request"));
}

TEST_F(ServerTest, HeadAndOptionsAndWrongMethods) {
  start();
  const std::string head = ask(std::string{"HEAD /peer HTTP/1.1\r\n"} + kEnd);
  EXPECT_TRUE(has(head, "200 OK"));
  EXPECT_TRUE(head.ends_with("\r\n\r\n")) << head;
  EXPECT_TRUE(has(ask(std::string{"HEAD /stream HTTP/1.1\r\n"} + kEnd), "200 OK"));
  EXPECT_TRUE(
      has(ask(std::string{"OPTIONS /peer HTTP/1.1\r\n"} + kEnd), "Allow: GET, HEAD, OPTIONS"));
  EXPECT_TRUE(has(ask(std::string{"DELETE /peer HTTP/1.1\r\n"} + kEnd), "405"));
}

TEST_F(ServerTest, BodiesArriveByLengthAndByChunks) {
  start();
  const std::string head = std::string{"POST /echo HTTP/1.1\r\n"};
  EXPECT_TRUE(ask(head + "Content-Length: 5\r\n" + kEnd + "hello").ends_with("\r\n\r\nhello"));
  EXPECT_TRUE(
      ask(head + "Transfer-Encoding: chunked\r\n" + kEnd + "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n")
          .ends_with("\r\n\r\nhello"));
  EXPECT_TRUE(has(ask(head + kEnd), "200 OK"));  // neither: no body, and no waiting for one
}

TEST_F(ServerTest, TooLargeBodiesAreRefusedBeforeTheyAreRead) {
  start();
  Client client{server->port()};
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 104857600\r\n\r\n");
  const std::string answer = client.readUntil("}");
  EXPECT_TRUE(has(answer, "413")) << answer;
  EXPECT_TRUE(has(answer, "Connection: Close")) << answer;
}

TEST_F(ServerTest, ClientThatKeepsSendingStillGetsItsAnswer) {
  start();
  Client client{server->port()};
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 20000000\r\n\r\n");
  client.send(std::string(20'000'000, 'x'));
  EXPECT_TRUE(has(client.readAll(), "413"));
}

TEST_F(ServerTest, EndlessChunksAreBounded) {
  start();
  Client client{server->port()};
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 30; ++i) client.send("64\r\n" + std::string(100, 'x') + "\r\n");
  EXPECT_TRUE(has(client.readUntil("}"), "413"));
}

TEST_F(ServerTest, ExpectContinueInvitesOnlyWhatIsTaken) {
  start();
  Client good{server->port()};
  good.send(
      "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n"
      "Connection: close\r\n\r\n");
  EXPECT_TRUE(good.readUntil("\r\n\r\n").starts_with("HTTP/1.1 100 Continue"));
  good.send("ok");
  EXPECT_TRUE(good.readAll().ends_with("\r\n\r\nok"));
  Client large{server->port()};
  large.send(
      "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
      "Content-Length: 99999999\r\n\r\n");
  EXPECT_TRUE(large.readUntil("\r\n\r\n").starts_with("HTTP/1.1 413"));
}

TEST_F(ServerTest, AmbiguousFramingIsRefused) {
  start();
  for (const char* headers :
       {"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: 2\r\nContent-Length: 3\r\n", "Content-Length: +2\r\n",
        "Content-Length: 2x\r\n", "Content-Length: -1\r\n", "Transfer-Encoding: gzip\r\n"}) {
    const std::string answer = ask(std::string{"POST /echo HTTP/1.1\r\n"} + headers + kEnd + "ab");
    EXPECT_TRUE(answer.empty() || has(answer, " 400 ")) << headers << answer;
    EXPECT_FALSE(has(answer, " 200 ")) << headers;
  }
}

TEST_F(ServerTest, NonsenseAndOversizedHeadersAreRefused) {
  start();
  EXPECT_FALSE(has(ask("nonsense\r\n\r\n"), "200 OK"));
  EXPECT_FALSE(
      has(ask(std::string{"GET /peer HTTP/1.1\r\nX: "} + std::string(100'000, 'x') + "\r\n" + kEnd),
          "200 OK"));
  std::string many = "GET /peer HTTP/1.1\r\n";
  for (int i = 0; i < 1000; ++i) many += "X-" + std::to_string(i) + ": y\r\n";
  EXPECT_FALSE(has(ask(many + kEnd), "200 OK"));
  EXPECT_TRUE(has(ask(get("/peer")), "200 OK"));  // and nobody else suffers
}

TEST_F(ServerTest, SlowClientsAreDropped) {
  start();
  const auto begin = std::chrono::steady_clock::now();
  Client header{server->port(), 15'000};
  header.send("GET /peer HTTP/1.1\r\nX: ");
  Client body{server->port(), 15'000};
  body.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n");
  // One byte now and then would restart Poco's own timeout for ever.
  std::thread dripper{[&] {
    for (int i = 0; i < 60; ++i) {
      header.send("x");
      if (i < 40) body.send("x");
      std::this_thread::sleep_for(std::chrono::milliseconds{100});
    }
  }};
  header.readAll();
  body.readAll();
  const auto took = std::chrono::steady_clock::now() - begin;
  dripper.join();
  EXPECT_LT(took, std::chrono::seconds{5});
  EXPECT_TRUE(has(ask(get("/peer")), "200 OK"));
}

TEST_F(ServerTest, IdleConnectionsMakeRoomForWaitingOnes) {
  start();
  std::vector<std::unique_ptr<Client>> idle;
  for (int i = 0; i < 6; ++i) {
    idle.push_back(std::make_unique<Client>(server->port()));
    idle.back()->send("GET /peer HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(has(ask(get("/peer")), "200 OK"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds{4500});
}

TEST_F(ServerTest, KeepAliveServesSeveralRequests) {
  start();
  Client client{server->port()};
  for (int i = 0; i < 3; ++i) {
    client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nab" +
                std::to_string(i));
    EXPECT_TRUE(has(client.readUntil("ab" + std::to_string(i)), "200 OK"));
  }
}

TEST_F(ServerTest, StreamsByChunksOrUntilTheEnd) {
  start();
  const std::string chunked = ask(get("/stream"));
  EXPECT_TRUE(has(chunked, "Transfer-Encoding: chunked"));
  EXPECT_TRUE(chunked.ends_with("0\r\n\r\n"));
  const std::string old = ask("GET /stream HTTP/1.0\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(old.ends_with("piece0\npiece1\npiece2\n")) << old;
}

TEST_F(ServerTest, BrokenStreamDoesNotLookComplete) {
  start();
  const std::string answer = ask(get("/broken"));
  EXPECT_FALSE(answer.ends_with("0\r\n\r\n"));
  EXPECT_TRUE(log.contains("store went away"));
}

TEST_F(ServerTest, ForwardedAddressIsOnlyBelievedFromTrustedProxies) {
  const std::string request =
      std::string{
          "GET /peer HTTP/1.1\r\nX-Forwarded-For: 198.51.100.9, "
          "203.0.113.7\r\n"} +
      kEnd;
  start();
  EXPECT_TRUE(has(ask(request), "\r\n\r\n127.0.0.1"));
  server.reset();
  settings.trusted_proxies = {"127.0.0.1"};
  start();
  EXPECT_TRUE(has(ask(request), "\r\n\r\n203.0.113.7"));  // what is further left is a claim
  server.reset();
  settings.trusted_proxies = {"127.0.0.1", "203.0.113.7"};
  start();
  EXPECT_TRUE(has(ask(request), "\r\n\r\n198.51.100.9"));
  EXPECT_TRUE(
      has(ask(std::string{"GET /peer HTTP/1.1\r\nX-Forwarded-For: evil<script>\r\n"} + kEnd),
          "\r\n\r\n127.0.0.1"));
}

TEST_F(ServerTest, UpgradeHandsTheSocketOver) {
  start();
  Client client{server->port()};
  client.send(
      "GET /ws/yes HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  EXPECT_TRUE(client.readUntil("\r\n\r\n").starts_with("HTTP/1.1 101"));
  for (int i = 0; i < 200 && !upgrades.has_adopted; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  ASSERT_TRUE(upgrades.has_adopted);
  char buffer[16];
  EXPECT_EQ(upgrades.adopted->read(buffer, sizeof buffer), 0);  // nothing yet, and no waiting
  client.send("ping");
  std::ptrdiff_t count = 0;
  for (int i = 0; i < 200 && count == 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
    count = upgrades.adopted->read(buffer, sizeof buffer);
  }
  EXPECT_EQ(
      (std::string_view{buffer, static_cast<std::size_t>(std::max<std::ptrdiff_t>(count, 0))}),
      "ping");
  EXPECT_EQ(upgrades.adopted->write("pong"), 4);
  EXPECT_EQ(client.readUntil("pong"), "pong");
  // The connection outlives the server's deadline for requests, and the server itself.
  std::this_thread::sleep_for(std::chrono::milliseconds{2500});
  server->stop(1);
  EXPECT_EQ(upgrades.adopted->write("more"), 4);
  EXPECT_EQ(client.readUntil("more"), "more");
  upgrades.adopted.reset();
  client.readAll();
  EXPECT_TRUE(client.ended);
}

TEST_F(ServerTest, RefusedUpgradeIsAnEnvelope) {
  start();
  const std::string answer =
      ask("GET /ws/no HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  EXPECT_TRUE(has(answer, "404 Not Found"));
  EXPECT_TRUE(has(answer, "no such thing"));
}

TEST_F(ServerTest, PortInUseIsNamed) {
  start();
  settings.port = server->port();
  try {
    const Server second{settings, *dispatcher, upgrades, log};
    FAIL() << "two servers on one port";
  } catch (const std::runtime_error& error) {
    EXPECT_TRUE(has(error.what(), std::to_string(settings.port))) << error.what();
  }
}

TEST_F(ServerTest, StopIsQuickWithIdleConnections) {
  start();
  Client idle{server->port()};
  idle.send("GET /peer HTTP/1.1\r\nHost: x\r\n\r\n");
  idle.readUntil("127.0.0.1");
  const auto begin = std::chrono::steady_clock::now();
  server->stop(10);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds{2});
}

}  // namespace
}  // namespace oscar::http
