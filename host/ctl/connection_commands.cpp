// connections, connection, connection-delete, databases, tables
#include "ctl/commands.hpp"
#include "ctl/render.hpp"

#include <iostream>

namespace oscar::ctl {
namespace {

const std::vector<Text>& heading() {
  static const std::vector<Text> kHeading{{"名称", "NAME"},     {"环境", "ENV"},
                                          {"服务器", "SERVER"}, {"数据库", "DATABASE"},
                                          {"用户名", "USER"},   {"描述", "DESCRIPTION"}};
  return kHeading;
}

Row rowOf(json::Reader& c) {
  return {c.string("name").value_or(""),
          c.string("environment").value_or(""),
          c.string("host").value_or("") + ":" + std::to_string(c.integer("port").value_or(0)),
          c.string("database_name").value_or(""),
          c.string("username").value_or(""),
          c.string("description").value_or("")};
}

Exit list(ApiClient& api, const Arguments& arguments) {
  std::string path = "/api/v1/connections?page_size=200";
  if (const auto environment = arguments.get("environment")) {
    path += "&environment=" + urlEncode(*environment);
  }
  const auto answer = api.call("GET", path);
  if (printedAsJson(arguments, answer)) return Exit::kOk;
  auto data = answer.object();
  std::vector<Row> rows;
  for (auto& c : data.objects("items").value_or(std::vector<json::Reader>{})) {
    rows.push_back(rowOf(c));
  }
  std::cout << renderTable(heading(), rows, api.language());
  return Exit::kOk;
}

Exit show(ApiClient& api, const Arguments& arguments) {
  const auto connection = findConnection(api, arguments.operands()[0]);
  const auto answer = api.call("GET", "/api/v1/connections/" + connection.id);
  if (printedAsJson(arguments, answer)) return Exit::kOk;
  auto data = answer.object();
  std::cout << renderTable(heading(), {rowOf(data)}, api.language());
  return Exit::kOk;
}

Exit remove(ApiClient& api, const Arguments& arguments) {
  const std::string& name = arguments.operands()[0];
  const auto connection = findConnection(api, name);
  printDone(api, arguments, api.call("DELETE", "/api/v1/connections/" + connection.id),
            {"已删除连接 " + name, "deleted connection " + name});
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
  std::vector<Row> rows;
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
  std::cout << renderTable({{"表", "TABLE"},
                            {"行数", "ROWS"},
                            {"数据", "DATA"},
                            {"索引", "INDEX"},
                            {"碎片", "FREE"},
                            {"引擎", "ENGINE"},
                            {"注释", "COMMENT"}},
                           rows, api.language());
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
      {{"connection", "NAME", 1, 1, {"一个连接", "one connection"}, withCommonOptions({})},
       true,
       show},
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
