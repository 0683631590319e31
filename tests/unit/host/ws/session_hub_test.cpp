#include "hub_fixture.hpp"

#include <algorithm>

namespace oscar::ws {
namespace {

TEST_F(HubTest, SnapshotThenStoredLinesThenLiveOnes) {
  store.append(1200);
  Client client;
  watch(client, 1);
  Seen seen;
  ASSERT_TRUE(read(client, seen, [&] { return seen.lines.size() >= 1200; }));
  EXPECT_EQ(seen.types[0], "snapshot");
  publishLines(3);
  ASSERT_TRUE(read(client, seen, [&] { return seen.lines.size() >= 1203; }));
  publishState([](Execution& e) { e.run.processed_rows = 5; });
  ASSERT_TRUE(read(client, seen, [&] { return seen.types.back() == "progress"; }));
  EXPECT_EQ(seen.last_log_line, "line 1203");
  publishLines(2);
  finish();
  ASSERT_TRUE(read(client, seen, [&] { return seen.close_code.has_value(); }));
  EXPECT_EQ(seen.lines, range(1, 1205));
  EXPECT_EQ(seen.types.back(), "end");
  EXPECT_EQ(seen.last_status, "completed");
  EXPECT_EQ(seen.close_code, 1000);
  EXPECT_EQ(seen.seqs, range(1, static_cast<std::int64_t>(seen.seqs.size())));
}

TEST_F(HubTest, WithoutFromLineOnlyNewLinesCome) {
  store.append(10);
  Client client;
  watch(client, std::nullopt);
  Seen seen;
  ASSERT_TRUE(read(client, seen, [&] { return !seen.types.empty(); }));
  EXPECT_EQ(seen.last_log_line, "line 10");
  publishLines(2);
  ASSERT_TRUE(read(client, seen, [&] { return seen.lines.size() == 2; }));
  EXPECT_EQ(seen.lines, range(11, 12));
}

TEST_F(HubTest, FromLineInTheMiddleAndBeyondTheEnd) {
  store.append(10);
  Client middle;
  Client beyond;
  watch(middle, 8);
  watch(beyond, 12);
  Seen from_middle;
  Seen from_beyond;
  ASSERT_TRUE(read(middle, from_middle, [&] { return from_middle.lines.size() == 3; }));
  ASSERT_TRUE(read(beyond, from_beyond, [&] { return !from_beyond.types.empty(); }));
  publishLines(3);
  ASSERT_TRUE(read(middle, from_middle, [&] { return from_middle.lines.size() == 6; }));
  ASSERT_TRUE(read(beyond, from_beyond, [&] { return from_beyond.lines.size() == 2; }));
  EXPECT_EQ(from_middle.lines, range(8, 13));
  EXPECT_EQ(from_beyond.lines, range(12, 13));
}

TEST_F(HubTest, FinishedExecutionAnswersWithItsEnd) {
  store.append(700);
  store.change([](Execution& e) { e.status = ExecutionStatus::kFailed; });
  Client with_lines;
  Client without;
  watch(with_lines, 1);
  watch(without, std::nullopt);
  Seen seen;
  ASSERT_TRUE(read(with_lines, seen, [&] { return seen.close_code.has_value(); }));
  EXPECT_EQ(seen.types.front(), "snapshot");
  EXPECT_EQ(seen.types.back(), "end");
  EXPECT_EQ(seen.lines, range(1, 700));
  Seen bare;
  ASSERT_TRUE(read(without, bare, [&] { return bare.close_code.has_value(); }));
  EXPECT_EQ(bare.types, (std::vector<std::string>{"snapshot", "end"}));
  EXPECT_EQ(bare.last_status, "failed");
}

TEST_F(HubTest, LinesLostOnTheBusAreReadFromTheStore) {
  Client client;
  watch(client, 1);
  Seen seen;
  ASSERT_TRUE(read(client, seen, [&] { return !seen.types.empty(); }));
  store.append(5);  // never announced
  publishLines(2);
  ASSERT_TRUE(read(client, seen, [&] { return seen.lines.size() == 7; }));
  bus.publish(LogAppended{"e1", store.readLog("e1", 4, 3, "")});  // announced again
  publishLines(1);
  ASSERT_TRUE(read(client, seen, [&] { return seen.lines.size() == 8; }));
  EXPECT_EQ(seen.lines, range(1, 8));
}

TEST_F(HubTest, EventsAroundTheFirstLookAreNeitherLostNorDoubled) {
  // Many rounds, because what is tested is a race.
  for (int round = 0; round < 60; ++round) {
    const auto before = store.lastLogLine("e1");
    Client client;
    std::thread publisher{[&] {
      for (int i = 0; i < 5; ++i) publishLines(2);
    }};
    watch(client, before + 1);
    publisher.join();
    Seen seen;
    ASSERT_TRUE(read(client, seen, [&] { return seen.lines.size() >= 10; })) << round;
    EXPECT_EQ(seen.lines, range(before + 1, before + 10)) << round;
  }
}

TEST_F(HubTest, EndIsSeenHoweverItRacesWithTheConnection) {
  for (int round = 0; round < 60; ++round) {
    store.change([](Execution& e) { e.status = ExecutionStatus::kRunning; });
    Client client;
    std::thread publisher{[&] { finish(); }};
    watch(client, std::nullopt);
    publisher.join();
    Seen seen;
    ASSERT_TRUE(read(client, seen, [&] { return seen.close_code.has_value(); })) << round;
    EXPECT_EQ(seen.types.back(), "end");
  }
}

TEST_F(HubTest, OldEventsDoNotTurnTheStatusBack) {
  Client client;
  watch(client, std::nullopt);
  Seen seen;
  ASSERT_TRUE(read(client, seen, [&] { return !seen.types.empty(); }));
  bus.publish(ExecutionChanged{"e1", 7, ExecutionStatus::kPending, {}, {}, {}});
  publishState([](Execution& e) { e.run.processed_rows = 1; });
  ASSERT_TRUE(read(client, seen, [&] { return seen.types.size() == 2; }));
  EXPECT_EQ(seen.last_status, "running");
}

TEST_F(HubTest, SlowViewerGetsTheNewestStateAndEveryLine) {
  limits.viewer.max_queued_bytes = 64 * 1024;
  Client slow;
  Client quick;
  watch(slow, 1);
  watch(quick, 1);
  Seen quick_seen;
  ASSERT_TRUE(read(quick, quick_seen, [&] { return !quick_seen.types.empty(); }));
  for (int i = 1; i <= 300; ++i) {
    publishLines(20, 500);
    publishState([i](Execution& e) { e.run.processed_rows = i; });
  }
  // The quick one is not held up by the slow one, which has read nothing yet.
  ASSERT_TRUE(read(
      quick, quick_seen, [&] { return quick_seen.lines.size() == 6000; }, 20s));
  finish();
  Seen slow_seen;
  ASSERT_TRUE(read(
      slow, slow_seen, [&] { return slow_seen.close_code.has_value(); }, 20s));
  EXPECT_EQ(slow_seen.lines, range(1, 6000));
  EXPECT_EQ(slow_seen.last_status, "completed");
  const auto progress = std::count(slow_seen.types.begin(), slow_seen.types.end(), "progress");
  EXPECT_LT(progress, 150) << "states of a slow viewer give way to newer ones";
}

TEST_F(HubTest, StoreThatIsAwayIsAskedAgain) {
  store.append(3);
  store.setAway(true);
  Client client;
  watch(client, 1);
  Seen seen;
  EXPECT_FALSE(client.frame(300ms));
  store.setAway(false);
  ASSERT_TRUE(read(client, seen, [&] { return seen.lines.size() == 3; }));
  EXPECT_TRUE(log.contains("locked"));
}

TEST_F(HubTest, BadFramesCloseOnlyTheirSender) {
  Client good;
  watch(good, std::nullopt);
  const std::pair<std::string, int> cases[] = {
      {std::string("\x81\x02hi", 4), 1002},
      {test::clientFrame(1, std::string(5000, 'x')), 1009},
      {test::clientFrame(1, "\xFF"), 1007},
      {test::clientFrame(2, "binary"), 1003},
  };
  for (const auto& [bytes, code] : cases) {
    Client bad;
    watch(bad, std::nullopt);
    bad.send(bytes);
    Seen seen;
    ASSERT_TRUE(read(bad, seen, [&] { return seen.close_code.has_value(); })) << code;
    EXPECT_EQ(seen.close_code, code);
    bad.hangUp();
  }
  ASSERT_TRUE(waitForViewers(1));
  Seen seen;
  ASSERT_TRUE(read(good, seen, [&] { return !seen.types.empty(); }));
  publishState([](Execution& e) { e.run.processed_rows = 9; });
  EXPECT_TRUE(read(good, seen, [&] { return seen.types.size() >= 2; }));
}

TEST_F(HubTest, HalfAFrameStallsNobody) {
  Client half;
  Client good;
  watch(half, std::nullopt);
  watch(good, std::nullopt);
  half.send(test::clientFrame(1, "{\"type\":\"ping\"}").substr(0, 7));
  Seen seen;
  ASSERT_TRUE(read(good, seen, [&] { return !seen.types.empty(); }));
  publishState([](Execution& e) { e.run.processed_rows = 9; });
  EXPECT_TRUE(read(good, seen, [&] { return seen.types.size() >= 2; }));
}

TEST_F(HubTest, AnswersPingsOfBothKinds) {
  Client client;
  watch(client, std::nullopt, test::clientFrame(9, "early"));
  client.send(test::clientFrame(1, R"({"type":"ping"})"));
  client.send(test::clientFrame(1, "anything else is ignored"));
  Seen seen;
  bool protocol_pong = false;
  for (int i = 0; i < 3; ++i) {
    const auto frame = client.frame();
    ASSERT_TRUE(frame);
    if (frame->opcode == 10) protocol_pong = frame->payload == "early";
    understand(*frame, seen);
  }
  EXPECT_TRUE(protocol_pong);
  EXPECT_EQ(std::count(seen.types.begin(), seen.types.end(), "pong"), 1);
}

TEST_F(HubTest, CloseIsAnsweredAndTheSeatIsFree) {
  Client client;
  watch(client, std::nullopt);
  client.send(test::clientFrame(8, std::string("\x03\xE8", 2)));
  Seen seen;
  ASSERT_TRUE(read(client, seen, [&] { return seen.close_code.has_value(); }));
  EXPECT_EQ(seen.close_code, 1000);
  EXPECT_TRUE(waitForViewers(0));
}

TEST_F(HubTest, SilentPeersArePingedAndDropped) {
  limits.viewer.ping_every = 300ms;
  Client silent;
  watch(silent, std::nullopt);
  bool pinged = false;
  while (const auto frame = silent.frame(700ms)) pinged = pinged || frame->opcode == 9;
  EXPECT_TRUE(pinged);
  EXPECT_TRUE(waitForViewers(0));
  EXPECT_TRUE(log.contains("no answer to pings"));
}

TEST_F(HubTest, PongsKeepAPeer) {
  limits.viewer.ping_every = 300ms;
  Client client;
  watch(client, std::nullopt);
  const auto end = std::chrono::steady_clock::now() + 2s;
  while (std::chrono::steady_clock::now() < end) {
    const auto frame = client.frame(500ms);
    if (frame && frame->opcode == 9) client.send(test::clientFrame(10, frame->payload));
  }
  EXPECT_EQ(hub().viewers(), 1u);
}

TEST_F(HubTest, EndedSessionsLoseTheirSockets) {
  limits.check_sessions_every = 200ms;
  Client client;
  watch(client, std::nullopt);
  Seen seen;
  ASSERT_TRUE(read(client, seen, [&] { return !seen.types.empty(); }));
  std::this_thread::sleep_for(600ms);
  EXPECT_EQ(hub().viewers(), 1u);
  sessions.remove("s1");
  ASSERT_TRUE(read(client, seen, [&] { return seen.close_code.has_value(); }));
  EXPECT_EQ(seen.close_code, 1008);
}

TEST_F(HubTest, FullHubRefuses) {
  limits.max_viewers = 2;
  Client a;
  Client b;
  Client c;
  watch(a, std::nullopt);
  watch(b, std::nullopt);
  EXPECT_FALSE(hub().hasRoom());
  watch(c, std::nullopt);
  EXPECT_EQ(hub().viewers(), 2u);
  EXPECT_FALSE(c.frame(500ms));
  a.hangUp();
  EXPECT_TRUE(waitForViewers(1));
  EXPECT_TRUE(hub().hasRoom());
}

TEST_F(HubTest, StopSaysGoodbye) {
  Client client;
  watch(client, std::nullopt);
  Seen seen;
  ASSERT_TRUE(read(client, seen, [&] { return !seen.types.empty(); }));
  hub().stop();
  ASSERT_TRUE(read(client, seen, [&] { return seen.close_code.has_value(); }));
  EXPECT_EQ(seen.close_code, 1001);
}

TEST_F(HubTest, ManyViewersComeAndGo) {
  for (int round = 0; round < 5; ++round) {
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 100; ++i) {
      clients.push_back(std::make_unique<Client>());
      watch(*clients.back(), std::nullopt);
    }
    publishState([round](Execution& e) { e.run.processed_rows = round; });
    Seen seen;
    EXPECT_TRUE(read(*clients.back(), seen, [&] { return !seen.types.empty(); }));
  }
  EXPECT_TRUE(waitForViewers(0));
}

}  // namespace
}  // namespace oscar::ws
