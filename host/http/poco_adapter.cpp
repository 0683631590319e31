#include "http/poco_adapter.hpp"

#include "domain/error.hpp"
#include "http/error_mapper.hpp"
#include "http/url.hpp"

#include <Poco/Net/HTTPServerRequestImpl.h>
#include <Poco/Net/IPAddress.h>

#include <algorithm>
#include <charconv>
#include <istream>
#include <iterator>
#include <ostream>

namespace oscar::http {
namespace {

using Poco::Net::HTTPServerRequest;
using Poco::Net::HTTPServerResponse;

ServiceError badFraming(const char* why) {
  return ServiceError{
      ErrorCode::kBadRequest,
      {"请求体的长度不明确，已拒绝。", "The length of the body is ambiguous; refused."},
      why};
}

bool contains(const std::vector<std::string>& list, const std::string& word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

/// Walks X-Forwarded-For from the right over our own proxies to the first address that is not one:
/// everything left of it is the client's own claim.
std::string clientAddress(std::string peer, std::string_view forwarded,
                          const std::vector<std::string>& trusted) {
  while (contains(trusted, peer) && !forwarded.empty()) {
    const auto comma = forwarded.rfind(',');
    const std::string_view last =
        trim(comma == std::string_view::npos ? forwarded : forwarded.substr(comma + 1));
    Poco::Net::IPAddress address;
    if (!Poco::Net::IPAddress::tryParse(std::string{last}, address)) return peer;
    peer = address.toString();
    forwarded = comma == std::string_view::npos ? std::string_view{} : forwarded.substr(0, comma);
  }
  return peer;
}

/// The only value of a header; throws when it is there twice.
std::string onlyValue(const HTTPServerRequest& request, const std::string& name) {
  std::string value;
  int count = 0;
  for (const auto& [key, text] : request) {
    if (!equalsIgnoringCase(key, name)) continue;
    if (++count > 1) throw badFraming("a framing header is repeated");
    value = text;
  }
  return value;
}

void sendStream(const Response& response, HTTPServerResponse& to, const Sending& sending,
                const std::function<void()>& progress) {
  if (to.getVersion() == Poco::Net::HTTPMessage::HTTP_1_1) {
    to.setChunkedTransferEncoding(true);
  } else {
    to.setKeepAlive(false);  // the end of the connection is the end of the body
  }
  std::ostream& out = to.send();
  if (sending.head_only) return;
  response.stream([&](std::string_view piece) {
    progress();
    out.write(piece.data(), static_cast<std::streamsize>(piece.size()));
    return out.good();
  });
  out.flush();
}

}  // namespace

Request toRequest(const HTTPServerRequest& from, bool tls,
                  const std::vector<std::string>& trusted_proxies) {
  Request request;
  request.method = from.getMethod();
  const std::string& uri = from.getURI();
  const auto question = uri.find('?');
  request.path = uri.substr(0, question);
  if (question != std::string::npos) request.query = uri.substr(question + 1);
  for (const auto& [name, value] : from) request.headers.add(name, value);
  const std::string peer = from.clientAddress().host().toString();
  request.peer_address =
      clientAddress(peer, request.headers.get("X-Forwarded-For"), trusted_proxies);
  request.secure = tls || (contains(trusted_proxies, peer) &&
                           request.headers.get("X-Forwarded-Proto") == "https");
  return request;
}

BodyFraming bodyFraming(const HTTPServerRequest& request) {
  const std::string encoding = onlyValue(request, "Transfer-Encoding");
  const std::string length = onlyValue(request, "Content-Length");
  BodyFraming framing;
  if (!encoding.empty()) {
    if (!length.empty()) throw badFraming("both Transfer-Encoding and Content-Length");
    if (!equalsIgnoringCase(encoding, "chunked")) throw badFraming("unknown Transfer-Encoding");
    framing.chunked = true;
  } else if (!length.empty()) {
    const char* const end = length.data() + length.size();
    const auto [stop, problem] = std::from_chars(length.data(), end, framing.length);
    if (problem != std::errc{} || stop != end || framing.length < 0 || length.front() == '-') {
      throw badFraming("Content-Length is not a number");
    }
  }
  return framing;
}

std::string readBody(HTTPServerRequest& request, const BodyFraming& framing,
                     const BodyLimits& limits) {
  if (framing.length > limits.max_bytes) throw bodyTooLarge(limits.max_bytes);
  std::string body;
  if (!framing.chunked && framing.length == 0) return body;  // Poco would read until the end
  std::istream& in = request.stream();
  char buffer[16384];
  bool large = false;
  while (in.good()) {
    // Never more than shows the excess: a read waits until it has all that it was asked for.
    const auto wanted =
        std::min<std::int64_t>(sizeof buffer, limits.max_bytes + 1 - std::ssize(body));
    in.read(buffer, wanted);
    body.append(buffer, static_cast<std::size_t>(in.gcount()));
    if (std::ssize(body) > limits.max_bytes) throw bodyTooLarge(limits.max_bytes);
    if (!large && std::ssize(body) > limits.large_bytes) {
      large = true;
      limits.before_large();
    }
  }
  if (in.bad() || (!framing.chunked && static_cast<std::int64_t>(body.size()) < framing.length)) {
    throw ServiceError{ErrorCode::kBadRequest,
                       {"请求体不完整。", "The body ended before its announced length."}};
  }
  return body;
}

void sendResponse(const Response& response, HTTPServerResponse& to, const Sending& sending,
                  const std::function<void()>& progress) {
  to.setStatus(static_cast<Poco::Net::HTTPResponse::HTTPStatus>(response.status));
  to.setReason(Poco::Net::HTTPResponse::getReasonForStatus(to.getStatus()));
  for (const auto& [name, value] : response.headers.all()) to.set(name, value);
  progress();
  if (response.stream) {
    sendStream(response, to, sending, progress);
  } else if (response.status == 204) {
    to.send().flush();
  } else if (sending.flush) {
    to.setContentLength64(static_cast<Poco::Int64>(response.body.size()));
    std::ostream& out = to.send();
    if (!sending.head_only) out << response.body;
    out.flush();
  } else {
    to.sendBuffer(response.body.data(), response.body.size());
  }
}

bool wantsUpgrade(const Request& request) {
  return request.method == "GET" && equalsIgnoringCase(request.headers.get("Upgrade"), "websocket");
}

ports::UpgradeRequest toUpgradeRequest(const Request& request) {
  ports::UpgradeRequest upgrade;
  auto path = splitPath(request.path);
  auto query = parseQuery(request.query);
  if (!path || !query) {
    throw ServiceError{ErrorCode::kBadRequest,
                       {"地址无法解码。", "The address cannot be decoded."}};
  }
  upgrade.path = std::move(*path);
  for (auto& [name, value] : *query) upgrade.query.emplace(std::move(name), std::move(value));
  for (const auto& [name, value] : request.headers.all()) {
    std::string lower = name;
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : static_cast<char>(c);
    });
    const auto [it, fresh] = upgrade.headers.emplace(std::move(lower), value);
    if (!fresh) it->second += ", " + value;  // RFC 9110: equal to one joined list
  }
  upgrade.peer_address = request.peer_address;
  upgrade.language = request.language;
  return upgrade;
}

}  // namespace oscar::http
