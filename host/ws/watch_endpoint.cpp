#include "ws/watch_endpoint.hpp"

#include "domain/error.hpp"
#include "services/execution_lookup.hpp"
#include "ws/handshake.hpp"

#include <charconv>

namespace oscar::ws {
namespace {

std::optional<std::int64_t> positiveNumber(std::string_view text) {
  std::int64_t number = 0;
  const auto [stop, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{} || stop != text.data() + text.size() || number < 1) {
    return std::nullopt;
  }
  return number;
}

/// Reads the query; every unknown or wrong parameter is named.
void readQuery(const ports::UpgradeRequest& request, Watch& watch) {
  std::vector<FieldError> errors;
  watch.language = request.language;
  for (const auto& [name, value] : request.query) {
    if (name == "from_line") {
      watch.from_line = positiveNumber(value);
      if (!watch.from_line) {
        errors.push_back({name, {"应为大于 0 的整数", "must be an integer above 0"}});
      }
    } else if (name == "lang") {
      if (value != "en" && !value.starts_with("zh")) {
        errors.push_back({name, {"应为 zh-CN 或 en", "must be zh-CN or en"}});
      }
      watch.language = value == "en" ? Language::kEn : Language::kZh;
    } else if (name != "ticket") {
      errors.push_back({name, {"未知参数", "is not a known parameter"}});
    }
  }
  if (!errors.empty()) throw ServiceError::invalidFields(std::move(errors));
}

}  // namespace

WatchEndpoint::WatchEndpoint(SessionHub& hub, ports::ExecutionStore& executions,
                             ports::TicketOffice& tickets, Authenticate authenticate,
                             std::vector<std::string> allowed_origins)
    : hub_{hub},
      executions_{executions},
      tickets_{tickets},
      authenticate_{std::move(authenticate)},
      allowed_origins_{std::move(allowed_origins)} {}

ports::UpgradeAnswer WatchEndpoint::accept(const ports::UpgradeRequest& request) {
  if (request.path.size() != 3 || request.path[0] != "ws" || request.path[1] != "execution") {
    throw ServiceError{ErrorCode::kNotFound,
                       {"没有这个 WebSocket 地址；可用的是 /ws/execution/{id}。",
                        "There is no such WebSocket; there is /ws/execution/{id}."}};
  }
  checkHandshake(request);
  if (!originAllowed(request, allowed_origins_)) {
    throw ServiceError{ErrorCode::kForbidden,
                       {"来源（Origin）不被允许。请在配置 http.allowed_origins 中加入它。",
                        "This Origin is not allowed. Add it to http.allowed_origins."}};
  }
  const Principal principal = whoAsks(request);
  Watch watch;
  readQuery(request, watch);
  watch.execution_id = services::findExecution(executions_, request.path[2]).id;
  watch.session_id = principal.session_id;
  watch.username = principal.username;
  watch.peer_address = request.peer_address;
  if (!hub_.hasRoom()) {
    throw ServiceError{ErrorCode::kUnavailable,
                       {"观看者太多，请稍后重试；进度也可以用 REST 查询。",
                        "Too many viewers; try again later. REST tells the progress too."}}
        .withRetryAfter(10);
  }
  ports::UpgradeAnswer answer;
  answer.headers = {{"Upgrade", "websocket"},
                    {"Connection", "Upgrade"},
                    {"Sec-WebSocket-Accept", acceptKey(request.headers.at("sec-websocket-key"))}};
  if (offersSubprotocol(request)) {
    answer.headers.emplace_back("Sec-WebSocket-Protocol", std::string{kSubprotocol});
  }
  answer.adopt = [this, watch](std::unique_ptr<ports::DetachedSocket> socket, std::string early) {
    hub_.adopt(std::move(socket), std::move(early), watch);
  };
  return answer;
}

Principal WatchEndpoint::whoAsks(const ports::UpgradeRequest& request) {
  if (const std::string token = offeredToken(request); !token.empty()) return authenticate_(token);
  if (const auto ticket = request.query.find("ticket"); ticket != request.query.end()) {
    if (auto principal = tickets_.redeem(ticket->second)) return *principal;
    throw ServiceError{ErrorCode::kUnauthenticated,
                       {"票据无效、已用过或超过 30 秒。请重新领取。",
                        "The ticket is unknown, used or older than 30 seconds. Get a new one."}};
  }
  throw ServiceError{ErrorCode::kUnauthenticated,
                     {"未登录：请用子协议 oscar.v1, bearer.<token> 或一次性票据 ?ticket=。",
                      "Not logged in: use the subprotocols oscar.v1, bearer.<token> or a one-use "
                      "?ticket=."}};
}

}  // namespace oscar::ws
