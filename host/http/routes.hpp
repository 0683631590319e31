#pragma once

#include "http/auth_controller.hpp"
#include "http/connection_controller.hpp"
#include "http/execution_controller.hpp"
#include "http/route.hpp"
#include "http/system_controller.hpp"

#include <vector>

namespace oscar::http {

/// Everything that the route table calls. Must outlive the routes.
struct Controllers {
  AuthController auth;
  UserController users;
  ConnectionController connections;
  ExecutionController executions;
  SystemController system;
};

/// The route table, bound to the controllers. `controllers` is only used when a route is called.
std::vector<Route> makeRoutes(Controllers& controllers);

/// The table without its handlers, for those who compare it with the contract.
std::vector<Route> describeRoutes();

}  // namespace oscar::http
