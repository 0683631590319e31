#include "ws/ticket_office.hpp"

#include "domain/ids.hpp"

#include <algorithm>

namespace oscar::ws {
namespace {

constexpr int kValidSeconds = 30;
constexpr std::size_t kMaxIssued = 10'000;

}  // namespace

MemoryTicketOffice::MemoryTicketOffice(const ports::Clock& clock) : clock_{clock} {}

ports::TicketOffice::Ticket MemoryTicketOffice::issue(const Principal& principal) {
  // Two version 4 UUIDs: 244 bits from the operating system's random source.
  Ticket ticket{newUuid() + newUuid(), kValidSeconds};
  const std::lock_guard lock{mutex_};
  removeOld();
  issued_[ticket.text] = {principal, clock_.steady() + std::chrono::seconds{kValidSeconds}};
  return ticket;
}

std::optional<Principal> MemoryTicketOffice::redeem(std::string_view text) {
  const std::lock_guard lock{mutex_};
  const auto it = issued_.find(text);
  if (it == issued_.end()) return std::nullopt;
  const Issued issued = std::move(it->second);
  issued_.erase(it);
  if (issued.expires <= clock_.steady()) return std::nullopt;
  return issued.principal;
}

void MemoryTicketOffice::removeOld() {
  const auto now = clock_.steady();
  std::erase_if(issued_, [now](const auto& entry) { return entry.second.expires <= now; });
  if (issued_.size() < kMaxIssued) return;
  issued_.erase(std::min_element(issued_.begin(), issued_.end(), [](const auto& a, const auto& b) {
    return a.second.expires < b.second.expires;
  }));
}

}  // namespace oscar::ws
