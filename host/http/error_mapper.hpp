#pragma once

#include "domain/error.hpp"
#include "domain/text.hpp"
#include "domain/time.hpp"
#include "http/response.hpp"

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>

namespace oscar::http {

/// There is only a WebSocket at this address. Known to HTTP alone, so the domain does not list it.
constexpr ErrorCode kUpgradeRequired{426};

/// The HTTP status of an error code; it agrees with the class of the code (1001 → 502, 1002 → 422,
/// 1003 → 504). The only place that knows it.
int httpStatus(ErrorCode code);

/// `{"code","message","data","timestamp"}`, requirement document 6.1.1. `data_json` is a complete
/// JSON value.
std::string envelope(int code, std::string_view message, std::string_view data_json, Timestamp now);

/// The answer to an error. `data` holds the request id, every wrong field and the error's details,
/// never its internal text.
Response errorResponse(const ServiceError& error, Language language, const std::string& request_id,
                       Timestamp now);

/// Any exception as a ServiceError: what is not one already becomes kUnavailable
/// (StoreUnavailable), kConnectionFailed (TargetError) or kInternal, with its text as `internal`.
ServiceError toServiceError(const std::exception_ptr& exception);

/// kPayloadTooLarge: the body is, or will be, above the limit.
ServiceError bodyTooLarge(std::int64_t max_bytes);

}  // namespace oscar::http
