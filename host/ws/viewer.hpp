#pragma once

#include "ports/upgrade_handler.hpp"
#include "ws/frame_codec.hpp"
#include "ws/messages.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace oscar::ws {

using Instant = std::chrono::steady_clock::time_point;

/// What one WebSocket is for.
struct Watch {
  std::string execution_id;
  std::string session_id;  ///< empty: bound to no session
  std::string username;
  std::string peer_address;
  Language language = Language::kZh;
  /// First log line wanted; absent = only lines that come after the connection was made.
  std::optional<std::int64_t> from_line;
};

/// Bounds of one viewer; one that goes beyond them is closed.
struct ViewerLimits {
  std::size_t max_queued_bytes = 1 << 20;  ///< not yet taken by the client
  std::size_t max_message_bytes = 4096;    ///< from the client
  std::chrono::milliseconds ping_every{30'000};
  std::chrono::milliseconds close_within{5'000};  ///< for the client's answer to a close frame
};

/// What the store has to be asked for next.
struct Wish {
  bool state = false;          ///< the execution itself and its last line's number
  std::int64_t from_line = 0;  ///< lines from here on; 0 = none
};

/// The answer to a Wish.
struct Findings {
  Wish asked;
  bool reached = false;                ///< false: the store was away, ask again later
  std::optional<Execution> execution;  ///< to Wish::state; absent = there is no such execution
  std::int64_t last_line = 0;          ///< to Wish::state
  std::vector<LogLine> lines;          ///< to Wish::from_line; to Wish::state the newest line
};

/// What the bus told about one execution since the last time.
struct News {
  std::optional<LiveState> state;  ///< the newest
  std::vector<LogLine> lines;      ///< contiguous; may begin anywhere
  std::int64_t last_line = 0;      ///< the highest number seen, also of lines that were not kept
};

/// One viewer: what it has been sent, what it must be sent next, and its socket. Holds no more than
/// the limits say, however slow the client is: state messages give way to newer ones, log lines
/// stay in the store until there is room. One thread at a time; never blocks.
class Viewer {
 public:
  Viewer(std::unique_ptr<ports::DetachedSocket> socket, const std::string& early, Watch watch,
         const ViewerLimits& limits, Instant now);

  /// Reads what is there (bounded, so that one flooding client cannot starve the others). True when
  /// more may be waiting although the descriptor is silent.
  bool receive(Instant now);
  void take(const News& news);
  void take(const Findings& findings, Instant now);
  /// Queues what is due and writes what the client takes.
  void pump(Instant now);
  /// Pings, and gives up on the dead.
  void tick(Instant now);
  void close(int code, std::string_view reason, Instant now);

  /// What to read from the store now; nullopt when nothing, or when an answer is awaited.
  std::optional<Wish> nextWish(Instant now);

  int descriptor() const { return socket_->descriptor(); }
  bool wantsToWrite() const { return sent_ < out_.size(); }
  bool gone() const { return gone_; }
  const std::string& goneBecause() const { return gone_because_; }
  const Watch& watch() const { return watch_; }

 private:
  void handleBytes(std::string_view bytes, Instant now);
  void handle(const Message& message, Instant now);
  void adoptState(LiveState state);
  void takeState(const Findings& findings, Instant now);
  void noteNewest(const std::vector<LogLine>& lines);
  void sendLines(const std::vector<LogLine>& lines);
  void sendState(std::string_view type);
  void queue(std::string_view frame);
  void flush();
  bool hasRoom() const { return out_.size() - sent_ < limits_.max_queued_bytes / 2; }
  bool linesDue() const { return cursor_ <= last_line_; }
  void giveUp(std::string why);

  std::unique_ptr<ports::DetachedSocket> socket_;
  Watch watch_;
  ViewerLimits limits_;
  FrameDecoder decoder_;

  std::string out_;
  std::size_t sent_ = 0;
  std::int64_t seq_ = 0;

  std::optional<LiveState> state_;
  bool state_due_ = false;
  bool state_stale_ = false;  ///< an event came that only the store can put in order
  bool snapshot_sent_ = false;
  bool end_known_ = false;  ///< state_ and last_line_ are final
  std::int64_t newest_number_ = 0;
  std::string newest_line_;
  std::int64_t cursor_ = 0;  ///< next line to send
  std::int64_t last_line_ = 0;

  bool asking_ = false;
  Instant ask_again_{};
  Instant heard_;
  Instant pinged_;
  std::optional<Instant> closing_since_;
  bool close_answered_ = false;
  bool gone_ = false;
  std::string gone_because_;
  std::string closed_with_;  ///< code and reason of the close frame that was sent
};

}  // namespace oscar::ws
