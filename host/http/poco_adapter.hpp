#pragma once

#include "domain/settings.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "ports/upgrade_handler.hpp"

#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

/// Between Poco's requests and ours. Only connection.cpp includes this.
namespace oscar::http {

/// All but the body. `trusted_proxies` are those whose X-Forwarded-For and -Proto are believed.
Request toRequest(const Poco::Net::HTTPServerRequest& from, bool tls,
                  const std::vector<std::string>& trusted_proxies);

/// How the body is framed. Throws ServiceError kBadRequest for what could be read in two ways
/// (request smuggling): both framings at once, repeated or odd values.
struct BodyFraming {
  bool chunked = false;
  std::int64_t length = 0;  ///< when not chunked
};
BodyFraming bodyFraming(const Poco::Net::HTTPServerRequest& request);

/// How much of a body is taken, and who is asked before it gets large.
struct BodyLimits {
  std::int64_t max_bytes = 0;
  std::int64_t large_bytes = 0;
  std::function<void()> before_large;  ///< called once, may throw
};
/// Reads a body; throws ServiceError kPayloadTooLarge when it is longer than allowed and
/// kBadRequest when the client ends early.
std::string readBody(Poco::Net::HTTPServerRequest& request, const BodyFraming& framing,
                     const BodyLimits& limits);

/// How an answer is sent.
struct Sending {
  bool head_only = false;  ///< no body at all
  /// Everything is with the kernel on return, at the price of a second packet. Poco otherwise
  /// keeps the end until the response object dies.
  bool flush = false;
};
/// `progress` is called before every piece of a streamed body.
void sendResponse(const Response& response, Poco::Net::HTTPServerResponse& to,
                  const Sending& sending, const std::function<void()>& progress);

/// True for a GET that asks to become a WebSocket.
bool wantsUpgrade(const Request& request);
ports::UpgradeRequest toUpgradeRequest(const Request& request);

}  // namespace oscar::http
