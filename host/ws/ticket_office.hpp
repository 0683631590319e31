#pragma once

#include "ports/clock.hpp"
#include "ports/ticket_office.hpp"

#include <chrono>
#include <deque>
#include <map>
#include <mutex>
#include <string>

namespace oscar::ws {

/// Tickets in memory: 244 random bits each, valid for 30 seconds, at most 10 000 at a time (the
/// oldest goes first). A restart voids them, which costs a client one more request.
class MemoryTicketOffice final : public ports::TicketOffice {
 public:
  explicit MemoryTicketOffice(const ports::Clock& clock);

  Ticket issue(const Principal& principal) override;
  std::optional<Principal> redeem(std::string_view text) override;

 private:
  struct Issued {
    Principal principal;
    std::chrono::steady_clock::time_point expires;
  };

  void removeOld();

  const ports::Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Issued, std::less<>> issued_;
  std::deque<std::string> by_age_;  ///< keys of issued_, and of redeemed ones, oldest first
};

}  // namespace oscar::ws
