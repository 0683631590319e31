// connections, connection-add, connection-test, connection-delete, databases, tables
#include "ctl/commands.hpp"
#include "ctl/render.hpp"
#include "ctl/terminal.hpp"
#include "json/writer.hpp"

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

namespace oscar::ctl {
namespace {

using Rows = std::vector<std::vector<std::string>>;

Exit list(ApiClient& api, const Arguments& arguments) {
  std::string path = "/api/v1/connections?page_size=200";
  if (const auto environment = arguments.get("environment")) {
    path += "&environment=" + urlEncode(*environment);
  }
  const auto answer = api.call("GET", path);
  if (printedAsJson(arguments, answer)) return Exit::kOk;
  auto data = answer.object();
  Rows rows{{"NAME", "ENV", "SERVER", "DATABASE", "USER", "DESCRIPTION"}};
  for (auto& c : data.objects("items").value_or(std::vector<json::Reader>{})) {
    rows.push_back(
        {c.string("name").value_or(""), c.string("environment").value_or(""),
         c.string("host").value_or("") + ":" + std::to_string(c.integer("port").value_or(0)),
         c.string("database_name").value_or(""), c.string("username").value_or(""),
         c.string("description").value_or("")});
  }
  std::cout << renderTable(rows);
  return Exit::kOk;
}

std::string fileText(const std::string& path) {
  std::ifstream in{path};
  if (!in) throw CtlError{Exit::kUsage, "cannot read " + path};
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

Exit add(ApiClient& api, const Arguments& arguments) {
  const bool zh = api.language() == Language::kZh;
  const char* given = std::getenv("OSCAR_CONNECTION_PASSWORD");
  const Secret password =
      given != nullptr ? Secret{given} : readPassword(zh ? "MySQL 密码：" : "MySQL password: ");
  json::Writer body;
  body.beginObject()
      .field("name", arguments.operands()[0])
      .field("environment", arguments.get("environment").value_or("test"))
      .field("host", arguments.get("host").value_or("127.0.0.1"))
      .field("port", arguments.number("port").value_or(3306))
      .field("username", arguments.get("username").value_or(""))
      .field("password", password.reveal())
      .field("database_name", arguments.get("database").value_or(""))
      .field("description", arguments.get("description").value_or(""));
  if (arguments.has("ssl-ca")) {
    body.field("use_ssl", true).field("ssl_ca", fileText(*arguments.get("ssl-ca")));
  }
  if (arguments.has("ssl")) body.field("use_ssl", true);
  if (arguments.has("skip-test")) body.field("skip_test", true);
  body.endObject();
  const auto answer = api.call("POST", "/api/v1/connections", body.text());
  if (printedAsJson(arguments, answer)) return Exit::kOk;
  std::cout << (zh ? "已保存连接 " : "saved connection ") << arguments.operands()[0] << '\n';
  return Exit::kOk;
}

Exit test(ApiClient& api, const Arguments& arguments) {
  const auto connection = findConnection(api, arguments.operands()[0]);
  const auto answer = api.call("POST", "/api/v1/connections/" + connection.id + "/test");
  if (printedAsJson(arguments, answer)) return Exit::kOk;
  auto data = answer.object().object("server").value_or(answer.object());
  std::cout << "OK  " << data.string("flavour").value_or("") << " "
            << data.string("version").value_or("") << "  "
            << data.rawText("latency_ms").value_or("?") << " ms\n";
  return Exit::kOk;
}

Exit remove(ApiClient& api, const Arguments& arguments) {
  const auto connection = findConnection(api, arguments.operands()[0]);
  const auto answer = api.call("DELETE", "/api/v1/connections/" + connection.id);
  printedAsJson(arguments, answer);
  return Exit::kOk;
}

Exit databases(ApiClient& api, const Arguments& arguments) {
  const auto connection = findConnection(api, arguments.operands()[0]);
  const auto answer = api.call("GET", "/api/v1/tools/databases/" + connection.id);
  if (printedAsJson(arguments, answer)) return Exit::kOk;
  auto data = answer.object();
  for (const auto& name : data.strings("items").value_or(std::vector<std::string>{})) {
    std::cout << name << '\n';
  }
  return Exit::kOk;
}

Exit tables(ApiClient& api, const Arguments& arguments) {
  const auto connection = findConnection(api, arguments.operands()[0]);
  const std::string database =
      arguments.operands().size() > 1 ? arguments.operands()[1] : connection.database;
  const auto answer =
      api.call("GET", "/api/v1/tools/tables/" + connection.id + "/" + urlEncode(database));
  if (printedAsJson(arguments, answer)) return Exit::kOk;
  auto data = answer.object();
  Rows rows{{"TABLE", "ROWS", "DATA", "INDEX", "FREE", "ENGINE", "COMMENT"}};
  const auto bytes = [](json::Reader& t, const char* key) {
    const auto value = t.integer(key);
    return value ? renderBytes(*value) : "?";
  };
  for (auto& t : data.objects("items").value_or(std::vector<json::Reader>{})) {
    const auto count = t.integer("rows");
    rows.push_back({t.string("name").value_or(""), count ? withThousands(*count) : "?",
                    bytes(t, "data_bytes"), bytes(t, "index_bytes"), bytes(t, "data_free"),
                    t.string("engine").value_or(""), t.string("comment").value_or("")});
  }
  std::cout << renderTable(rows);
  return Exit::kOk;
}

}  // namespace

std::vector<Command> connectionCommands() {
  const OptionSpec environment{
      "environment", 'e', "ENV", {"prod、test 或 dev", "prod, test or dev"}};
  return {
      {{"connections",
        "",
        0,
        0,
        {"列出连接", "list connections"},
        withCommonOptions({environment})},
       true,
       list},
      {{"connection-add",
        "NAME",
        1,
        1,
        {"新建连接（先测试再保存）；密码从终端、标准输入或 OSCAR_CONNECTION_PASSWORD 读取",
         "add a connection (tested before it is saved); the password comes from the terminal, "
         "standard input or OSCAR_CONNECTION_PASSWORD"},
        withCommonOptions(
            {environment,
             {"host", 0, "HOST", {"主机（默认 127.0.0.1）", "host (default 127.0.0.1)"}},
             {"port", 0, "PORT", {"端口（默认 3306）", "port (default 3306)"}},
             {"username", 'u', "NAME", {"MySQL 用户名", "MySQL user name"}},
             {"database", 'd', "NAME", {"数据库", "database"}},
             {"description", 0, "TEXT", {"描述", "description"}},
             {"ssl", 0, "", {"使用 TLS 并校验证书", "use TLS and verify the certificate"}},
             {"ssl-ca",
              0,
              "FILE",
              {"CA 证书（PEM），同时启用 TLS", "PEM file of the authority; turns TLS on"}},
             {"skip-test",
              0,
              "",
              {"不测试就保存（仅管理员）", "save without a test (admins only)"}}})},
       true,
       add},
      {{"connection-test",
        "NAME",
        1,
        1,
        {"测试已保存的连接", "test a saved connection"},
        withCommonOptions({})},
       true,
       test},
      {{"connection-delete",
        "NAME",
        1,
        1,
        {"删除连接", "delete a connection"},
        withCommonOptions({})},
       true,
       remove},
      {{"databases", "CONNECTION", 1, 1, {"列出数据库", "list databases"}, withCommonOptions({})},
       true,
       databases},
      {{"tables",
        "CONNECTION [DATABASE]",
        1,
        2,
        {"列出表：行数、大小、碎片", "list tables: rows, size, fragmentation"},
        withCommonOptions({})},
       true,
       tables},
  };
}

}  // namespace oscar::ctl
