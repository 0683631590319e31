// login, logout, whoami
#include "ctl/commands.hpp"
#include "ctl/local_time.hpp"
#include "ctl/session_file.hpp"
#include "ctl/terminal.hpp"
#include "json/writer.hpp"

#include <iostream>

namespace oscar::ctl {
namespace {

constexpr const char* kDefaultUrl = "http://127.0.0.1:8080";

Exit login(ApiClient& api, const Arguments& arguments) {
  const std::string url = arguments.operands().empty() ? kDefaultUrl : arguments.operands()[0];
  const std::string username = arguments.get("username").value_or("admin");
  const bool zh = api.language() == Language::kZh;
  const Secret password = passwordFrom(
      "OSCAR_PASSWORD", (zh ? "密码（" : "password (") + username + (zh ? "）：" : "): "));
  json::Writer body;
  body.beginObject().field("username", username).field("password", password.reveal()).endObject();
  ApiClient fresh{url, "", api.language()};
  const auto answer = fresh.call("POST", "/api/v1/auth/login", body.text());
  auto data = answer.object();
  saveSession({fresh.url(), data.string("token").value_or("")});
  if (arguments.has("json")) {
    // Without the token: it is in the session file, and terminals are recorded.
    json::Writer shown;
    shown.beginObject().field("url", fresh.url()).field("username", username);
    shown.field("expires_at", data.string("expires_at")).endObject();
    std::cout << shown.text() << '\n';
    return Exit::kOk;
  }
  std::cout << (zh ? "已登录 " : "logged in to ") << fresh.url() << (zh ? "，有效期至 " : " until ")
            << localTimeWithOffset(data.string("expires_at").value_or("?")) << '\n';
  return Exit::kOk;
}

Exit logout(ApiClient& api, const Arguments&) {
  api.call("POST", "/api/v1/auth/logout");
  removeSession();
  return Exit::kOk;
}

Exit whoami(ApiClient& api, const Arguments& arguments) {
  const auto answer = api.call("GET", "/api/v1/auth/profile");
  if (printedAsJson(arguments, answer)) return Exit::kOk;
  auto user = answer.object();
  std::cout << user.string("username").value_or("?") << " (" << user.string("role").value_or("?")
            << ") @ " << api.url() << '\n';
  return Exit::kOk;
}

}  // namespace

std::vector<Command> sessionCommands() {
  return {
      {{"login",
        "[URL]",
        0,
        1,
        {"登录（默认 http://127.0.0.1:8080）；密码从终端、标准输入、OSCAR_PASSWORD 或 "
         "OSCAR_PASSWORD_FILE 读取",
         "log in (default http://127.0.0.1:8080); the password comes from the terminal, standard "
         "input, OSCAR_PASSWORD or OSCAR_PASSWORD_FILE"},
        withCommonOptions(
            {{"username", 'u', "NAME", {"用户名（默认 admin）", "user name (default admin)"}}})},
       false,
       login},
      {{"logout", "", 0, 0, {"注销", "log out"}, withCommonOptions({})}, true, logout},
      {{"whoami", "", 0, 0, {"当前用户", "who is logged in"}, withCommonOptions({})}, true, whoami},
  };
}

}  // namespace oscar::ctl
