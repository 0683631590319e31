#include "http/dispatcher.hpp"

namespace oscar::http {
namespace {

/// The list read from the outside in: the first sees the request first and the answer last.
Next chainOf(const std::vector<Middleware>& list, Next innermost) {
  for (auto it = list.rbegin(); it != list.rend(); ++it) {
    innermost = [middleware = *it, next = std::move(innermost)](Call& call) {
      return middleware(call, next);
    };
  }
  return innermost;
}

}  // namespace

Dispatcher::Dispatcher(std::vector<Route> routes, const DispatcherParts& parts)
    : router_{std::move(routes)},
      language_{parts.language},
      outer_{
          requestId(parts.language),
          accessLog(parts.log, parts.clock),
          securityHeaders(),
          envelopes(parts.log, parts.clock),
      } {
  const std::vector<Middleware> inner{
      storeSign(parts.store_writable),        routing(router_),
      audit(parts.record_audit, parts.clock), bodyLimit(parts.max_body_bytes),
      authentication(parts.authenticate),     authorization(),
  };
  chain_ = chainOf(outer_, chainOf(inner, [](Call& call) { return call.route->handle(call); }));
}

Response Dispatcher::handle(Request request) const {
  Call call{request};
  return chain_(call);
}

Response Dispatcher::refuse(Request request, const ServiceError& error) const {
  Call call{request};
  // The caller keeps the error, so a copy must travel.
  // NOLINTNEXTLINE(cert-err60-cpp)
  return chainOf(outer_, [&error](Call&) -> Response { throw error; })(call);
}

}  // namespace oscar::http
