#include "http/middleware.hpp"

#include "domain/ids.hpp"
#include "http/error_mapper.hpp"
#include "http/redaction.hpp"
#include "json/writer.hpp"

#include <algorithm>
#include <chrono>

namespace oscar::http {
namespace {

bool isHarmlessId(std::string_view id) {
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
}

/// Log lines stay lines: a path can hold anything that was percent-encoded, but also raw bytes.
std::string printable(std::string_view text) {
  std::string out{text.substr(0, 500)};
  std::replace_if(
      out.begin(), out.end(),
      [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, '?');
  return out;
}

Role requiredRole(Access access) {
  switch (access) {
    case Access::kAdmin:
      return Role::kAdmin;
    case Access::kOperator:
      return Role::kOperator;
    default:
      return Role::kViewer;
  }
}

std::string join(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

int elapsedMs(const ports::Clock& clock, std::chrono::steady_clock::time_point since) {
  return static_cast<int>(
      std::chrono::duration_cast<std::chrono::milliseconds>(clock.steady() - since).count());
}

void logFailure(ports::Log& log, const Call& call, const ServiceError& error) {
  const bool ours = error.code() == ErrorCode::kInternal || error.code() == ErrorCode::kUnavailable;
  if (!ours && error.internal().empty()) return;
  log.write(ours ? ports::LogLevel::kError : ports::LogLevel::kInfo, "http",
            "request " + call.request.request_id + " " + call.request.method + " " +
                printable(call.request.path) + ": " + error.what());
}

void fillAudit(AuditEntry& entry, const Call& call) {
  entry.user_id = call.authenticated ? call.principal.user_id : call.audit.user_id;
  entry.username = call.authenticated ? call.principal.username : call.audit.username;
  entry.action = call.route->action;
  entry.resource_type = call.route->resource_type;
  entry.resource_id = call.audit.resource_id;
  if (const auto id = call.params.find("id"); entry.resource_id.empty() && id != call.params.end())
    entry.resource_id = id->second.substr(0, 36);
  entry.request_data = redactedBody(call.request.body, call.route->secret_fields);
  entry.ip_address = call.request.peer_address;
  entry.user_agent = printable(call.request.headers.get("User-Agent"));
}

std::string auditOutcome(int code, std::string_view message) {
  return json::Writer{}
      .beginObject()
      .field("code", code)
      .field("message", message)
      .endObject()
      .take();
}

}  // namespace

Middleware requestId(Language fallback) {
  return [fallback](Call& call, const Next& next) {
    const std::string_view given = call.request.headers.get("X-Request-Id");
    call.request.request_id = isHarmlessId(given) ? std::string{given} : newUuid();
    call.request.language =
        negotiateLanguage(call.request.headers.get("Accept-Language"), fallback);
    Response response = next(call);
    response.headers.set("X-Request-Id", call.request.request_id);
    return response;
  };
}

Middleware accessLog(ports::Log& log, const ports::Clock& clock) {
  return [&log, &clock](Call& call, const Next& next) {
    const auto started = clock.steady();
    Response response = next(call);
    log.write(ports::LogLevel::kInfo, "http",
              call.request.method + " " + printable(call.request.path) + " " +
                  std::to_string(response.status) + " " +
                  std::to_string(elapsedMs(clock, started)) +
                  " ms ip=" + call.request.peer_address +
                  " user=" + (call.authenticated ? call.principal.username : std::string{"-"}) +
                  " id=" + call.request.request_id);
    return response;
  };
}

Middleware securityHeaders() {
  return [](Call& call, const Next& next) {
    Response response = next(call);
    HeaderMap& headers = response.headers;
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("X-Frame-Options", "DENY");
    headers.set("Referrer-Policy", "no-referrer");
    if (!headers.has("Content-Security-Policy")) {
      headers.set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    }
    if (!headers.has("Cache-Control")) headers.set("Cache-Control", "no-store");
    if (call.request.secure) headers.set("Strict-Transport-Security", "max-age=31536000");
    return response;
  };
}

Middleware envelopes(ports::Log& log, const ports::Clock& clock) {
  return [&log, &clock](Call& call, const Next& next) {
    try {
      Response response = next(call);
      if (response.data) {
        response.body = envelope(200, "success", *response.data, clock.now());
        response.data.reset();
        response.headers.set("Content-Type", "application/json; charset=utf-8");
      }
      return response;
    } catch (...) {
      const ServiceError error = toServiceError(std::current_exception());
      logFailure(log, call, error);
      Response response =
          errorResponse(error, call.request.language, call.request.request_id, clock.now());
      // Only the routing throws this code; it left the methods of the path here.
      if (const auto allow = call.params.find("Allow");
          error.code() == ErrorCode::kMethodNotAllowed && allow != call.params.end()) {
        response.headers.set("Allow", allow->second);
      }
      return response;
    }
  };
}

Middleware storeSign(std::function<bool()> store_writable) {
  return [store_writable = std::move(store_writable)](Call& call, const Next& next) {
    Response response = next(call);
    if (store_writable && !store_writable()) response.headers.set("X-Oscar-Store", "unavailable");
    return response;
  };
}

Middleware routing(const Router& router) {
  return [&router](Call& call, const Next& next) {
    Router::Match match = router.find(call.request.method, call.request.path);
    if (match.route) {
      call.route = match.route;
      call.params = std::move(match.params);
      return next(call);
    }
    if (match.allowed.empty()) {
      throw ServiceError{ErrorCode::kNotFound,
                         {"没有这个地址。接口说明见 /api/v1/openapi.yaml。",
                          "There is nothing at this address. See /api/v1/openapi.yaml."}};
    }
    const std::string allow = join(match.allowed);
    if (call.request.method == "OPTIONS") {
      Response response;
      response.status = 204;
      response.headers.set("Allow", allow);
      return response;
    }
    call.params["Allow"] = allow;
    throw ServiceError{ErrorCode::kMethodNotAllowed,
                       {"这个地址不支持 " + call.request.method + "，可用的方法：" + allow + "。",
                        "This address does not take " + call.request.method +
                            "; methods that it takes: " + allow + "."}};
  };
}

Middleware audit(RecordAudit record, const ports::Clock& clock) {
  return [record = std::move(record), &clock](Call& call, const Next& next) {
    if (call.route->action.empty()) return next(call);
    const auto started = clock.steady();
    AuditEntry entry;
    entry.created_at = clock.now();
    const auto finish = [&](int code, std::string_view message) {
      fillAudit(entry, call);
      entry.response_data = auditOutcome(code, message);
      entry.execution_time_ms = elapsedMs(clock, started);
      record(std::move(entry));
    };
    try {
      Response response = next(call);
      finish(200, "success");
      return response;
    } catch (...) {
      const ServiceError error = toServiceError(std::current_exception());
      finish(static_cast<int>(error.code()), error.message().in(call.request.language));
      throw;
    }
  };
}

Middleware bodyLimit(std::int64_t max_bytes) {
  return [max_bytes](Call& call, const Next& next) {
    if (static_cast<std::int64_t>(call.request.body.size()) > max_bytes) {
      throw bodyTooLarge(max_bytes);
    }
    return next(call);
  };
}

Middleware authentication(Authenticate authenticate) {
  return [authenticate = std::move(authenticate)](Call& call, const Next& next) {
    if (call.request.principal) {
      call.principal = *call.request.principal;
      call.authenticated = true;
    } else if (call.route->access != Access::kPublic) {
      const std::string_view header = call.request.headers.get("Authorization");
      constexpr std::string_view kScheme = "Bearer ";
      if (header.size() <= kScheme.size() ||
          !equalsIgnoringCase(header.substr(0, kScheme.size()), kScheme)) {
        throw ServiceError{ErrorCode::kUnauthenticated,
                           {"未登录：请先登录，再带上 Authorization: Bearer <token> 请求头。",
                            "Not logged in: log in first, then send the header Authorization: "
                            "Bearer <token>."}};
      }
      call.principal = authenticate(header.substr(kScheme.size()));
      call.authenticated = true;
    }
    return next(call);
  };
}

Middleware authorization() {
  return [](Call& call, const Next& next) {
    const Access access = call.route->access;
    if (access != Access::kPublic && !allows(call.principal.role, requiredRole(access))) {
      const std::string role{toString(requiredRole(access))};
      throw ServiceError{
          ErrorCode::kForbidden,
          {"权限不足：此操作需要角色 " + role + "，您的角色是 " +
               std::string{toString(call.principal.role)} + "。请联系管理员。",
           "Not allowed: this needs the role " + role + ", yours is " +
               std::string{toString(call.principal.role)} + ". Ask an administrator."}};
    }
    return next(call);
  };
}

}  // namespace oscar::http
