#include "http/server.hpp"

#include "http/connection.hpp"
#include "http/tls.hpp"

#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/SecureServerSocket.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/TCPServer.h>
#include <Poco/ThreadPool.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <sys/resource.h>
#include <thread>

namespace oscar::http {
namespace {

constexpr int kKeepAliveSeconds = 5;  ///< an idle connection holds a thread, so not for long
constexpr int kBacklog = 512;
constexpr int kMaxConnections = 512;
constexpr int kMaxWaitingConnections = 128;
constexpr int kMaxLargeBodies = 16;
constexpr int kThreadIdleSeconds = 10;
constexpr int kThreadStackBytes = 1 << 20;  ///< address space; memory is used as it is touched

/// How many connections may be open besides those that wait for a thread: each has a thread, which
/// costs little while it only waits for bytes. Half the descriptors stay for everything else.
int maxConnections(const HttpSettings& settings) {
  rlimit limit{};
  const bool known = ::getrlimit(RLIMIT_NOFILE, &limit) == 0;
  const rlim_t share = known ? limit.rlim_cur / 2 : kMaxConnections;
  return std::max(settings.threads, static_cast<int>(std::min<rlim_t>(kMaxConnections, share)));
}

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

Poco::Net::HTTPServerParams::Ptr paramsOf(const HttpSettings& settings, int connections) {
  Poco::Net::HTTPServerParams::Ptr params{new Poco::Net::HTTPServerParams};
  params->setTimeout(Poco::Timespan{settings.request_timeout_seconds, 0});
  params->setKeepAlive(true);
  params->setKeepAliveTimeout(Poco::Timespan{kKeepAliveSeconds, 0});
  params->setMaxThreads(connections);
  params->setMaxQueued(kMaxWaitingConnections);
  params->setThreadIdleTime(Poco::Timespan{kThreadIdleSeconds, 0});
  return params;
}

}  // namespace

struct Server::Impl {
  Impl(const HttpSettings& wanted, const Dispatcher& dispatcher, ports::UpgradeHandler& upgrades,
       ports::Log& log)
      : settings{wanted},
        socket{listenOn(settings)},
        port{socket.address().port()},
        connections{maxConnections(settings)},
        threads{"http", 2, connections, kThreadIdleSeconds, kThreadStackBytes},
        watch{[this] {
          const Poco::Net::TCPServer* const server = serving;
          return server ? server->queuedConnections() : 0;
        }},
        parts{settings,
              dispatcher,
              upgrades,
              log,
              watch,
              !settings.tls_certificate.empty(),
              Slots{settings.threads},
              Slots{kMaxLargeBodies}} {}

  HttpSettings settings;
  Poco::Net::ServerSocket socket;
  int port;         ///< kept, because the socket forgets it when it is closed
  int connections;  ///< at most
  Poco::ThreadPool threads;
  std::unique_ptr<Poco::Net::TCPServer> tcp;
  std::atomic<Poco::Net::TCPServer*> serving{nullptr};  ///< what the watch's thread may ask
  ConnectionWatch watch;
  ConnectionParts parts;
};

Server::Server(const HttpSettings& settings, const Dispatcher& dispatcher,
               ports::UpgradeHandler& upgrades, ports::Log& log)
    : impl_{std::make_unique<Impl>(settings, dispatcher, upgrades, log)} {}

Server::~Server() {
  stop(0);
}

void Server::start() {
  const auto params = paramsOf(impl_->settings, impl_->connections);
  impl_->tcp = std::make_unique<Poco::Net::TCPServer>(connectionFactory(impl_->parts, params),
                                                      impl_->threads, impl_->socket, params);
  impl_->serving = impl_->tcp.get();
  impl_->tcp->start();
}

void Server::stop(int grace_seconds) {
  if (!impl_->serving.exchange(nullptr)) return;
  impl_->parts.stopping = true;
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
