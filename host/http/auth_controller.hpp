#pragma once

#include "http/route.hpp"
#include "ports/ticket_office.hpp"
#include "services/auth_service.hpp"
#include "services/user_service.hpp"

namespace oscar::http {

/// /auth and /users.
class AuthController {
 public:
  AuthController(services::AuthService& auth, ports::TicketOffice& tickets);

  Response login(Call& call);
  Response logout(Call& call);
  Response profile(Call& call);
  Response changePassword(Call& call);
  Response webSocketTicket(Call& call);

 private:
  services::AuthService& auth_;
  ports::TicketOffice& tickets_;
};

/// REST of accounts and roles; the route table lets only admins in. Any thread.
class UserController {
 public:
  explicit UserController(services::UserService& users);

  Response list(Call& call);
  Response create(Call& call);
  Response get(Call& call);
  Response update(Call& call);

 private:
  services::UserService& users_;
};

}  // namespace oscar::http
