#pragma once

#include "domain/user.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace oscar::ports {

/// One-use, short-lived tickets with which a browser opens a WebSocket, because it cannot set the
/// Authorization header there. Any thread.
class TicketOffice {
 public:
  /// What a browser puts into the address of the WebSocket.
  struct Ticket {
    std::string text;       ///< URL-safe, a secret
    int valid_seconds = 0;  ///< from now
  };

  /// Any number of them for one principal.
  virtual Ticket issue(const Principal& principal) = 0;
  /// The principal it was issued to, once; nullopt when unknown, used or too old.
  virtual std::optional<Principal> redeem(std::string_view text) = 0;

 protected:
  ~TicketOffice() = default;
};

}  // namespace oscar::ports
