#include "ws/frame_codec.hpp"

#include "support/ws_frames.hpp"

#include <gtest/gtest.h>

namespace oscar::ws {
namespace {

using test::clientFrame;

constexpr std::size_t kMax = 1000;

struct Outcome {
  std::vector<Message> messages;
  std::optional<ProtocolError> error;
};

/// Feeds `bytes` in pieces of `step`, as a network may.
Outcome decode(std::string_view bytes, std::size_t step) {
  FrameDecoder decoder{kMax};
  Outcome outcome;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    decoder.feed(bytes.substr(at, step));
    while (auto message = decoder.next()) outcome.messages.push_back(*message);
  }
  outcome.error = decoder.error();
  return outcome;
}

TEST(FrameDecoder, ReadsMessagesHoweverTheyArrive) {
  const std::string bytes = clientFrame(0x1, "你好") + clientFrame(0x9, "p") +
                            clientFrame(0x1, std::string(200, 'x')) + clientFrame(0xA, "") +
                            clientFrame(0x2, std::string("\0\xFF", 2));
  for (const std::size_t step : {std::size_t{1}, std::size_t{3}, std::size_t{7}, bytes.size()}) {
    const Outcome outcome = decode(bytes, step);
    EXPECT_FALSE(outcome.error);
    ASSERT_EQ(outcome.messages.size(), 5u) << step;
    EXPECT_EQ(outcome.messages[0].payload, "你好");
    EXPECT_EQ(outcome.messages[1].kind, Message::Kind::kPing);
    EXPECT_EQ(outcome.messages[2].payload, std::string(200, 'x'));
    EXPECT_EQ(outcome.messages[3].kind, Message::Kind::kPong);
    EXPECT_EQ(outcome.messages[4].kind, Message::Kind::kBinary);
  }
}

TEST(FrameDecoder, JoinsFragmentsAroundControlFrames) {
  // The character is cut in the middle, which is allowed.
  const std::string bytes = clientFrame(0x1, "\xE4\xBD", false) + clientFrame(0x9, "") +
                            clientFrame(0x0, "\xA0", false) + clientFrame(0x0, "!");
  const Outcome outcome = decode(bytes, 1);
  ASSERT_EQ(outcome.messages.size(), 2u);
  EXPECT_EQ(outcome.messages[0].kind, Message::Kind::kPing);
  EXPECT_EQ(outcome.messages[1].payload, "你!");
}

TEST(FrameDecoder, ReadsCloseFrames) {
  const Outcome with_code = decode(clientFrame(0x8, std::string("\x03\xE8", 2) + "bye"), 1);
  ASSERT_EQ(with_code.messages.size(), 1u);
  EXPECT_EQ(with_code.messages[0].code, 1000);
  EXPECT_EQ(with_code.messages[0].payload, "bye");
  EXPECT_EQ(decode(clientFrame(0x8, ""), 1).messages.at(0).code, 1005);
}

TEST(FrameDecoder, RefusesWhatTheProtocolForbids) {
  struct Case {
    const char* what;
    std::string bytes;
    int code;
  };
  const auto closing = [](int code) {
    return clientFrame(0x8, std::string{static_cast<char>(code >> 8), static_cast<char>(code)});
  };
  const Case cases[] = {
      {"not masked", std::string("\x81\x02hi", 4), 1002},
      {"reserved bit", std::string("\xC1\x80\0\0\0\0", 6), 1002},
      {"opcode 3", clientFrame(0x3, ""), 1002},
      {"opcode 11", clientFrame(0xB, ""), 1002},
      {"fragmented ping", clientFrame(0x9, "", false), 1002},
      {"long ping", clientFrame(0x9, std::string(126, 'x')), 1002},
      {"continuation of nothing", clientFrame(0x0, "x"), 1002},
      {"message inside a message", clientFrame(0x1, "a", false) + clientFrame(0x1, "b"), 1002},
      {"16-bit length of 5", std::string("\x81\xFE\x00\x05\0\0\0\0hello", 13), 1002},
      {"64-bit length of 5", std::string("\x81\xFF\0\0\0\0\0\0\0\x05\0\0\0\0hello", 19), 1002},
      {"negative length", std::string("\x81\xFF\x80\0\0\0\0\0\0\0\0\0\0\0", 14), 1002},
      {"too big", clientFrame(0x1, std::string(kMax + 1, 'x')), 1009},
      {"huge, only announced", std::string("\x81\xFF\0\0\0\x7F\0\0\0\0\0\0\0\0", 14), 1009},
      {"too big in fragments",
       clientFrame(0x1, std::string(600, 'x'), false) + clientFrame(0x0, std::string(600, 'x')),
       1009},
      {"text is not UTF-8", clientFrame(0x1, "\xFF"), 1007},
      {"close code of one byte", clientFrame(0x8, "\x03"), 1002},
      {"close 1005", closing(1005), 1002},
      {"close 1006", closing(1006), 1002},
      {"close 999", closing(999), 1002},
      {"close 2000", closing(2000), 1002},
      {"close reason is not UTF-8", clientFrame(0x8, std::string("\x03\xE8\xFF", 3)), 1007},
  };
  for (const Case& c : cases) {
    for (const std::size_t step : {std::size_t{1}, std::size_t{4096}}) {
      const Outcome outcome = decode(c.bytes, step);
      ASSERT_TRUE(outcome.error) << c.what;
      EXPECT_EQ(outcome.error->code, c.code) << c.what;
      EXPECT_TRUE(outcome.messages.empty()) << c.what;
    }
  }
}

TEST(FrameDecoder, RandomBytesNeverMakeItMisbehave) {
  unsigned state = 12345;
  for (int round = 0; round < 2000; ++round) {
    FrameDecoder decoder{kMax};
    for (int piece = 0; piece < 10; ++piece) {
      std::string bytes;
      for (int i = 0; i < 50; ++i) {
        state = state * 1664525 + 1013904223;
        bytes += static_cast<char>(state >> 24);
      }
      decoder.feed(bytes);
      while (auto message = decoder.next()) EXPECT_LE(message->payload.size(), kMax);
    }
  }
}

TEST(Frames, AreWrittenTheShortestWay) {
  EXPECT_EQ(textFrame("hi"), std::string("\x81\x02hi", 4));
  EXPECT_EQ(textFrame(std::string(125, 'x')).substr(0, 2), "\x81\x7D");
  EXPECT_EQ(textFrame(std::string(126, 'x')).substr(0, 4), std::string("\x81\x7E\x00\x7E", 4));
  EXPECT_EQ(textFrame(std::string(65535, 'x')).substr(0, 4), "\x81\x7E\xFF\xFF");
  EXPECT_EQ(textFrame(std::string(65536, 'x')).substr(0, 10),
            std::string("\x81\x7F\0\0\0\0\0\x01\0\0", 10));
  EXPECT_EQ(closeFrame(1000, "ok"), std::string("\x88\x04\x03\xE8ok", 6));
}

TEST(Frames, CloseReasonIsCutAtACharacter) {
  std::string reason;
  for (int i = 0; i < 50; ++i) reason += "表";
  const std::string frame = closeFrame(1002, reason);
  EXPECT_EQ(static_cast<unsigned char>(frame[1]), frame.size() - 2);
  EXPECT_LE(frame.size(), 127u);
  EXPECT_EQ((frame.size() - 4) % 3, 0u);
}

}  // namespace
}  // namespace oscar::ws
