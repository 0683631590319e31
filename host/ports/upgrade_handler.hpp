#pragma once

#include "domain/text.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace oscar::ports {

/// A connection that has left its HTTP server: plain TCP or TLS, the reader need not know. Never
/// blocks. One thread at a time. The destructor closes it.
class DetachedSocket {
 public:
  virtual ~DetachedSocket() = default;

  /// For poll/epoll only.
  virtual int descriptor() const = 0;
  /// Bytes read; 0 when there are none now; -1 when the connection is gone. With TLS, bytes may
  /// wait inside although the descriptor is silent: read until 0.
  virtual std::ptrdiff_t read(char* buffer, std::size_t size) = 0;
  /// Bytes taken, possibly fewer than given; 0 when the peer takes none now (offer the same bytes
  /// again later); -1 when the connection is gone.
  virtual std::ptrdiff_t write(std::string_view bytes) = 0;
};

/// A GET request that asks to become a WebSocket.
struct UpgradeRequest {
  std::vector<std::string> path;               ///< segments, percent-decoded after the split
  std::map<std::string, std::string> query;    ///< decoded; the first of equal names
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string peer_address;
  Language language = Language::kZh;
};

/// What the HTTP side sends with `101 Switching Protocols`, and whom it gives the socket
/// afterwards.
struct UpgradeAnswer {
  std::vector<std::pair<std::string, std::string>> headers;
  /// `early` holds what the client sent before it had the answer. Called at most once, on the
  /// thread of the request; not called when the answer could not be sent.
  std::function<void(std::unique_ptr<DetachedSocket> socket, std::string early)> adopt;
};

/// Decides about upgrades before they happen. Any thread.
class UpgradeHandler {
 public:
  /// Throws ServiceError when the handshake is wrong (kBadRequest), nobody is authenticated
  /// (kUnauthenticated), the origin is foreign (kForbidden), the thing watched does not exist
  /// (kNotFound) or there are too many viewers (kUnavailable).
  virtual UpgradeAnswer accept(const UpgradeRequest& request) = 0;

 protected:
  ~UpgradeHandler() = default;
};

}  // namespace oscar::ports
