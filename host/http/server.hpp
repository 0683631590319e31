#pragma once

#include "domain/settings.hpp"
#include "http/dispatcher.hpp"
#include "ports/log.hpp"
#include "ports/upgrade_handler.hpp"

#include <memory>

namespace oscar::http {

/// The HTTP or HTTPS server: Poco's, with what it lacks against slow and hostile clients. It knows
/// bytes and connections; what a request means is the dispatcher's and the upgrade handler's
/// affair.
class Server {
 public:
  /// Binds and listens, but serves nobody before start(). Throws std::runtime_error with a sentence
  /// that names the address when it is in use, and the file when a certificate cannot be read. All
  /// references must outlive the server.
  Server(const HttpSettings& settings, const Dispatcher& dispatcher,
         ports::UpgradeHandler& upgrades, ports::Log& log);
  ~Server();

  void start();
  /// Ends listening, lets requests in progress finish (bounded by `grace_seconds`, then their
  /// connections are cut) and returns when no thread of the server runs any more. Idempotent.
  void stop(int grace_seconds = 10);

  int port() const;  ///< the one really bound, also when the settings said 0

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace oscar::http
