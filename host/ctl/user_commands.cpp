// users, user, user-add, user-update, password
#include "ctl/commands.hpp"
#include "ctl/local_time.hpp"
#include "ctl/render.hpp"
#include "ctl/terminal.hpp"

#include <iostream>

namespace oscar::ctl {
namespace {

const std::vector<Text>& heading() {
  static const std::vector<Text> kHeading{{"用户名", "USER"}, {"角色", "ROLE"},
                                          {"状态", "ACTIVE"}, {"姓名", "NAME"},
                                          {"邮箱", "EMAIL"},  {"上次登录", "LAST LOGIN"}};
  return kHeading;
}

Row rowOf(json::Reader& user, Language language) {
  const bool active = user.boolean("is_active").value_or(false);
  return {user.string("username").value_or(""),
          user.string("role").value_or(""),
          (active ? Text{"启用", "yes"} : Text{"停用", "no"}).in(language),
          user.string("display_name").value_or(""),
          user.string("email").value_or(""),
          localTime(user.string("last_login_at").value_or(""))};
}

Exit users(ApiClient& api, const Arguments& arguments) {
  const auto answer = api.call("GET", "/api/v1/users?page_size=200");
  if (printedAsJson(arguments, answer)) return Exit::kOk;
  auto data = answer.object();
  std::vector<Row> rows;
  for (auto& user : data.objects("items").value_or(std::vector<json::Reader>{})) {
    rows.push_back(rowOf(user, api.language()));
  }
  std::cout << renderTable(heading(), rows, api.language());
  return Exit::kOk;
}

/// The API knows users by id, people by name.
std::string userPath(ApiClient& api, const std::string& name) {
  for (int page = 1;; ++page) {
    const auto answer = api.call("GET", "/api/v1/users?page_size=200&page=" + std::to_string(page));
    auto data = answer.object();
    auto items = data.objects("items").value_or(std::vector<json::Reader>{});
    for (auto& user : items) {
      const std::string id = user.string("id").value_or("");
      if (user.string("username") == name || id == name) return "/api/v1/users/" + urlEncode(id);
    }
    if (items.empty()) break;
  }
  std::string envelope;  // oscard's own refusal, for --json
  try {
    api.call("GET", "/api/v1/users/" + urlEncode(name));
  } catch (const CtlError& e) {
    if (!e.isNotFound()) throw;
    envelope = e.envelope();
  }
  const Text words{"没有用户 " + name + "；用 oscarctl users 查看",
                   "no user is called " + name + "; oscarctl users lists them"};
  throw CtlError::quoting(Exit::kRefused, words.in(api.language()), std::move(envelope), 404);
}

Exit user(ApiClient& api, const Arguments& arguments) {
  const auto answer = api.call("GET", userPath(api, arguments.operands()[0]));
  if (printedAsJson(arguments, answer)) return Exit::kOk;
  auto data = answer.object();
  std::cout << renderTable(heading(), {rowOf(data, api.language())}, api.language());
  return Exit::kOk;
}

Secret newPassword(const ApiClient& api) {
  return passwordFrom("OSCAR_NEW_PASSWORD", Text{"新密码：", "new password: "}.in(api.language()));
}

void writeFacts(json::Writer& body, const Arguments& arguments) {
  writeTextOption(body, arguments, "role", "role");
  writeTextOption(body, arguments, "display-name", "display_name");
  writeTextOption(body, arguments, "email", "email");
}

Exit add(ApiClient& api, const Arguments& arguments) {
  const std::string& name = arguments.operands()[0];
  json::Writer body;
  body.beginObject().field("username", name).field("password", newPassword(api).reveal());
  writeFacts(body, arguments);
  body.endObject();
  printDone(api, arguments, api.call("POST", "/api/v1/users", body.text()),
            {"已创建用户 " + name, "created user " + name});
  return Exit::kOk;
}

Exit update(ApiClient& api, const Arguments& arguments) {
  if (arguments.has("enable") && arguments.has("disable")) {
    throw CtlError{Exit::kUsage,
                   {"--enable 与 --disable 只能给出一个", "give --enable or --disable, not both"}};
  }
  const std::string& name = arguments.operands()[0];
  const std::string path = userPath(api, name);
  json::Writer body;
  body.beginObject();
  writeFacts(body, arguments);
  if (arguments.has("enable") || arguments.has("disable")) {
    body.field("is_active", arguments.has("enable"));
  }
  if (arguments.has("password")) body.field("password", newPassword(api).reveal());
  body.endObject();
  printDone(api, arguments, api.call("PUT", path, body.text()),
            {"已修改用户 " + name, "changed user " + name});
  return Exit::kOk;
}

Exit password(ApiClient& api, const Arguments& arguments) {
  const Secret before =
      passwordFrom("OSCAR_PASSWORD", Text{"当前密码：", "current password: "}.in(api.language()));
  json::Writer body;
  body.beginObject()
      .field("current_password", before.reveal())
      .field("new_password", newPassword(api).reveal())
      .endObject();
  printDone(api, arguments, api.call("PUT", "/api/v1/auth/password", body.text()),
            {"密码已修改，其他会话已注销", "password changed; your other sessions are over"});
  return Exit::kOk;
}

}  // namespace

std::vector<Command> userCommands() {
  const OptionSpec role{
      "role", 'r', "ROLE", {"viewer、operator 或 admin", "viewer, operator or admin"}};
  const OptionSpec display_name{"display-name", 0, "TEXT", {"姓名", "name to show"}};
  const OptionSpec email{"email", 0, "ADDRESS", {"邮箱", "email address"}};
  return {
      {{"users", "", 0, 0, {"列出用户（管理员）", "list users (admins)"}, withCommonOptions({})},
       true,
       users},
      {{"user", "NAME", 1, 1, {"一个用户（管理员）", "one user (admins)"}, withCommonOptions({})},
       true,
       user},
      {{"user-add",
        "NAME",
        1,
        1,
        {"新建用户（管理员）；密码从终端、标准输入、OSCAR_NEW_PASSWORD 或 OSCAR_NEW_PASSWORD_FILE "
         "读取",
         "create a user (admins); the password comes from the terminal, standard input, "
         "OSCAR_NEW_PASSWORD or OSCAR_NEW_PASSWORD_FILE"},
        withCommonOptions({role, display_name, email})},
       true,
       add},
      {{"user-update",
        "NAME",
        1,
        1,
        {"修改用户（管理员）；未给出的不变", "change a user (admins); what is not given stays"},
        withCommonOptions(
            {role,
             display_name,
             email,
             {"enable", 0, "", {"启用", "let them log in"}},
             {"disable", 0, "", {"停用，并注销其会话", "lock out, and end the sessions"}},
             {"password",
              0,
              "",
              {"设新密码，读取方式同 user-add", "set a new password, read as by user-add"}}})},
       true,
       update},
      {{"password",
        "",
        0,
        0,
        {"修改自己的密码（OSCAR_PASSWORD、OSCAR_NEW_PASSWORD 或提示输入）",
         "change my password (OSCAR_PASSWORD, OSCAR_NEW_PASSWORD or asked for)"},
        withCommonOptions({})},
       true,
       password},
  };
}

}  // namespace oscar::ctl
