#include "http/server.hpp"

#include "domain/error.hpp"
#include "http/connection_watch.hpp"
#include "http/detached_socket.hpp"
#include "http/error_mapper.hpp"
#include "http/poco_adapter.hpp"
#include "http/tls.hpp"

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServerConnection.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequestImpl.h>
#include <Poco/Net/HTTPServerSession.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SecureServerSocket.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/TCPServer.h>
#include <Poco/Net/TCPServerConnectionFactory.h>
#include <Poco/ThreadPool.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>

namespace oscar::http {
namespace {

using Poco::Net::HTTPResponse;
using Poco::Net::HTTPServerRequest;
using Poco::Net::HTTPServerRequestImpl;
using Poco::Net::HTTPServerResponse;

constexpr int kKeepAliveSeconds = 5;  ///< an idle connection holds a thread, so not for long
constexpr int kBacklog = 128;
constexpr int kMaxWaitingConnections = 128;
constexpr std::chrono::seconds kDrainTime{2};

/// What handlers need to know; one per server.
struct Shared {
  const HttpSettings& settings;
  const Dispatcher& dispatcher;
  ports::UpgradeHandler& upgrades;
  ports::Log& log;
  ConnectionWatch& watch;
  bool tls = false;
  std::atomic<bool> stopping{false};

  ConnectionWatch::Clock::time_point requestDeadline() const {
    return ConnectionWatch::Clock::now() + std::chrono::seconds{settings.request_timeout_seconds};
  }
};

/// The entry of the connection that this thread serves: Poco calls handlers on the connection's own
/// thread but does not tell them which connection it is.
thread_local std::uint64_t current_connection = 0;

class Handler final : public Poco::Net::HTTPRequestHandler {
 public:
  explicit Handler(Shared& shared) : shared_{shared} {}

  void handleRequest(HTTPServerRequest& from, HTTPServerResponse& to) override {
    Request request = toRequest(from, shared_.tls, shared_.settings.trusted_proxies);
    if (wantsUpgrade(request)) {
      upgrade(std::move(request), from, to);
    } else {
      answer(std::move(request), from, to);
    }
    shared_.watch.idle(current_connection,
                       shared_.requestDeadline() + std::chrono::seconds{kKeepAliveSeconds});
  }

 private:
  void answer(Request request, HTTPServerRequest& from, HTTPServerResponse& to) {
    Response response;
    bool unread = true;
    try {
      shared_.watch.expect(current_connection, shared_.requestDeadline());
      request.body = readBody(from, bodyFraming(from), shared_.settings.max_body_bytes);
      unread = false;
      shared_.watch.expect(current_connection, ConnectionWatch::Clock::time_point::max());
      response = shared_.dispatcher.handle(std::move(request));
    } catch (const ServiceError& error) {
      response = shared_.dispatcher.refuse(std::move(request), error);
    }
    // What follows an unread body on this connection is not a request.
    if (unread || shared_.stopping) to.setKeepAlive(false);
    send(response, from, to, unread);
    if (unread) drain(from);
  }

  void send(const Response& response, HTTPServerRequest& from, HTTPServerResponse& to,
            bool flush = false) {
    try {
      const bool head_only = from.getMethod() == Poco::Net::HTTPRequest::HTTP_HEAD;
      sendResponse(response, to, {head_only, flush},
                   [this] { shared_.watch.expect(current_connection, shared_.requestDeadline()); });
    } catch (const std::exception& error) {
      // The status is out already. Cut, so that half a body cannot pass for a whole one.
      shared_.log.write(ports::LogLevel::kWarn, "http",
                        "answer to " + from.getMethod() + " broken off: " + error.what());
      shared_.watch.cut(current_connection);
    }
  }

  /// Closing a connection with unread bytes resets it, and the client may lose the answer that says
  /// why. So what it still sends is thrown away for a moment.
  static void drain(HTTPServerRequest& from) {
    auto& socket = static_cast<HTTPServerRequestImpl&>(from).socket();
    try {
      socket.shutdownSend();
      const auto end = std::chrono::steady_clock::now() + kDrainTime;
      char buffer[65536];
      while (std::chrono::steady_clock::now() < end &&
             socket.poll(Poco::Timespan{0, 200'000}, Poco::Net::Socket::SELECT_READ)) {
        if (socket.receiveBytes(buffer, sizeof buffer) <= 0) return;
      }
    } catch (const Poco::Exception&) {
      // Gone: then there is nothing left to drain.
    }
  }

  void upgrade(Request request, HTTPServerRequest& from, HTTPServerResponse& to) {
    ports::UpgradeAnswer answer;
    request.language =
        negotiateLanguage(request.headers.get("Accept-Language"), shared_.dispatcher.language());
    try {
      answer = shared_.upgrades.accept(toUpgradeRequest(request));
    } catch (...) {
      const ServiceError error = toServiceError(std::current_exception());
      to.setKeepAlive(false);
      send(shared_.dispatcher.refuse(std::move(request), error), from, to);
      return;
    }
    shared_.log.write(ports::LogLevel::kInfo, "http",
                      "GET " + request.path + " 101 ip=" + request.peer_address);
    to.setStatusAndReason(HTTPResponse::HTTP_SWITCHING_PROTOCOLS);
    for (const auto& [name, value] : answer.headers) to.set(name, value);
    to.setContentLength(HTTPResponse::UNKNOWN_CONTENT_LENGTH);
    to.send().flush();
    // From here on the connection is no longer this server's to watch.
    shared_.watch.remove(current_connection);
    auto& impl = static_cast<HTTPServerRequestImpl&>(from);
    answer.adopt(detach(impl.detachSocket()), {});
  }

  Shared& shared_;
};

class HandlerFactory final : public Poco::Net::HTTPRequestHandlerFactory {
 public:
  explicit HandlerFactory(Shared& shared) : shared_{shared} {}

  Poco::Net::HTTPRequestHandler* createRequestHandler(const HTTPServerRequest& request) override {
    // Poco answers `Expect: 100-continue` before it calls the handler, unless the status is not
    // OK: so a body that will be refused is not invited.
    try {
      if (bodyFraming(request).length > shared_.settings.max_body_bytes) {
        request.response().setStatus(HTTPResponse::HTTP_REQUEST_ENTITY_TOO_LARGE);
      }
    } catch (const ServiceError&) {
      request.response().setStatus(HTTPResponse::HTTP_BAD_REQUEST);
    }
    return new Handler{shared_};
  }

 private:
  Shared& shared_;
};

/// One connection, watched from its first byte to its last.
class WatchedConnection final : public Poco::Net::HTTPServerConnection {
 public:
  WatchedConnection(const Poco::Net::StreamSocket& socket, Poco::Net::HTTPServerParams::Ptr params,
                    Poco::Net::HTTPRequestHandlerFactory::Ptr factory, Shared& shared)
      : HTTPServerConnection{socket, std::move(params), std::move(factory)}, shared_{shared} {}

  void run() override {
    const Poco::Net::StreamSocket keep_open = socket();  // the watch needs the descriptor
    current_connection = shared_.watch.add(keep_open.impl()->sockfd(), shared_.requestDeadline());
    const struct Remove {
      Shared& shared;
      ~Remove() { shared.watch.remove(current_connection); }
    } remove{shared_};
    HTTPServerConnection::run();
  }

 private:
  Shared& shared_;
};

class ConnectionFactory final : public Poco::Net::TCPServerConnectionFactory {
 public:
  ConnectionFactory(Poco::Net::HTTPServerParams::Ptr params,
                    Poco::Net::HTTPRequestHandlerFactory::Ptr handlers, Shared& shared)
      : params_{std::move(params)}, handlers_{std::move(handlers)}, shared_{shared} {}

  Poco::Net::TCPServerConnection* createConnection(const Poco::Net::StreamSocket& socket) override {
    return new WatchedConnection{socket, params_, handlers_, shared_};
  }

 private:
  Poco::Net::HTTPServerParams::Ptr params_;
  Poco::Net::HTTPRequestHandlerFactory::Ptr handlers_;
  Shared& shared_;
};

Poco::Net::ServerSocket listenOn(const HttpSettings& settings) {
  const std::string where = settings.bind + ":" + std::to_string(settings.port);
  try {
    const Poco::Net::SocketAddress address{settings.bind, static_cast<Poco::UInt16>(settings.port)};
    Poco::Net::ServerSocket socket =
        settings.tls_certificate.empty()
            ? Poco::Net::ServerSocket{}
            // Poco's sockets are handles: the copy shares the TLS implementation.
            // NOLINTNEXTLINE(cppcoreguidelines-slicing)
            : Poco::Net::SecureServerSocket{serverTlsContext(settings)};
    // Poco's constructors set SO_REUSEPORT, by which two servers would share the port unnoticed.
    const bool reuse_address = true;
    const bool reuse_port = false;
    socket.bind(address, reuse_address, reuse_port);
    socket.listen(kBacklog);
    return socket;
  } catch (const Poco::Exception& error) {
    throw std::runtime_error{"cannot listen on " + where + ": " + error.displayText() +
                             ". Is another program using the port? Choose another with --port."};
  }
}

Poco::Net::HTTPServerParams::Ptr paramsOf(const HttpSettings& settings) {
  Poco::Net::HTTPServerParams::Ptr params{new Poco::Net::HTTPServerParams};
  params->setTimeout(Poco::Timespan{settings.request_timeout_seconds, 0});
  params->setKeepAlive(true);
  params->setKeepAliveTimeout(Poco::Timespan{kKeepAliveSeconds, 0});
  params->setMaxThreads(settings.threads);
  params->setMaxQueued(kMaxWaitingConnections);
  params->setThreadIdleTime(Poco::Timespan{10, 0});
  return params;
}

}  // namespace

struct Server::Impl {
  Impl(const HttpSettings& wanted, const Dispatcher& dispatcher, ports::UpgradeHandler& upgrades,
       ports::Log& log)
      : settings{wanted},
        socket{listenOn(settings)},
        port{socket.address().port()},
        threads{"http", 2, std::max(settings.threads, 2)},
        watch{[this] {
          const Poco::Net::TCPServer* const server = serving;
          return server ? server->queuedConnections() : 0;
        }},
        shared{settings, dispatcher, upgrades, log, watch, !settings.tls_certificate.empty()} {}

  HttpSettings settings;
  Poco::Net::ServerSocket socket;
  int port;  ///< kept, because the socket forgets it when it is closed
  Poco::ThreadPool threads;
  std::unique_ptr<Poco::Net::TCPServer> tcp;
  std::atomic<Poco::Net::TCPServer*> serving{nullptr};  ///< what the watch's thread may ask
  ConnectionWatch watch;
  Shared shared;
};

Server::Server(const HttpSettings& settings, const Dispatcher& dispatcher,
               ports::UpgradeHandler& upgrades, ports::Log& log)
    : impl_{std::make_unique<Impl>(settings, dispatcher, upgrades, log)} {}

Server::~Server() {
  stop(0);
}

void Server::start() {
  const Poco::Net::HTTPServerParams::Ptr params = paramsOf(impl_->settings);
  const Poco::Net::HTTPRequestHandlerFactory::Ptr handlers{new HandlerFactory{impl_->shared}};
  const Poco::Net::TCPServerConnectionFactory::Ptr connections{
      new ConnectionFactory{params, handlers, impl_->shared}};
  impl_->tcp =
      std::make_unique<Poco::Net::TCPServer>(connections, impl_->threads, impl_->socket, params);
  impl_->serving = impl_->tcp.get();
  impl_->tcp->start();
}

void Server::stop(int grace_seconds) {
  if (!impl_->serving.exchange(nullptr)) return;
  impl_->shared.stopping = true;
  impl_->tcp->stop();
  impl_->socket.close();
  const auto end = ConnectionWatch::Clock::now() + std::chrono::seconds{grace_seconds};
  while (impl_->watch.size() > 0 && ConnectionWatch::Clock::now() < end) {
    impl_->watch.cutIdle();
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
  impl_->watch.cutAll();
  impl_->threads.joinAll();
}

int Server::port() const {
  return impl_->port;
}

}  // namespace oscar::http
