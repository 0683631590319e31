#include "http/connection.hpp"

#include "domain/error.hpp"
#include "http/detached_socket.hpp"
#include "http/error_mapper.hpp"
#include "http/poco_adapter.hpp"

#include <Poco/Net/HTTPServerRequestImpl.h>
#include <Poco/Net/HTTPServerResponseImpl.h>
#include <Poco/Net/HTTPServerSession.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/TCPServerConnection.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>

namespace oscar::http {
namespace {

using Poco::Net::HTTPServerRequestImpl;
using Poco::Net::HTTPServerResponseImpl;
using Poco::Net::HTTPServerSession;
using Deadline = ConnectionWatch::Clock::time_point;

constexpr Deadline kNoDeadline = Deadline::max();
constexpr std::chrono::seconds kHeadTime{10};
/// A body has this and a second for every 8 KiB, but never more than the request timeout.
constexpr std::chrono::seconds kBodyTime{10};
constexpr std::int64_t kSlowestBytesPerSecond = 8 << 10;
/// Larger bodies need one of a few places: many connections may be open, and each would otherwise
/// be good for max_body_bytes of memory.
constexpr std::int64_t kLargeBodyBytes = 32 << 10;
constexpr std::chrono::seconds kDrainTime{2};
/// Longer than any request timeout, which then is the limit.
constexpr std::chrono::seconds kRequestTimeoutOnly = std::chrono::hours{1};

ServiceError headRefused(const std::string& why) {
  return ServiceError{ErrorCode::kBadRequest,
                      {"请求头无法解析，已拒绝。请检查请求行、各请求头的长度和 Content-Length。",
                       "The head of the request cannot be read; refused. Check the request line, "
                       "the length of the header fields and Content-Length."},
                      why};
}

ServiceError tooManyLargeBodies() {
  return ServiceError{ErrorCode::kUnavailable,
                      {"同时上传的大请求太多，请稍后重试。",
                       "Too many large requests are being sent at once. Try again shortly."}}
      .withRetryAfter(1);
}

/// One connection, watched from its first byte to its last.
class Connection final : public Poco::Net::TCPServerConnection {
 public:
  Connection(const Poco::Net::StreamSocket& socket, Poco::Net::HTTPServerParams::Ptr params,
             ConnectionParts& parts)
      : TCPServerConnection{socket}, params_{std::move(params)}, parts_{parts} {}

  void run() override {
    const Poco::Net::StreamSocket keep_open = socket();  // the watch needs the descriptor
    id_ = parts_.watch.add(keep_open.impl()->sockfd(), peer(), within(kHeadTime));
    const struct Remove {
      Connection& connection;
      ~Remove() { connection.parts_.watch.remove(connection.id_); }
    } remove{*this};
    HTTPServerSession session{socket(), params_};
    while (!parts_.stopping && session.hasMoreRequests() && serveOne(session)) {
      const std::chrono::microseconds patience{params_->getKeepAliveTimeout().totalMicroseconds()};
      parts_.watch.idle(id_, ConnectionWatch::Clock::now() + patience);
    }
  }

 private:
  /// From the first byte of a request to the last of its answer; false when the connection ends.
  bool serveOne(HTTPServerSession& session) {
    parts_.watch.receiving(id_, within(kHeadTime));
    HTTPServerResponseImpl to{session};
    std::unique_ptr<HTTPServerRequestImpl> from;
    try {
      from = std::make_unique<HTTPServerRequestImpl>(to, session, params_);
    } catch (const Poco::Net::NoMessageException&) {
      return false;
    } catch (const Poco::Exception& error) {
      if (!session.networkException()) refuseHead(session, error.displayText());
      return false;
    }
    to.setDate(Poco::Timestamp{});
    to.setVersion(from->getVersion());
    to.setKeepAlive(from->getKeepAlive() && session.canKeepAlive());
    Request request = toRequest(*from, parts_.tls, parts_.settings.trusted_proxies);
    if (wantsUpgrade(request)) {
      upgrade(std::move(request), *from, to);
      return false;
    }
    answer(std::move(request), *from, to);
    session.setKeepAlive(to.getKeepAlive());
    return to.getKeepAlive();
  }

  void answer(Request request, HTTPServerRequestImpl& from, HTTPServerResponseImpl& to) {
    Response response;
    bool unread = true;
    bool handed_over = false;
    try {
      const Slots::Hold large = receive(request, from, to);
      unread = false;
      parts_.watch.serving(id_, kNoDeadline);
      const Slots::Hold work = parts_.work.take();
      handed_over = true;
      response = parts_.dispatcher.handle(std::move(request));
    } catch (const Poco::Net::NetException&) {
      throw;  // the client is gone: nobody is there to answer
    } catch (const Poco::TimeoutException&) {
      throw;
    } catch (...) {
      // `handle` answers every error itself, and has taken the request with it.
      if (handed_over) throw;
      response =
          parts_.dispatcher.refuse(std::move(request), toServiceError(std::current_exception()));
    }
    // What follows an unread body on this connection is not a request.
    if (unread || parts_.stopping) to.setKeepAlive(false);
    send(response, from, to, unread);
    if (unread) drain(from.socket());
  }

  /// Reads the body. The hold lasts as long as the body does.
  Slots::Hold receive(Request& request, HTTPServerRequestImpl& from, HTTPServerResponseImpl& to) {
    const BodyFraming framing = bodyFraming(from);
    const std::int64_t max_bytes = parts_.settings.max_body_bytes;
    if (framing.length > max_bytes) throw bodyTooLarge(max_bytes);
    if (from.getExpectContinue()) to.sendContinue();
    const auto slowest = std::chrono::seconds{framing.length / kSlowestBytesPerSecond};
    parts_.watch.receiving(id_,
                           within(framing.chunked ? kRequestTimeoutOnly : kBodyTime + slowest));
    std::optional<Slots::Hold> large;
    request.body = readBody(from, framing, {max_bytes, kLargeBodyBytes, [&] {
                                              large.emplace(parts_.large_bodies.tryTake());
                                              if (!*large) throw tooManyLargeBodies();
                                            }});
    return large ? std::move(*large) : Slots::Hold{};
  }

  void send(const Response& response, HTTPServerRequestImpl& from, HTTPServerResponseImpl& to,
            bool flush = false) {
    try {
      const bool head_only = from.getMethod() == Poco::Net::HTTPRequest::HTTP_HEAD;
      sendResponse(response, to, {head_only, flush}, [this] { expectProgress(); });
    } catch (const std::exception& error) {
      // The status is out already. Cut, so that half a body cannot pass for a whole one.
      parts_.log.write(ports::LogLevel::kWarn, "http",
                       "answer to " + from.getMethod() + " broken off: " + error.what());
      parts_.watch.cut(id_);
      to.setKeepAlive(false);
    }
  }

  /// Poco gave no request that could be asked for anything, so the answer stands alone.
  void refuseHead(HTTPServerSession& session, const std::string& why) {
    Request request;
    request.method = "-";
    request.path = "-";
    request.peer_address = peer();
    const Response response = parts_.dispatcher.refuse(std::move(request), headRefused(why));
    try {
      HTTPServerResponseImpl to{session};
      to.setDate(Poco::Timestamp{});
      to.setVersion(Poco::Net::HTTPMessage::HTTP_1_1);
      to.setKeepAlive(false);
      const Sending flushed{false, true};
      sendResponse(response, to, flushed, [this] { expectProgress(); });
      drain(socket());
    } catch (const std::exception&) {
      // Gone already: then there is nobody to tell.
    }
  }

  /// Closing a connection with unread bytes resets it, and the client may lose the answer that says
  /// why. So what it still sends is thrown away for a moment.
  static void drain(Poco::Net::StreamSocket& socket) {
    try {
      socket.shutdownSend();
      const auto end = std::chrono::steady_clock::now() + kDrainTime;
      char buffer[16384];
      while (std::chrono::steady_clock::now() < end &&
             socket.poll(Poco::Timespan{0, 200'000}, Poco::Net::Socket::SELECT_READ)) {
        if (socket.receiveBytes(buffer, sizeof buffer) <= 0) return;
      }
    } catch (const Poco::Exception&) {
      // Gone: then there is nothing left to drain.
    }
  }

  void upgrade(Request request, HTTPServerRequestImpl& from, HTTPServerResponseImpl& to) {
    parts_.watch.serving(id_, kNoDeadline);
    ports::UpgradeAnswer answer;
    request.language =
        negotiateLanguage(request.headers.get("Accept-Language"), parts_.dispatcher.language());
    try {
      const Slots::Hold work = parts_.work.take();
      answer = parts_.upgrades.accept(toUpgradeRequest(request));
    } catch (...) {
      const ServiceError error = toServiceError(std::current_exception());
      to.setKeepAlive(false);
      send(parts_.dispatcher.refuse(std::move(request), error), from, to);
      return;
    }
    parts_.log.write(ports::LogLevel::kInfo, "http",
                     "GET " + request.path + " 101 ip=" + request.peer_address);
    to.setStatusAndReason(Poco::Net::HTTPResponse::HTTP_SWITCHING_PROTOCOLS);
    for (const auto& [name, value] : answer.headers) to.set(name, value);
    to.setContentLength(Poco::Net::HTTPResponse::UNKNOWN_CONTENT_LENGTH);
    to.send().flush();
    // From here on the connection is no longer this server's to watch.
    parts_.watch.remove(id_);
    answer.adopt(detach(from.detachSocket()), {});
  }

  Deadline within(std::chrono::seconds time) const {
    const std::chrono::seconds longest{parts_.settings.request_timeout_seconds};
    return ConnectionWatch::Clock::now() + std::min(time, longest);
  }
  void expectProgress() { parts_.watch.serving(id_, within(kRequestTimeoutOnly)); }
  std::string peer() {
    try {
      return socket().peerAddress().host().toString();
    } catch (const Poco::Exception&) {
      return {};  // gone between its arrival and its turn
    }
  }

  Poco::Net::HTTPServerParams::Ptr params_;
  ConnectionParts& parts_;
  std::uint64_t id_ = 0;  ///< with the watch
};

class ConnectionFactory final : public Poco::Net::TCPServerConnectionFactory {
 public:
  ConnectionFactory(Poco::Net::HTTPServerParams::Ptr params, ConnectionParts& parts)
      : params_{std::move(params)}, parts_{parts} {}

  Poco::Net::TCPServerConnection* createConnection(const Poco::Net::StreamSocket& socket) override {
    return new Connection{socket, params_, parts_};
  }

 private:
  Poco::Net::HTTPServerParams::Ptr params_;
  ConnectionParts& parts_;
};

}  // namespace

Poco::Net::TCPServerConnectionFactory::Ptr connectionFactory(
    ConnectionParts& parts, const Poco::Net::HTTPServerParams::Ptr& params) {
  return new ConnectionFactory{params, parts};
}

}  // namespace oscar::http
