#include "ctl/watch.hpp"

#include "ctl/commands.hpp"
#include "ctl/http_link.hpp"
#include "ctl/interrupt.hpp"
#include "ctl/live_block.hpp"
#include "ctl/progress.hpp"
#include "ctl/terminal.hpp"
#include "ctl/words.hpp"

#include <Poco/Buffer.h>
#include <Poco/Exception.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/WebSocket.h>
#include <Poco/URI.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <optional>
#include <thread>

namespace oscar::ctl {
namespace {

using Poco::Net::HTTPRequest;
using Poco::Net::HTTPResponse;
using Poco::Net::WebSocket;

constexpr int kMaxReconnects = 60;
constexpr std::chrono::seconds kReconnectDelay{1};
/// The server pings every 30 s: a link silent for longer is dead.
constexpr int kSilenceSeconds = 75;

/// Shows messages as they come and remembers what a reconnection needs.
class Follower {
 public:
  Follower(const WatchOptions& options, Language language)
      : options_{options}, language_{language}, next_line_{options.from_line} {}

  /// Returns the outcome when `text` is the final message.
  std::optional<Exit> take(const std::string& text) {
    const std::lock_guard lock{printing_};
    if (options_.json) std::cout << text << std::endl;
    json::FieldErrors errors;
    auto message = json::Reader::parse(text, errors, 16 << 20);
    if (!message) return std::nullopt;
    auto data = message.value().object("data");
    if (!data) return std::nullopt;
    const std::string type = message.value().string("type").value_or("");
    if (type == "log") {
      takeLines(*data);
    } else if (type == "snapshot" || type == "progress" || type == "end") {
      show(viewOf(*data), type == "end");
      if (type == "end") return exitForStatus(data->string("status").value_or(""));
    }
    return std::nullopt;
  }

  /// Speaks once for an outage, however many attempts it takes.
  void lost(const std::string& why) {
    const std::lock_guard lock{printing_};
    if (lost_) return;
    lost_ = true;
    clearBlock();
    std::cout << std::flush;
    std::cerr << Text{"连接断开，正在重连：", "link lost, reconnecting: "}.in(language_) << why
              << std::endl;
  }
  void found() {
    const std::lock_guard lock{printing_};
    if (!lost_) return;
    lost_ = false;
    std::cerr << Text{"已重新连接", "connected again"}.in(language_) << std::endl;
  }
  /// Leaves what was shown, says `words` and ends the process.
  [[noreturn]] void interrupted(const std::string& words) {
    const std::lock_guard lock{printing_};
    std::cout << block_.leave() << std::flush;
    std::cerr << words << std::endl;
    // Not exit(): another thread still reads, and nothing is left to be tidied up.
    std::_Exit(static_cast<int>(Exit::kInterrupted));
  }
  bool isLost() const { return lost_; }
  std::int64_t nextLine() const { return next_line_; }

 private:
  void takeLines(json::Reader& data) {
    for (auto& line : data.objects("lines").value_or(std::vector<json::Reader>{})) {
      const std::int64_t number = line.integer("number").value_or(0);
      if (number < next_line_) continue;
      next_line_ = number + 1;
      if (!options_.log_lines || options_.json) continue;
      clearBlock();
      std::cout << line.string("text").value_or("") << '\n';
    }
    std::cout << std::flush;
  }

  void show(const ExecutionView& view, bool last) {
    if (options_.json) return;
    if (last) {
      clearBlock();
      summary(view);
    } else if (options_.progress && stdoutIsTerminal()) {
      const int width = terminalWidth();
      std::cout << block_.replaceBy(progressLines(view, width - 1, language_), width) << std::flush;
    } else if (const auto now = std::chrono::steady_clock::now();
               // Of the stage done the outcome, which is next, says more.
               options_.progress && view.stage != "done" &&
               (view.stage != shown_stage_ || view.throttled_by != shown_throttle_ ||
                now - shown_at_ >= std::chrono::seconds{5})) {
      shown_stage_ = view.stage;
      shown_throttle_ = view.throttled_by;
      shown_at_ = now;
      std::cout << progressText(view, language_) << std::endl;
    }
  }

  void summary(const ExecutionView& view) {
    const std::string outcome = outcomeText(view, language_);
    std::cout << (view.number.empty() ? "" : "#" + view.number + " ")
              << statusName(view.status, language_) << (outcome.empty() ? "" : "  " + outcome)
              << '\n';
    if (!view.error_message.empty()) std::cout << view.error_message << '\n';
    if (!view.attention.empty()) std::cout << "! " << view.attention << '\n';
    std::cout << std::flush;
  }

  void clearBlock() { std::cout << block_.remove(terminalWidth()); }

  const WatchOptions& options_;
  const Language language_;
  std::mutex printing_;  // Ctrl-C speaks from a thread of its own
  std::int64_t next_line_;
  LiveBlock block_;
  bool lost_ = false;
  std::string shown_stage_, shown_throttle_;
  std::chrono::steady_clock::time_point shown_at_{};
};

/// What is said last when a person ends the following.
Text goesOn(const std::string& execution, bool stopping) {
  const std::string watch = "oscarctl watch " + execution;
  const std::string stop = "oscarctl stop " + execution;
  const std::string name = (looksLikeUuid(execution) ? "" : "#") + execution;
  if (stopping) {
    return {"执行 " + name + " 的停止仍在进行：" + watch + " 继续跟随",
            "the stop of execution " + name + " goes on: " + watch};
  }
  return {"执行 " + name + " 仍在继续：" + watch + " 继续跟随，" + stop + " 停止它",
          "execution " + name + " goes on: " + watch + ", " + stop};
}

/// Reads whole messages until the end; nullopt when the link closed before.
std::optional<Exit> followOnce(const ApiClient& api, const std::string& id, Follower& follower) {
  const Poco::URI uri{api.url()};
  const auto link = openLink(uri);
  HTTPRequest request{HTTPRequest::HTTP_GET,
                      uri.getPath() + "/ws/execution/" + urlEncode(id) +
                          "?from_line=" + std::to_string(follower.nextLine()) +
                          "&lang=" + (api.language() == Language::kZh ? "zh-CN" : "en"),
                      HTTPRequest::HTTP_1_1};
  request.set("Sec-WebSocket-Protocol", "oscar.v1, bearer." + api.token());
  HTTPResponse response;
  WebSocket socket{*link, request, response};
  socket.setReceiveTimeout(Poco::Timespan{kSilenceSeconds, 0});
  socket.setMaxPayloadSize(16 << 20);
  std::string text;
  while (true) {
    Poco::Buffer<char> frame{0};
    int flags = 0;
    const int size = socket.receiveFrame(frame, flags);
    const int opcode = flags & WebSocket::FRAME_OP_BITMASK;
    if (opcode == WebSocket::FRAME_OP_PING) {
      socket.sendFrame(
          frame.begin(), size,
          static_cast<int>(WebSocket::FRAME_FLAG_FIN) | static_cast<int>(WebSocket::FRAME_OP_PONG));
      continue;
    }
    if ((size == 0 && flags == 0) || opcode == WebSocket::FRAME_OP_CLOSE) return std::nullopt;
    if (opcode == WebSocket::FRAME_OP_PONG) continue;
    text.append(frame.begin(), static_cast<std::size_t>(size));
    if ((flags & WebSocket::FRAME_FLAG_FIN) == 0) continue;
    follower.found();
    if (const auto outcome = follower.take(text)) return outcome;
    text.clear();
  }
}

}  // namespace

Exit exitForStatus(const std::string& status) {
  if (status == "completed") return Exit::kOk;
  return status == "cancelled" ? Exit::kCancelled : Exit::kFailed;
}

Exit watch(const ApiClient& api, const std::string& execution_id, const WatchOptions& options) {
  Follower follower{options, api.language()};
  const InterruptWatch interrupt{[&] {
    const std::string& name = options.number.empty() ? execution_id : options.number;
    follower.interrupted(goesOn(name, options.stopping).in(api.language()));
  }};
  for (int attempt = 0; attempt < kMaxReconnects; ++attempt) {
    std::string why = "closed";
    try {
      if (const auto outcome = followOnce(api, execution_id, follower)) return *outcome;
    } catch (const Poco::Net::WebSocketException& e) {
      why = e.displayText();
      // Not a WebSocket answer: the REST call gives the reason (unknown, not allowed) in words.
      ApiClient{api}.call("GET", "/api/v1/executions/" + urlEncode(execution_id));
    } catch (const Poco::Exception& e) {
      why = e.displayText();
    } catch (const CtlError& e) {
      if (e.exit() == Exit::kUsage) throw;
      why = e.message().in(api.language());
    }
    if (!follower.isLost()) attempt = 0;
    follower.lost(why);
    std::this_thread::sleep_for(kReconnectDelay);
  }
  throw CtlError{Exit::kNoServer,
                 {"oscard 一直无法连接；执行本身不受影响，仍在继续",
                  "oscard stayed away; the execution goes on without it"}};
}

}  // namespace oscar::ctl
