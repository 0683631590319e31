#include "ws/ticket_office.hpp"

#include "domain/ids.hpp"

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
  by_age_.push_back(ticket.text);
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
  while (!by_age_.empty()) {
    const auto oldest = issued_.find(by_age_.front());
    const bool redeemed = oldest == issued_.end();
    if (!redeemed && oldest->second.expires > now && by_age_.size() < kMaxIssued) return;
    if (!redeemed) issued_.erase(oldest);
    by_age_.pop_front();
  }
}

}  // namespace oscar::ws
