#pragma once

#include "json/reader.hpp"
#include "support/fake_log.hpp"
#include "support/fake_session_store.hpp"
#include "support/ws_surroundings.hpp"
#include "ws/session_hub.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <thread>

namespace oscar::ws {

using namespace std::chrono_literals;
using test::DirectBus;
using test::OneExecution;
using test::RealClock;
using Client = test::WsClient;

/// What a client has understood so far.
struct Seen {
  std::vector<std::string> types;
  std::vector<std::int64_t> lines;
  std::vector<std::int64_t> seqs;
  std::string last_status;
  std::string last_log_line;
  std::optional<int> close_code;
};

inline void understand(const test::ServerFrame& frame, Seen& seen) {
  if (frame.opcode == 8) seen.close_code = frame.closeCode();
  if (frame.opcode != 1) return;
  json::FieldErrors errors;
  auto message = json::Reader::parse(frame.payload, errors, frame.payload.size());
  ASSERT_TRUE(message.ok()) << frame.payload.substr(0, 200);
  seen.types.push_back(message.value().string("type").value());
  seen.seqs.push_back(message.value().integer("seq").value());
  if (seen.types.back() == "pong") return;
  auto data = message.value().object("data").value();
  EXPECT_EQ(data.string("execution_id"), "e1");
  if (seen.types.back() == "log") {
    auto lines = data.objects("lines").value();
    for (auto& line : lines) {
      seen.lines.push_back(line.integer("number").value());
    }
  } else {
    seen.last_status = data.string("status").value();
    seen.last_log_line = data.string("log_line").value_or("");
  }
}

inline std::vector<std::int64_t> range(std::int64_t from, std::int64_t to) {
  std::vector<std::int64_t> numbers;
  for (std::int64_t i = from; i <= to; ++i) numbers.push_back(i);
  return numbers;
}

class HubTest : public ::testing::Test {
 protected:
  HubTest() { sessions.insert(session("s1")); }

  SessionHub& hub() {
    if (!hub_) {
      hub_ = std::make_unique<SessionHub>(bus, store, sessions, clock, log, limits);
    }
    return *hub_;
  }
  Session session(const std::string& id) {
    Session made;
    made.id = id;
    made.expires_at = clock.now() + std::chrono::hours{1};
    return made;
  }
  void watch(Client& client, std::optional<std::int64_t> from_line, std::string early = "") {
    Watch wanted;
    wanted.execution_id = "e1";
    wanted.session_id = "s1";
    wanted.language = Language::kEn;
    wanted.from_line = from_line;
    hub().adopt(client.serverEnd(), std::move(early), wanted);
  }
  /// Reads frames until `done` holds; false when it never did.
  static bool read(Client& client, Seen& seen, const std::function<bool()>& done,
                   std::chrono::milliseconds within = 5000ms) {
    const auto end = std::chrono::steady_clock::now() + within;
    while (!done() && std::chrono::steady_clock::now() < end) {
      if (const auto frame = client.frame(within)) {
        understand(*frame, seen);
      } else {
        break;
      }
    }
    return done();
  }
  void publishState(const std::function<void(Execution&)>& edit) {
    const Execution now = store.change(edit);
    bus.publish(ExecutionChanged{now.id, now.number, now.status, now.run, now.error_message,
                                 now.attention});
  }
  void publishLines(int count, std::size_t padding = 0) {
    bus.publish(LogAppended{"e1", store.append(count, padding)});
  }
  void finish() {
    publishState([](Execution& e) { e.status = ExecutionStatus::kCompleted; });
  }
  bool waitForViewers(std::size_t wanted) {
    for (int i = 0; i < 300 && hub().viewers() != wanted; ++i) std::this_thread::sleep_for(10ms);
    return hub().viewers() == wanted;
  }

  RealClock clock;
  DirectBus bus;
  OneExecution store;
  test::FakeSessionStore sessions;
  test::FakeLog log;
  HubLimits limits;
  std::unique_ptr<SessionHub> hub_;
};

}  // namespace oscar::ws
