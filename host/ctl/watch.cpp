#include "ctl/watch.hpp"

#include "ctl/http_link.hpp"
#include "ctl/render.hpp"
#include "ctl/terminal.hpp"

#include <Poco/Buffer.h>
#include <Poco/Exception.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/WebSocket.h>
#include <Poco/URI.h>

#include <chrono>
#include <iostream>
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
    if (lost_) return;
    lost_ = true;
    clearLine();
    std::cerr << Text{"连接断开，正在重连：", "link lost, reconnecting: "}.in(language_) << why
              << std::endl;
  }
  void found() {
    if (!lost_) return;
    lost_ = false;
    std::cerr << Text{"已重新连接", "connected again"}.in(language_) << std::endl;
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
      clearLine();
      std::cout << line.string("text").value_or("") << '\n';
    }
    std::cout << std::flush;
  }

  void show(const ExecutionView& view, bool last) {
    if (options_.json || !options_.progress) {
      if (last && !options_.json) summary(view);
      return;
    }
    if (stdoutIsTerminal()) {
      std::cout << '\r' << renderProgress(view, terminalWidth() - 1, language_) << "\x1b[K"
                << std::flush;
      line_open_ = true;
    } else if (const auto now = std::chrono::steady_clock::now();
               view.stage != shown_stage_ || view.throttled_by != shown_throttle_ || last ||
               now - shown_at_ >= std::chrono::seconds{5}) {
      shown_stage_ = view.stage;
      shown_throttle_ = view.throttled_by;
      shown_at_ = now;
      std::cout << renderProgress(view, 200, language_) << std::endl;
    }
    if (last) {
      clearLine();
      summary(view);
    }
  }

  void summary(const ExecutionView& view) {
    std::cout << (view.number.empty() ? "" : "#" + view.number + " ")
              << statusName(view.status, language_) << '\n';
    if (!view.error_message.empty()) std::cout << view.error_message << '\n';
    if (!view.attention.empty()) std::cout << "! " << view.attention << '\n';
    std::cout << std::flush;
  }

  void clearLine() {
    if (line_open_) std::cout << "\r\x1b[K";
    line_open_ = false;
  }

  const WatchOptions& options_;
  const Language language_;
  std::int64_t next_line_;
  bool line_open_ = false;
  bool lost_ = false;
  std::string shown_stage_, shown_throttle_;
  std::chrono::steady_clock::time_point shown_at_{};
};

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
