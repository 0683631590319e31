#include "http/auth_controller.hpp"

#include "http/json_body.hpp"
#include "http/mappers.hpp"
#include "http/query_reader.hpp"

namespace oscar::http {
namespace {

constexpr std::string_view kRoleWords = "viewer, operator, admin";

/// An in-process caller has no connection that a token or a ticket could be for.
void refuseInProcess(const Call& call) {
  if (!call.request.principal) return;
  throw ServiceError{ErrorCode::kForbidden,
                     {"进程内调用不能登录或领取票据。",
                      "A call from inside the process can neither log in nor get a ticket."}};
}

std::string userJson(const User& user) {
  return jsonOf([&](json::Writer& out) { writeUser(out, user); });
}

std::optional<Secret> secretField(json::Reader& reader, std::string_view key) {
  auto value = reader.string(key, 0, 1024);
  if (!value) return std::nullopt;
  return Secret{std::move(*value)};
}

}  // namespace

AuthController::AuthController(services::AuthService& auth, ports::TicketOffice& tickets)
    : auth_{auth}, tickets_{tickets} {}

Response AuthController::login(Call& call) {
  refuseInProcess(call);
  JsonBody body{call.request};
  const std::string username = body->requireString("username", 1, 100);
  const Secret password{body->requireString("password", 1, 1024)};
  call.audit.username = username;
  body.finish();
  const auto login =
      auth_.login(username, password,
                  {call.request.peer_address,
                   std::string{call.request.headers.get("User-Agent").substr(0, 500)}});
  call.audit.username = login.user.username;
  call.audit.user_id = login.user.id;
  json::Writer out;
  out.beginObject()
      .field("token", login.token)
      .field("token_type", "Bearer")
      .field("expires_at", formatTimestamp(login.expires_at))
      .key("user");
  writeUser(out, login.user);
  out.endObject();
  return Response::json(out.take());
}

Response AuthController::logout(Call& call) {
  JsonBody{call.request, true}.finish();
  auth_.logout(call.principal);
  return Response::json("{}");
}

Response AuthController::profile(Call& call) {
  QueryReader{call.request}.finish();
  return Response::json(userJson(auth_.profile(call.principal)));
}

Response AuthController::changePassword(Call& call) {
  JsonBody body{call.request};
  const Secret current{body->requireString("current_password", 1, 1024)};
  const Secret wanted{body->requireString("new_password", 1, 1024)};
  body.finish();
  auth_.changePassword(call.principal, current, wanted);
  return Response::json("{}");
}

Response AuthController::webSocketTicket(Call& call) {
  refuseInProcess(call);
  JsonBody{call.request, true}.finish();
  const auto ticket = tickets_.issue(call.principal);
  json::Writer out;
  out.beginObject()
      .field("ticket", ticket.text)
      .field("expires_in_seconds", ticket.valid_seconds)
      .endObject();
  return Response::json(out.take());
}

UserController::UserController(services::UserService& users) : users_{users} {}

Response UserController::list(Call& call) {
  QueryReader query{call.request};
  const PageRequest page = query.page();
  query.finish();
  return Response::json(pageJson(users_.list(page), page, writeUser));
}

Response UserController::create(Call& call) {
  JsonBody body{call.request};
  services::NewUser wanted;
  wanted.username = body->requireString("username", 1, 100);
  wanted.password = Secret{body->requireString("password", 1, 1024)};
  wanted.display_name = body->string("display_name", 0, 100).value_or("");
  wanted.email = body->string("email", 0, 255).value_or("");
  wanted.role = body.word(body.reader(), "role", parseRole, kRoleWords).value_or(Role::kViewer);
  body.finish([&] { services::checkNewUser(wanted); });
  const User user = users_.create(wanted);
  call.audit.resource_id = user.id;
  return Response::json(userJson(user));
}

Response UserController::get(Call& call) {
  QueryReader{call.request}.finish();
  return Response::json(userJson(users_.get(call.param("id"))));
}

Response UserController::update(Call& call) {
  JsonBody body{call.request};
  services::UserChange change;
  change.display_name = body->string("display_name", 0, 100);
  change.email = body->string("email", 0, 255);
  change.role = body.word(body.reader(), "role", parseRole, kRoleWords);
  change.is_active = body->boolean("is_active");
  change.password = secretField(body.reader(), "password");
  const std::string& id = call.param("id");
  body.finish([&] { services::checkUserChange(change, users_.get(id).username); });
  return Response::json(userJson(users_.update(id, change)));
}

}  // namespace oscar::http
