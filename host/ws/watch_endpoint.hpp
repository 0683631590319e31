#pragma once

#include "domain/user.hpp"
#include "ports/execution_store.hpp"
#include "ports/ticket_office.hpp"
#include "ports/upgrade_handler.hpp"
#include "ws/session_hub.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace oscar::ws {

/// `GET /ws/execution/{id}?from_line=N&lang=en&ticket=...`: decides who may watch what, before
/// anything is upgraded. Any thread.
class WatchEndpoint final : public ports::UpgradeHandler {
 public:
  /// Who holds this bearer token; throws ServiceError kUnauthenticated.
  using Authenticate = std::function<Principal(std::string_view token)>;

  WatchEndpoint(SessionHub& hub, ports::ExecutionStore& executions, ports::TicketOffice& tickets,
                Authenticate authenticate, std::vector<std::string> allowed_origins);

  ports::UpgradeAnswer accept(const ports::UpgradeRequest& request) override;

 private:
  Principal whoAsks(const ports::UpgradeRequest& request);

  SessionHub& hub_;
  ports::ExecutionStore& executions_;
  ports::TicketOffice& tickets_;
  Authenticate authenticate_;
  std::vector<std::string> allowed_origins_;
};

}  // namespace oscar::ws
