// parse, preview, run, retry
#include "ctl/commands.hpp"
#include "ctl/render.hpp"

#include <iostream>

namespace oscar::ctl {
namespace {

std::string requestBody(ApiClient& api, const Arguments& arguments) {
  const auto& operands = arguments.operands();
  const auto connection = findConnection(api, operands[0]);
  std::string database = connection.database;
  std::string table = operands[1];
  if (const std::size_t dot = table.find('.'); dot != std::string::npos) {
    database = table.substr(0, dot);
    table = table.substr(dot + 1);
  }
  const bool fragment = operands.size() < 3;
  if (fragment && !arguments.has("fragment")) {
    throw CtlError{Exit::kUsage,
                   {"请给出 ALTER 内容，或用 --fragment 整理碎片",
                    "give the ALTER text, or --fragment to defragment the table"}};
  }
  if (!fragment && arguments.has("fragment")) {
    throw CtlError{Exit::kUsage,
                   {"--fragment 不能与 ALTER 内容同时使用",
                    "--fragment goes without an ALTER text: leave one of the two out"}};
  }
  json::Writer w;
  w.beginObject().field("connection_id", connection.id).field("database_name", database);
  w.field("table_name", table).field("ddl_type", fragment ? "fragment" : "custom");
  if (!fragment) w.field("original_ddl", operands[2]);
  w.key("execution_params").beginObject();
  writeNumberOption(w, arguments, "chunk-size", "chunk_size");
  if (const auto seconds = arguments.get("chunk-time")) {
    w.field("chunk_time", secondsOf("chunk-time", *seconds));
  }
  writeTextOption(w, arguments, "max-load", "max_load");
  writeTextOption(w, arguments, "critical-load", "critical_load");
  writeTextOption(w, arguments, "charset", "charset");
  writeNumberOption(w, arguments, "lock-wait-timeout", "lock_wait_timeout");
  w.key("extra").beginObject();
  for (const auto& setting : arguments.all("set")) {
    const std::size_t sign = setting.find('=');
    w.field(setting.substr(0, sign),
            sign == std::string::npos ? std::string{} : setting.substr(sign + 1));
  }
  w.endObject().endObject();
  writeTextOption(w, arguments, "backend", "backend");
  writeTextOption(w, arguments, "confirm", "confirm_text");
  return w.endObject().take();
}

void printFindings(json::Reader& data) {
  for (auto& f : data.objects("findings").value_or(std::vector<json::Reader>{})) {
    const std::string severity = f.string("severity").value_or("info");
    std::cout << (severity == "info"      ? "- "
                  : severity == "confirm" ? "! "
                                          : "X ")
              << f.string("text").value_or("") << '\n';
  }
}

/// What a submission of the same would be answered.
Exit previewExit(json::Reader& data, const Arguments& arguments) {
  for (auto& f : data.objects("findings").value_or(std::vector<json::Reader>{})) {
    if (f.string("severity") == "refuse") return Exit::kRefused;
  }
  const std::string wanted = data.string("confirm_text").value_or("");
  return wanted.empty() || wanted == arguments.get("confirm") ? Exit::kOk : Exit::kRefused;
}

Exit preview(ApiClient& api, const Arguments& arguments) {
  const auto answer = api.call("POST", "/api/v1/tools/ddl/preview", requestBody(api, arguments));
  auto data = answer.object();
  const Exit exit = previewExit(data, arguments);
  if (printedAsJson(arguments, answer)) return exit;
  std::cout << data.string("command").value_or("") << "\n\n";
  printFindings(data);
  if (const auto confirm = data.string("confirm_text"); confirm && !confirm->empty()) {
    std::cout << "\n--confirm " << *confirm << '\n';
  }
  return exit;
}

Exit parse(ApiClient& api, const Arguments& arguments) {
  json::Writer body;
  body.beginObject().field("ddl", arguments.operands()[0]).endObject();
  const auto answer = api.call("POST", "/api/v1/tools/ddl/parse", body.text());
  auto data = answer.object();
  const bool valid = data.boolean("valid").value_or(false);
  const Exit exit = valid && !data.boolean("refused").value_or(false) ? Exit::kOk : Exit::kRefused;
  if (printedAsJson(arguments, answer)) return exit;
  if (auto error = data.object("error")) {
    std::cout << error->rawText("line").value_or("?") << ':'
              << error->rawText("column").value_or("?") << "  "
              << error->string("message").value_or("") << '\n';
  }
  std::vector<Row> rows;
  for (auto& clause : data.objects("clauses").value_or(std::vector<json::Reader>{})) {
    std::string reasons;
    for (const auto& reason :
         clause.strings("danger_reasons").value_or(std::vector<std::string>{})) {
      reasons += (reasons.empty() ? "" : " ") + reason;
    }
    rows.push_back(
        {clause.string("kind").value_or(""), clause.string("name").value_or(""), reasons});
  }
  if (valid) {
    std::cout << renderTable({{"子句", "CLAUSE"}, {"对象", "NAME"}, {"风险", "DANGER"}}, rows,
                             api.language());
  }
  return exit;
}

Exit announce(ApiClient& api, const Arguments& arguments, const Answer& answer) {
  auto data = answer.object();
  const bool watching = arguments.has("watch") || arguments.has("log");
  if (arguments.has("json")) {
    std::cout << answer.text << '\n';
  } else {
    const bool zh = api.language() == Language::kZh;
    std::cout << (zh ? "已提交 #" : "submitted #") << data.rawText("number").value_or("?") << "  "
              << data.string("database_name").value_or("") << '.'
              << data.string("table_name").value_or("") << '\n';
  }
  return watching ? follow(api, arguments, answer) : Exit::kOk;
}

Exit run(ApiClient& api, const Arguments& arguments) {
  return announce(api, arguments,
                  api.call("POST", "/api/v1/executions", requestBody(api, arguments)));
}

Exit retry(ApiClient& api, const Arguments& arguments) {
  json::Writer body;
  body.beginObject();
  writeTextOption(body, arguments, "confirm", "confirm_text");
  body.endObject();
  return announce(api, arguments,
                  api.call("POST", executionPath(arguments.operands()[0]) + "/retry", body.text()));
}

std::vector<OptionSpec> requestOptions(std::vector<OptionSpec> more) {
  std::vector<OptionSpec> options{
      {"fragment",
       0,
       "",
       {"碎片整理（ENGINE=INNODB），不需要 ALTER", "defragment (ENGINE=INNODB); no ALTER text"}},
      {"confirm",
       0,
       "TEXT",
       {"危险操作的确认文本：database.table",
        "confirmation of a dangerous change: database.table"}},
      {"chunk-size", 0, "ROWS", {"每块行数（固定）", "rows per chunk (fixed)"}},
      {"chunk-time", 0, "SECONDS", {"每块目标时间", "target time per chunk"}},
      {"max-load",
       0,
       "SPEC",
       {"超过则等待，如 Threads_running=50", "wait above, e.g. Threads_running=50"}},
      {"critical-load", 0, "SPEC", {"超过则中止", "abort above"}},
      {"charset", 0, "NAME", {"连接字符集", "character set of the connection"}},
      {"lock-wait-timeout",
       0,
       "SECONDS",
       {"等待元数据锁的上限", "longest wait for a metadata lock"}},
      {"set",
       0,
       "NAME=VALUE",
       {"其他 pt-osc 选项，可重复", "another pt-osc option; may be repeated"}},
      {"backend", 0, "TYPE", {"执行后端", "backend that runs it"}}};
  for (auto& option : more) options.push_back(std::move(option));
  return withCommonOptions(std::move(options));
}

}  // namespace

std::vector<Command> requestCommands() {
  const OptionSpec confirm{
      "confirm", 0, "TEXT", {"危险操作的确认文本", "confirmation of a dangerous change"}};
  return {
      {{"parse",
        "ALTER",
        1,
        1,
        {"检查 ALTER 的语法和风险，不连接服务器；退出码 4 表示有误或会被拒绝",
         "check an ALTER text, asking no server; exit status 4: wrong, or would be refused"},
        withCommonOptions({})},
       true,
       parse},
      {{"preview",
        "CONNECTION [DATABASE.]TABLE [ALTER]",
        2,
        3,
        {"显示将要执行的命令和风险，不执行；退出码 4 表示提交会被拒绝（含尚未 --confirm）",
         "show what would run and its risks, run nothing; exit status 4: a submission would be "
         "refused (a missing --confirm included)"},
        requestOptions({})},
       true,
       preview},
      {{"run",
        "CONNECTION [DATABASE.]TABLE [ALTER]",
        2,
        3,
        {"提交一次表结构变更", "submit a schema change"},
        requestOptions({watchOption(), logOption()})},
       true,
       run},
      {{"retry",
        "NUMBER",
        1,
        1,
        {"按原样重新执行", "submit the same again"},
        withCommonOptions({confirm, watchOption(), logOption()})},
       true,
       retry},
  };
}

}  // namespace oscar::ctl
