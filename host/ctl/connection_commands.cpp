// connections, connection, connection-delete, databases, tables
#include "ctl/commands.hpp"
#include "ctl/local_time.hpp"
#include "ctl/render.hpp"
#include "ctl/terminal.hpp"

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

std::string tlsOf(json::Reader& c, Language language) {
  if (!c.boolean("use_ssl").value_or(false)) return Text{"否", "no"}.in(language);
  const std::string authority = c.string("ssl_ca").value_or("").empty()
                                    ? Text{"系统的 CA", "the system's authorities"}.in(language)
                                    : Text{"自带的 CA", "an authority of its own"}.in(language);
  return c.string("ssl_verify").value_or("") + ", " + authority;
}

Exit show(ApiClient& api, const Arguments& arguments) {
  const auto connection = findConnection(api, arguments.operands()[0]);
  const auto answer = api.call("GET", "/api/v1/connections/" + connection.id);
  if (printedAsJson(arguments, answer)) return Exit::kOk;
  auto c = answer.object();
  const Language language = api.language();
  const auto words = [&c](const char* field) { return c.string(field).value_or(""); };
  const std::vector<std::pair<Text, std::string>> facts{
      {{"名称", "name"}, words("name")},
      {{"ID", "id"}, words("id")},
      {{"环境", "environment"}, words("environment")},
      {{"服务器", "server"}, rowOf(c)[2]},
      {{"数据库", "database"}, words("database_name")},
      {{"用户名", "user"}, words("username")},
      {{"描述", "description"}, words("description")},
      {{"字符集", "charset"}, words("charset")},
      {{"连接超时", "connect timeout"},
       c.rawText("connect_timeout").value_or("?") + Text{" 秒", " s"}.in(language)},
      {{"TLS", "TLS"}, tlsOf(c, language)},
      {{"执行后端", "backend"},
       words("backend").empty() ? Text{"（默认）", "(default)"}.in(language) : words("backend")},
      {{"创建人", "created by"}, words("created_by")},
      {{"创建时间", "created"}, localTimeWithOffset(words("created_at"))},
      {{"修改时间", "changed"}, localTimeWithOffset(words("updated_at"))}};
  constexpr std::size_t kColumn = 17;
  for (const auto& [label, value] : facts) {
    const std::string name = label.in(language);
    std::cout << name << std::string(kColumn - displayWidth(name), ' ') << value << '\n';
  }
  return Exit::kOk;
}

/// Asks where somebody can answer; a script has to say --yes.
void confirmDeletion(const ApiClient& api, const Arguments& arguments, const std::string& name) {
  if (arguments.has("yes")) return;
  if (!stdinIsTerminal()) {
    throw CtlError{Exit::kUsage,
                   {"没有删除：不在终端上，请加 --yes 确认删除连接 " + name,
                    "nothing was deleted: this is no terminal, add --yes to delete " + name}};
  }
  const Text question{"删除连接 " + name + "？执行历史会保留 [y/N] ",
                      "delete connection " + name + "? Its executions stay in the history [y/N] "};
  if (askedYes(question.in(api.language()))) return;
  throw CtlError{Exit::kCancelled, {"没有删除", "nothing was deleted"}};
}

Exit remove(ApiClient& api, const Arguments& arguments) {
  const std::string& name = arguments.operands()[0];
  const auto connection = findConnection(api, name);
  confirmDeletion(api, arguments, name);
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
        {"删除连接；在终端上会先询问", "delete a connection; asks on a terminal"},
        withCommonOptions({{"yes", 'y', "", {"不询问", "do not ask"}}})},
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
