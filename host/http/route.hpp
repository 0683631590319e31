#pragma once

#include "domain/user.hpp"
#include "http/request.hpp"
#include "http/response.hpp"

#include <array>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace oscar::http {

/// What a route asks of its caller. Everything but kPublic needs a login.
enum class Access { kPublic = 1, kViewer, kOperator, kAdmin };
std::string_view toString(Access access);

struct Route;

/// One request on its way through the middleware to its handler.
struct Call {
  explicit Call(Request& r) : request{r} {}

  Request& request;
  const Route* route = nullptr;               ///< set once the route was found
  std::map<std::string, std::string> params;  ///< of the path, decoded
  Principal principal;                        ///< valid when `authenticated`
  bool authenticated = false;

  /// What the handler knows better than the middleware about whom and what to record.
  struct AuditNote {
    std::string username;     ///< of a login, which has no principal yet
    std::string user_id;      ///< same
    std::string resource_id;  ///< of what was created
  } audit;

  const std::string& param(const std::string& name) const { return params.at(name); }
};

using Handler = std::function<Response(Call&)>;

/// A line of the route table (routes.cpp).
struct Route {
  std::string_view method;
  std::string_view pattern;  ///< `/api/v1/executions/{id}`; a `{name}` takes one whole segment
  Access access = Access::kAdmin;
  std::string_view action;         ///< in the audit log; empty = not recorded
  std::string_view resource_type;  ///< in the audit log
  /// Fields of the body that the audit log must not hold, beside those whose name says so.
  std::array<std::string_view, 2> secret_fields{};
  Handler handle;
};

}  // namespace oscar::http
