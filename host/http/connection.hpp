#pragma once

#include "domain/settings.hpp"
#include "http/connection_watch.hpp"
#include "http/dispatcher.hpp"
#include "http/slots.hpp"
#include "ports/log.hpp"
#include "ports/upgrade_handler.hpp"

#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/TCPServerConnectionFactory.h>

#include <atomic>

namespace oscar::http {

/// What all connections of one server share. The references must outlive the connections.
struct ConnectionParts {
  const HttpSettings& settings;
  const Dispatcher& dispatcher;
  ports::UpgradeHandler& upgrades;
  ports::Log& log;
  ConnectionWatch& watch;
  bool tls = false;
  /// Requests worked on at once. A connection that is still sending its request holds none, so
  /// slow clients cannot take the places of others.
  Slots work;
  /// Large bodies held in memory at once.
  Slots large_bodies;
  std::atomic<bool> stopping{false};
};

/// Makes the connections that Poco's TCP server runs, each on a thread of its own.
Poco::Net::TCPServerConnectionFactory::Ptr connectionFactory(
    ConnectionParts& parts, const Poco::Net::HTTPServerParams::Ptr& params);

}  // namespace oscar::http
