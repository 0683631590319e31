#pragma once

#include "http/route.hpp"
#include "services/connection_service.hpp"
#include "services/tools_service.hpp"

namespace oscar::http {

/// /connections, and what can be looked up on their servers.
class ConnectionController {
 public:
  ConnectionController(services::ConnectionService& connections, services::ToolsService& tools);

  Response list(Call& call);
  Response create(Call& call);
  Response get(Call& call);
  /// Fields that the body leaves out stay as they are.
  Response update(Call& call);
  Response remove(Call& call);
  Response test(Call& call);
  Response testUnsaved(Call& call);
  Response databases(Call& call);
  Response tables(Call& call);

 private:
  services::ConnectionService& connections_;
  services::ToolsService& tools_;
};

}  // namespace oscar::http
