#pragma once

#include "domain/audit.hpp"
#include "domain/settings.hpp"
#include "domain/user.hpp"
#include "http/router.hpp"
#include "ports/clock.hpp"
#include "ports/log.hpp"

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

/// What happens to every request around its handler, one concern each. dispatcher.cpp lists them in
/// order. All are stateless and may be called from any thread.
namespace oscar::http {

using Next = std::function<Response(Call&)>;
using Middleware = std::function<Response(Call&, const Next&)>;

/// Who holds this bearer token. Throws ServiceError kUnauthenticated.
using Authenticate = std::function<Principal(std::string_view token)>;
using RecordAudit = std::function<void(AuditEntry)>;

/// Gives the request its id and language. A client's own X-Request-Id is kept when it is harmless.
Middleware requestId(Language fallback);
/// One line per request: method, path without query (a ticket may be in it), status, ms, who.
Middleware accessLog(ports::Log& log, const ports::Clock& clock);
/// Headers that every answer carries.
Middleware securityHeaders();
/// Wraps data in the envelope and turns every exception into an error answer. Internal text goes to
/// the log, with the request id.
Middleware envelopes(ports::Log& log, const ports::Clock& clock);
/// `X-Oscar-Store: unavailable` on every answer while the store cannot be written: what it says
/// about executions may be older than what happens. Absent = never.
Middleware storeSign(std::function<bool()> store_writable);
/// Finds the route: 404, 405 with Allow, and OPTIONS end here.
Middleware routing(const Router& router);
/// Records what changes something, also when it was refused.
Middleware audit(RecordAudit record, const ports::Clock& clock);
/// 413 for a body above the limit, whoever is asked by whatever way.
Middleware bodyLimit(std::int64_t max_bytes);
/// The bearer token, unless the route is public or the caller already known.
Middleware authentication(Authenticate authenticate);
/// The role that the route table asks for.
Middleware authorization();

}  // namespace oscar::http
