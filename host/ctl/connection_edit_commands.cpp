// connection-add, connection-update, connection-test
#include "ctl/commands.hpp"
#include "ctl/terminal.hpp"

#include <fstream>
#include <iostream>
#include <sstream>

namespace oscar::ctl {
namespace {

std::string fileText(const std::string& path) {
  std::ifstream in{path};
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) {
    throw CtlError{Exit::kUsage, {"--ssl-ca：无法读取 " + path, "--ssl-ca: cannot read " + path}};
  }
  return text.str();
}

Secret serverPassword(const ApiClient& api) {
  return passwordFrom("OSCAR_CONNECTION_PASSWORD",
                      Text{"MySQL 密码：", "MySQL password: "}.in(api.language()));
}

/// The fields of a connection that were given.
void writeFacts(json::Writer& body, const Arguments& arguments) {
  writeTextOption(body, arguments, "environment", "environment");
  writeTextOption(body, arguments, "host", "host");
  writeNumberOption(body, arguments, "port", "port");
  writeTextOption(body, arguments, "username", "username");
  writeTextOption(body, arguments, "database", "database_name");
  writeTextOption(body, arguments, "description", "description");
  writeTextOption(body, arguments, "charset", "charset");
  writeNumberOption(body, arguments, "connect-timeout", "connect_timeout");
  writeTextOption(body, arguments, "backend", "backend");
  if (arguments.has("no-ssl")) body.field("use_ssl", false);
  if (arguments.has("ssl") || arguments.has("ssl-ca") || arguments.has("ssl-verify")) {
    body.field("use_ssl", true);
  }
  writeTextOption(body, arguments, "ssl-verify", "ssl_verify");
  if (const auto file = arguments.get("ssl-ca")) body.field("ssl_ca", fileText(*file));
  if (arguments.has("skip-test")) body.field("skip_test", true);
}

/// What the API demands of a new connection and people rarely say.
void writeDefaults(json::Writer& body, const Arguments& arguments) {
  if (!arguments.has("environment")) body.field("environment", "test");
  if (!arguments.has("host")) body.field("host", "127.0.0.1");
  if (!arguments.has("username")) body.field("username", "");
  if (!arguments.has("database")) body.field("database_name", "");
}

Exit add(ApiClient& api, const Arguments& arguments) {
  const std::string& name = arguments.operands()[0];
  json::Writer body;
  body.beginObject().field("name", name).field("password", serverPassword(api).reveal());
  writeFacts(body, arguments);
  writeDefaults(body, arguments);
  body.endObject();
  printDone(api, arguments, api.call("POST", "/api/v1/connections", body.text()),
            {"已保存连接 " + name, "saved connection " + name});
  return Exit::kOk;
}

Exit update(ApiClient& api, const Arguments& arguments) {
  const std::string& name = arguments.operands()[0];
  const auto connection = findConnection(api, name);
  json::Writer body;
  body.beginObject();
  writeTextOption(body, arguments, "name", "name");
  writeFacts(body, arguments);
  if (arguments.has("password")) body.field("password", serverPassword(api).reveal());
  body.endObject();
  printDone(api, arguments, api.call("PUT", "/api/v1/connections/" + connection.id, body.text()),
            {"已修改连接 " + name, "changed connection " + name});
  return Exit::kOk;
}

Answer testUnsaved(ApiClient& api, const Arguments& arguments) {
  json::Writer body;
  body.beginObject().field("password", serverPassword(api).reveal());
  writeFacts(body, arguments);
  writeDefaults(body, arguments);
  body.endObject();
  return api.call("POST", "/api/v1/connections/test", body.text());
}

Exit test(ApiClient& api, const Arguments& arguments) {
  const bool saved = !arguments.operands().empty();
  const auto answer =
      saved ? api.call("POST", "/api/v1/connections/" +
                                   findConnection(api, arguments.operands()[0]).id + "/test")
            : testUnsaved(api, arguments);
  if (printedAsJson(arguments, answer)) return Exit::kOk;
  auto data = answer.object().object("server").value_or(answer.object());
  std::cout << "OK  " << data.string("flavour").value_or("") << " "
            << data.string("version").value_or("") << "  "
            << data.rawText("latency_ms").value_or("?") << " ms\n";
  return Exit::kOk;
}

std::vector<OptionSpec> serverOptions(std::vector<OptionSpec> more) {
  std::vector<OptionSpec> options{
      {"host", 0, "HOST", {"主机（新建时默认 127.0.0.1）", "host (a new one: 127.0.0.1)"}},
      {"port", 0, "PORT", {"端口（新建时默认 3306）", "port (a new one: 3306)"}},
      {"username", 'u', "NAME", {"MySQL 用户名", "MySQL user name"}},
      {"database", 'd', "NAME", {"数据库", "database"}},
      {"ssl", 0, "", {"使用 TLS 并校验证书", "use TLS and verify the certificate"}},
      {"ssl-ca",
       0,
       "FILE",
       {"CA 证书（PEM），同时启用 TLS", "PEM file of the authority; turns TLS on"}},
      {"ssl-verify",
       0,
       "HOW",
       {"required（只加密）、verify_ca 或 verify_identity（默认），同时启用 TLS",
        "required (encrypts only), verify_ca or verify_identity (the default); turns TLS on"}},
      {"charset", 0, "NAME", {"字符集（默认 utf8mb4）", "character set (default utf8mb4)"}},
      {"connect-timeout",
       0,
       "SECONDS",
       {"连接超时，1 到 60 秒（默认 5）", "longest wait to connect, 1 to 60 (default 5)"}}};
  for (auto& option : more) options.push_back(std::move(option));
  return withCommonOptions(std::move(options));
}

}  // namespace

std::vector<Command> connectionEditCommands() {
  const OptionSpec environment{
      "environment", 'e', "ENV", {"prod、test 或 dev", "prod, test or dev"}};
  const OptionSpec description{"description", 0, "TEXT", {"描述", "description"}};
  const OptionSpec backend{"backend", 0, "TYPE", {"首选的执行后端", "preferred backend"}};
  const OptionSpec skip_test{
      "skip-test", 0, "", {"不测试就保存（仅管理员）", "save without a test (admins only)"}};
  return {
      {{"connection-add",
        "NAME",
        1,
        1,
        {"新建连接（先测试再保存）；密码从终端、标准输入、OSCAR_CONNECTION_PASSWORD 或 "
         "OSCAR_CONNECTION_PASSWORD_FILE 读取",
         "add a connection (tested before it is saved); the password comes from the terminal, "
         "standard input, OSCAR_CONNECTION_PASSWORD or OSCAR_CONNECTION_PASSWORD_FILE"},
        serverOptions({environment, description, backend, skip_test})},
       true,
       add},
      {{"connection-update",
        "NAME",
        1,
        1,
        {"修改连接；未给出的不变。改主机、端口、用户名或 TLS 时要加 --password",
         "change a connection; what is not given stays. Host, port, user name and TLS change only "
         "with --password"},
        serverOptions({{"name", 0, "NAME", {"新名称", "new name"}},
                       environment,
                       description,
                       backend,
                       {"no-ssl", 0, "", {"不使用 TLS", "do without TLS"}},
                       {"password",
                        0,
                        "",
                        {"给出密码，读取方式同 connection-add",
                         "give the password, read as by connection-add"}},
                       skip_test})},
       true,
       update},
      {{"connection-test",
        "[NAME]",
        0,
        1,
        {"测试已保存的连接；不给名称时测试选项所述的服务器，密码读取方式同 connection-add",
         "test a saved connection; without a name the server of the options, the password read as "
         "by connection-add"},
        serverOptions({})},
       true,
       test},
  };
}

}  // namespace oscar::ctl
