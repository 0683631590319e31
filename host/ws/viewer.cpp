#include "ws/viewer.hpp"

#include <algorithm>
#include <span>

namespace oscar::ws {
namespace {

constexpr int kReadsPerTurn = 8;
constexpr std::size_t kReadBytes = std::size_t{16} * 1024;
constexpr std::size_t kLinesPerMessage = 200;
constexpr std::size_t kBytesPerMessage = std::size_t{64} * 1024;
constexpr std::chrono::seconds kAskAgainAfter{1};
/// Silence that proves a dead peer: two pings went unanswered and some.
constexpr double kSilentPings = 2.5;

/// How many of the lines go into one message.
std::size_t batchSize(std::span<const LogLine> lines) {
  std::size_t bytes = 0;
  std::size_t count = 0;
  while (count < lines.size() && count < kLinesPerMessage && bytes < kBytesPerMessage) {
    bytes += lines[count++].text.size();
  }
  return count;
}

}  // namespace

Viewer::Viewer(std::unique_ptr<ports::DetachedSocket> socket, const std::string& early, Watch watch,
               const ViewerLimits& limits, Instant now)
    : socket_{std::move(socket)},
      watch_{std::move(watch)},
      limits_{limits},
      decoder_{limits.max_message_bytes},
      heard_{now},
      pinged_{now} {
  if (!early.empty()) handleBytes(early, now);
}

bool Viewer::receive(Instant now) {
  char buffer[kReadBytes];
  for (int i = 0; i < kReadsPerTurn && !gone_; ++i) {
    const std::ptrdiff_t count = socket_->read(buffer, sizeof buffer);
    if (count == 0) return false;
    if (count < 0) {
      giveUp(closing_since_ ? "closed" : "connection lost");
      return false;
    }
    handleBytes({buffer, static_cast<std::size_t>(count)}, now);
  }
  return !gone_;
}

void Viewer::handleBytes(std::string_view bytes, Instant now) {
  heard_ = now;
  decoder_.feed(bytes);
  while (auto message = decoder_.next()) handle(*message, now);
  if (decoder_.error()) close(decoder_.error()->code, decoder_.error()->reason, now);
}

void Viewer::handle(const Message& message, Instant now) {
  switch (message.kind) {
    case Message::Kind::kClose:
      close_answered_ = true;
      close(message.code == 1005 ? close_code::kNormal : message.code, "", now);
      break;
    case Message::Kind::kPing:
      if (hasRoom() && !closing_since_) queue(pongFrame(message.payload));
      break;
    case Message::Kind::kText:
      if (hasRoom() && !closing_since_ && isPing(message.payload)) {
        queue(textFrame(pongMessage(++seq_)));
      }
      break;
    case Message::Kind::kBinary:
      close(close_code::kUnsupported, "only text is understood", now);
      break;
    case Message::Kind::kPong:
      break;
  }
}

void Viewer::take(const News& news) {
  if (end_known_) return;
  last_line_ = std::max(last_line_, news.last_line);
  noteNewest(news.lines);
  if (!state_) {
    // A look at the store is under way and may be older or newer than this: look again.
    state_stale_ = state_stale_ || news.state.has_value();
    return;
  }
  if (news.state) adoptState(*news.state);
  sendLines(news.lines);
}

void Viewer::adoptState(LiveState state) {
  // An event may be older than what the store said: the state machine has no way back.
  if (state.status != state_->status && !mayChange(state_->status, state.status)) return;
  if (isFinal(state.status)) {
    state_stale_ = true;  // shown once the store has given the last line's number too
    return;
  }
  state_ = std::move(state);
  state_due_ = true;
}

void Viewer::take(const Findings& findings, Instant now) {
  asking_ = false;
  noteNewest(findings.lines);
  if (!findings.reached) {
    state_stale_ = state_stale_ || findings.asked.state;
    ask_again_ = now + kAskAgainAfter;
  } else if (findings.asked.state) {
    takeState(findings, now);
  } else if (findings.lines.empty()) {
    ask_again_ = now + kAskAgainAfter;  // announced, but not readable yet
  } else {
    sendLines(findings.lines);
  }
}

void Viewer::takeState(const Findings& findings, Instant now) {
  if (!findings.execution) {
    close(close_code::kInternal, "the execution is not there any more", now);
    return;
  }
  const bool first = !state_;
  state_ = stateOf(*findings.execution);
  state_due_ = true;
  last_line_ = std::max(last_line_, findings.last_line);
  if (first) cursor_ = watch_.from_line.value_or(findings.last_line + 1);
  end_known_ = isFinal(state_->status);
}

void Viewer::noteNewest(const std::vector<LogLine>& lines) {
  if (lines.empty() || lines.back().number < newest_number_) return;
  newest_number_ = lines.back().number;
  newest_line_ = lines.back().text;
}

void Viewer::sendLines(const std::vector<LogLine>& lines) {
  const auto begin = std::find_if(lines.begin(), lines.end(),
                                  [this](const LogLine& line) { return line.number >= cursor_; });
  // A gap before the first means that older ones must come from the store first.
  if (begin == lines.end() || begin->number != cursor_) return;
  std::span<const LogLine> rest{begin, lines.end()};
  while (!rest.empty() && snapshot_sent_ && hasRoom() && !closing_since_) {
    const std::size_t count = batchSize(rest);
    queue(textFrame(logMessage(++seq_, watch_.execution_id, rest.first(count))));
    cursor_ = rest[count - 1].number + 1;
    rest = rest.subspan(count);
  }
}

void Viewer::sendState(std::string_view type) {
  queue(textFrame(stateMessage(type, ++seq_, *state_, newest_line_, watch_.language)));
}

void Viewer::pump(Instant now) {
  flush();
  if (!gone_ && state_ && !closing_since_ && hasRoom()) {
    if (!snapshot_sent_) {
      sendState("snapshot");
      snapshot_sent_ = true;
      state_due_ = false;
    } else if (state_due_ && !end_known_) {
      sendState("progress");
      state_due_ = false;
    }
    if (end_known_ && !linesDue()) {
      sendState("end");
      close(close_code::kNormal, "the execution has ended", now);
    }
  }
  flush();
  if (!gone_ && closing_since_ && close_answered_ && !wantsToWrite()) {
    giveUp("closed, " + closed_with_);
  }
}

std::optional<Wish> Viewer::nextWish(Instant now) {
  if (asking_ || gone_ || closing_since_ || now < ask_again_) return std::nullopt;
  Wish wish;
  if (!state_ || (state_stale_ && !end_known_)) {
    wish.state = true;
    state_stale_ = false;
  } else if (linesDue() && snapshot_sent_ && hasRoom()) {
    wish.from_line = cursor_;
  } else {
    return std::nullopt;
  }
  asking_ = true;
  return wish;
}

void Viewer::tick(Instant now) {
  if (gone_) return;
  if (closing_since_) {
    if (now - *closing_since_ > limits_.close_within) giveUp("did not answer the close");
    return;
  }
  if (now - heard_ > limits_.ping_every * kSilentPings) {
    giveUp("no answer to pings");
  } else if (now - pinged_ >= limits_.ping_every) {
    pinged_ = now;
    if (hasRoom()) queue(pingFrame("oscar"));
  }
}

void Viewer::close(int code, std::string_view reason, Instant now) {
  if (closing_since_) return;
  queue(closeFrame(code, reason));
  closed_with_ = std::to_string(code) + (reason.empty() ? "" : " " + std::string{reason});
  closing_since_ = now;
}

void Viewer::queue(std::string_view frame) {
  out_.append(frame);
}

void Viewer::flush() {
  while (!gone_ && wantsToWrite()) {
    const std::ptrdiff_t count = socket_->write(std::string_view{out_}.substr(sent_));
    if (count < 0) giveUp("connection lost");
    if (count <= 0) break;
    sent_ += static_cast<std::size_t>(count);
  }
  if (sent_ == out_.size() || sent_ > limits_.max_queued_bytes / 2) {
    out_.erase(0, sent_);
    sent_ = 0;
  }
}

void Viewer::giveUp(std::string why) {
  if (gone_) return;
  gone_ = true;
  gone_because_ = std::move(why);
}

}  // namespace oscar::ws
