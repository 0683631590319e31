#include "http/routes.hpp"

#include "domain/error.hpp"
#include "http/ddl_controller.hpp"
#include "http/error_mapper.hpp"

namespace oscar::http {
namespace {

using Handle = Response (*)(Controllers&, Call&);

struct Row {
  std::string_view method;
  std::string_view pattern;
  Access access;
  std::string_view action;
  std::string_view resource_type;
  Handle handle;
  std::array<std::string_view, 2> secret_fields{};
};

/// What wants to become a WebSocket never comes here: the server asks the upgrade handler.
Response refusePlainRequest(const Call& call) {
  throw ServiceError{
      kUpgradeRequired,
      {"这里只有 WebSocket。请用 WebSocket 客户端连接 " + std::string{call.request.path} +
           "，或用 REST 查询 /api/v1/executions/{id}。",
       "There is only a WebSocket here. Connect to " + call.request.path +
           " with a WebSocket client, or ask REST at /api/v1/executions/{id}."}};
}

constexpr auto kPublic = Access::kPublic;
constexpr auto kViewer = Access::kViewer;
constexpr auto kOperator = Access::kOperator;
constexpr auto kAdmin = Access::kAdmin;

// clang-format off
#define OSCAR_DO(expression) [](Controllers& c, Call& call) -> Response { return expression; }
const Row kRows[] = {
  // The process itself
  {"GET",    "/",                                      kPublic,   "", "", OSCAR_DO(c.system.home(call))},
  {"GET",    "/home.css",                              kPublic,   "", "", OSCAR_DO(c.system.homeStyle(call))},
  {"GET",    "/healthz",                               kPublic,   "", "", OSCAR_DO(c.system.health(call))},
  {"GET",    "/api/v1/openapi.yaml",                   kPublic,   "", "", OSCAR_DO(c.system.openapi(call))},
  // Who asks
  {"POST",   "/api/v1/auth/login",                     kPublic,   "auth.login",  "session", OSCAR_DO(c.auth.login(call)), {"password"}},
  {"POST",   "/api/v1/auth/logout",                    kViewer,   "auth.logout", "session", OSCAR_DO(c.auth.logout(call))},
  {"GET",    "/api/v1/auth/profile",                   kViewer,   "", "", OSCAR_DO(c.auth.profile(call))},
  {"PUT",    "/api/v1/auth/password",                  kViewer,   "auth.password", "user", OSCAR_DO(c.auth.changePassword(call)), {"current_password", "new_password"}},
  {"POST",   "/api/v1/auth/ws-ticket",                 kViewer,   "", "", OSCAR_DO(c.auth.webSocketTicket(call))},
  {"GET",    "/api/v1/users",                          kAdmin,    "", "", OSCAR_DO(c.users.list(call))},
  {"POST",   "/api/v1/users",                          kAdmin,    "user.create", "user", OSCAR_DO(c.users.create(call)), {"password"}},
  {"GET",    "/api/v1/users/{id}",                     kAdmin,    "", "", OSCAR_DO(c.users.get(call))},
  {"PUT",    "/api/v1/users/{id}",                     kAdmin,    "user.update", "user", OSCAR_DO(c.users.update(call)), {"password"}},
  // Where changes are made
  {"GET",    "/api/v1/connections",                    kViewer,   "", "", OSCAR_DO(c.connections.list(call))},
  {"POST",   "/api/v1/connections",                    kAdmin,    "connection.create", "connection", OSCAR_DO(c.connections.create(call)), {"password"}},
  {"POST",   "/api/v1/connections/test",               kAdmin,    "connection.test_unsaved", "connection", OSCAR_DO(c.connections.testUnsaved(call)), {"password"}},
  {"GET",    "/api/v1/connections/{id}",               kViewer,   "", "", OSCAR_DO(c.connections.get(call))},
  {"PUT",    "/api/v1/connections/{id}",               kAdmin,    "connection.update", "connection", OSCAR_DO(c.connections.update(call)), {"password"}},
  {"DELETE", "/api/v1/connections/{id}",               kAdmin,    "connection.delete", "connection", OSCAR_DO(c.connections.remove(call))},
  {"POST",   "/api/v1/connections/{id}/test",          kOperator, "connection.test", "connection", OSCAR_DO(c.connections.test(call))},
  {"GET",    "/api/v1/tools/databases/{conn_id}",      kViewer,   "", "", OSCAR_DO(c.connections.databases(call))},
  {"GET",    "/api/v1/tools/tables/{conn_id}/{db}",    kViewer,   "", "", OSCAR_DO(c.connections.tables(call))},
  // What would happen
  {"POST",   "/api/v1/tools/ddl/parse",                kOperator, "", "", OSCAR_DO((static_cast<void>(c), parseDdl(call)))},
  {"POST",   "/api/v1/tools/ddl/preview",              kOperator, "", "", OSCAR_DO(c.executions.preview(call))},
  // What happens and has happened
  {"POST",   "/api/v1/executions",                     kOperator, "execution.submit", "execution", OSCAR_DO(c.executions.submit(call))},
  {"GET",    "/api/v1/executions",                     kViewer,   "", "", OSCAR_DO(c.executions.list(call))},
  {"GET",    "/api/v1/executions/statistics",          kViewer,   "", "", OSCAR_DO(c.executions.statistics(call))},
  {"GET",    "/api/v1/executions/{id}",                kViewer,   "", "", OSCAR_DO(c.executions.get(call))},
  {"GET",    "/api/v1/executions/{id}/logs",           kViewer,   "", "", OSCAR_DO(c.executions.logs(call))},
  {"GET",    "/api/v1/executions/{id}/logs/download",  kViewer,   "", "", OSCAR_DO(c.executions.downloadLogs(call))},
  {"GET",    "/ws/execution/{id}",                     kPublic,   "", "", OSCAR_DO((static_cast<void>(c), refusePlainRequest(call)))},
  {"POST",   "/api/v1/executions/{id}/stop",           kOperator, "execution.stop", "execution", OSCAR_DO(c.executions.stop(call))},
  {"POST",   "/api/v1/executions/{id}/retry",          kOperator, "execution.retry", "execution", OSCAR_DO(c.executions.retry(call))},
  // Around it
  {"GET",    "/api/v1/audit-logs",                     kAdmin,    "", "", OSCAR_DO(c.system.auditLogs(call))},
  {"GET",    "/api/v1/plugins",                        kViewer,   "", "", OSCAR_DO(c.system.plugins(call))},
  {"GET",    "/api/v1/settings/execution-defaults",    kViewer,   "", "", OSCAR_DO(c.system.executionDefaults(call))},
};
#undef OSCAR_DO
// clang-format on

Route describe(const Row& row) {
  Route route;
  route.method = row.method;
  route.pattern = row.pattern;
  route.access = row.access;
  route.action = row.action;
  route.resource_type = row.resource_type;
  route.secret_fields = row.secret_fields;
  return route;
}

}  // namespace

std::vector<Route> makeRoutes(Controllers& controllers) {
  std::vector<Route> routes;
  for (const Row& row : kRows) {
    Route& route = routes.emplace_back(describe(row));
    route.handle = [&controllers, handle = row.handle](Call& call) {
      return handle(controllers, call);
    };
  }
  return routes;
}

std::vector<Route> describeRoutes() {
  std::vector<Route> routes;
  for (const Row& row : kRows) routes.push_back(describe(row));
  return routes;
}

}  // namespace oscar::http
