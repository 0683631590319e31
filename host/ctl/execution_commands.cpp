// preview, run, watch, status, logs, stop, retry, history
#include "ctl/commands.hpp"
#include "ctl/render.hpp"
#include "ctl/terminal.hpp"
#include "ctl/watch.hpp"
#include "json/writer.hpp"

#include <cmath>
#include <iostream>

namespace oscar::ctl {
namespace {

/// `#1247` and `1247` are the same to people.
std::string executionPath(const std::string& number) {
  return "/api/v1/executions/" + urlEncode(number.starts_with('#') ? number.substr(1) : number);
}

void writeNumberOption(json::Writer& w, const Arguments& arguments, const std::string& option,
                       const std::string& field) {
  if (const auto value = arguments.number(option)) w.field(field, *value);
}

void writeTextOption(json::Writer& w, const Arguments& arguments, const std::string& option,
                     const std::string& field) {
  if (const auto value = arguments.get(option)) w.field(field, *value);
}

double toSeconds(const std::string& text) {
  std::size_t used = 0;
  try {
    const double value = std::stod(text, &used);
    if (used == text.size()) return value;
  } catch (const std::exception&) {
    used = 0;
  }
  throw CtlError{Exit::kUsage, "--chunk-time: not a number of seconds: " + text};
}

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
    throw CtlError{Exit::kUsage, "give the ALTER text, or --fragment to defragment the table"};
  }
  json::Writer w;
  w.beginObject().field("connection_id", connection.id).field("database_name", database);
  w.field("table_name", table).field("ddl_type", fragment ? "fragment" : "custom");
  if (!fragment) w.field("original_ddl", operands[2]);
  w.key("execution_params").beginObject();
  writeNumberOption(w, arguments, "chunk-size", "chunk_size");
  if (const auto seconds = arguments.get("chunk-time")) w.field("chunk_time", toSeconds(*seconds));
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

Exit preview(ApiClient& api, const Arguments& arguments) {
  const auto answer = api.call("POST", "/api/v1/tools/ddl/preview", requestBody(api, arguments));
  if (printedAsJson(arguments, answer)) return Exit::kOk;
  auto data = answer.object();
  std::cout << data.string("command").value_or("") << "\n\n";
  printFindings(data);
  if (const auto confirm = data.string("confirm_text"); confirm && !confirm->empty()) {
    std::cout << "\n--confirm " << *confirm << '\n';
  }
  return Exit::kOk;
}

Exit follow(ApiClient& api, const Arguments& arguments, const std::string& id) {
  WatchOptions options;
  options.json = arguments.has("json");
  options.log_lines = arguments.has("log");
  return watch(api, id, options);
}

Exit announce(ApiClient& api, const Arguments& arguments, const Answer& answer) {
  auto data = answer.object();
  const std::string id = data.string("id").value_or("");
  const bool watching = arguments.has("watch") || arguments.has("log");
  if (arguments.has("json")) {
    std::cout << answer.text << '\n';
  } else {
    const bool zh = api.language() == Language::kZh;
    std::cout << (zh ? "已提交 #" : "submitted #") << data.rawText("number").value_or("?") << "  "
              << data.string("database_name").value_or("") << '.'
              << data.string("table_name").value_or("") << '\n';
  }
  return watching ? follow(api, arguments, id) : Exit::kOk;
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

/// The WebSocket wants the UUID.
std::string idOf(ApiClient& api, const std::string& number) {
  return api.call("GET", executionPath(number)).object().string("id").value_or("");
}

Exit watchCommand(ApiClient& api, const Arguments& arguments) {
  return follow(api, arguments, idOf(api, arguments.operands()[0]));
}

void printFacts(json::Reader& data, const ExecutionView& view, Language language) {
  const bool zh = language == Language::kZh;
  const auto line = [](const char* label, const std::string& value) {
    if (!value.empty()) std::cout << label << value << '\n';
  };
  std::cout << '#' << view.number << "  " << data.string("connection_name").value_or("") << "  "
            << data.string("database_name").value_or("") << '.'
            << data.string("table_name").value_or("") << "  " << statusName(view.status, language)
            << '\n';
  line("  ALTER   ", data.string("alter_text").value_or(""));
  line(zh ? "  提交    " : "  submit  ",
       data.string("created_at").value_or("") + "  " + data.string("created_by").value_or(""));
  line(zh ? "  开始    " : "  start   ", data.string("start_time").value_or(""));
  line(zh ? "  结束    " : "  end     ", data.string("end_time").value_or(""));
  if (const auto seconds = data.integer("duration_seconds")) {
    line(zh ? "  耗时    " : "  took    ", renderDuration(*seconds, language));
  }
  if (const auto speed = data.number("avg_speed", 0, 1e15)) {
    line(zh ? "  平均    " : "  average ",
         withThousands(std::llround(*speed)) + (zh ? " 行/秒" : " rows/s"));
  }
  if (const auto size = data.integer("data_size_bytes")) {
    line(zh ? "  大小    " : "  size    ", renderBytes(*size));
  }
  if (const auto reclaimed = data.integer("reclaimed_bytes")) {
    line(zh ? "  回收    " : "  freed   ", renderBytes(*reclaimed));
  }
}

Exit status(ApiClient& api, const Arguments& arguments) {
  const auto answer = api.call("GET", executionPath(arguments.operands()[0]));
  auto data = answer.object();
  const auto view = viewOf(data);
  const bool ended = view.status != "pending" && view.status != "running";
  const Exit exit = ended ? exitForStatus(view.status) : Exit::kOk;
  if (printedAsJson(arguments, answer)) return exit;
  printFacts(data, view, api.language());
  std::cout << "  " << renderProgress(view, 200, api.language()) << '\n';
  if (!view.error_message.empty()) std::cout << "  " << view.error_message << '\n';
  if (!view.attention.empty()) std::cout << "  ! " << view.attention << '\n';
  return exit;
}

Exit logs(ApiClient& api, const Arguments& arguments) {
  const std::string path = executionPath(arguments.operands()[0]);
  if (arguments.has("follow")) {
    WatchOptions options;
    options.log_lines = true;
    options.progress = false;
    options.json = arguments.has("json");
    options.from_line = arguments.number("from-line").value_or(1);
    return watch(api, idOf(api, arguments.operands()[0]), options);
  }
  std::int64_t from = arguments.number("from-line").value_or(1);
  const auto search = arguments.get("search");
  while (true) {
    const auto answer =
        api.call("GET", path + "/logs?limit=1000&from_line=" + std::to_string(from) +
                            (search ? "&search=" + urlEncode(*search) : ""));
    printedAsJson(arguments, answer);
    auto data = answer.object();
    const auto lines = data.objects("lines").value_or(std::vector<json::Reader>{});
    if (!arguments.has("json")) {
      for (auto line : lines) std::cout << line.string("text").value_or("") << '\n';
    }
    const auto next = data.integer("next_line").value_or(0);
    if (lines.empty() || next <= from || next > data.integer("last_line").value_or(0)) break;
    from = next;
  }
  return Exit::kOk;
}

Exit stop(ApiClient& api, const Arguments& arguments) {
  const auto answer = api.call("POST", executionPath(arguments.operands()[0]) + "/stop");
  if (!arguments.has("watch")) {
    if (printedAsJson(arguments, answer)) return Exit::kOk;
    auto data = answer.object();
    std::cout << (api.language() == Language::kZh ? "已请求停止 #" : "asked to stop #")
              << data.rawText("number").value_or("?") << '\n';
    return Exit::kOk;
  }
  const Exit outcome = follow(api, arguments, answer.object().string("id").value_or(""));
  return outcome == Exit::kCancelled ? Exit::kOk : outcome;
}

Exit history(ApiClient& api, const Arguments& arguments) {
  std::string filter;
  for (const auto& [option, parameter] : {std::pair{"status", "status"},
                                          {"database", "database_name"},
                                          {"type", "ddl_type"},
                                          {"user", "created_by"},
                                          {"keyword", "keyword"},
                                          {"from", "from"},
                                          {"to", "to"}}) {
    if (const auto value = arguments.get(option)) {
      filter += std::string{"&"} + parameter + "=" + urlEncode(*value);
    }
  }
  const std::string size = std::to_string(arguments.number("limit").value_or(20));
  const std::string page = std::to_string(arguments.number("page").value_or(1));
  const auto answer =
      api.call("GET", "/api/v1/executions?page_size=" + size + "&page=" + page + filter);
  if (printedAsJson(arguments, answer)) return Exit::kOk;
  auto data = answer.object();
  std::vector<std::vector<std::string>> rows{
      {"#", "SUBMITTED", "CONNECTION", "TABLE", "TYPE", "STATUS", "TOOK", "BY"}};
  for (auto& e : data.objects("items").value_or(std::vector<json::Reader>{})) {
    const auto took = e.integer("duration_seconds");
    rows.push_back(
        {e.rawText("number").value_or(""), e.string("created_at").value_or("").substr(0, 19),
         e.string("connection_name").value_or(""),
         e.string("database_name").value_or("") + "." + e.string("table_name").value_or(""),
         e.string("ddl_type").value_or(""),
         statusName(e.string("status").value_or(""), api.language()),
         took ? renderDuration(*took, api.language()) : "", e.string("created_by").value_or("")});
  }
  std::cout << renderTable(rows);
  return Exit::kOk;
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

std::vector<Command> executionCommands() {
  const OptionSpec watch_option{
      "watch",
      'w',
      "",
      {"跟随直到结束，退出码表示结果", "follow to the end; the exit status tells the outcome"}};
  const OptionSpec log_option{
      "log", 0, "", {"跟随时也输出日志", "print the log as well while following"}};
  const OptionSpec confirm{
      "confirm", 0, "TEXT", {"危险操作的确认文本", "confirmation of a dangerous change"}};
  return {
      {{"preview",
        "CONNECTION [DATABASE.]TABLE [ALTER]",
        2,
        3,
        {"显示将要执行的命令和风险，不执行", "show what would run and its risks; runs nothing"},
        requestOptions({})},
       true,
       preview},
      {{"run",
        "CONNECTION [DATABASE.]TABLE [ALTER]",
        2,
        3,
        {"提交一次表结构变更", "submit a schema change"},
        requestOptions({watch_option, log_option})},
       true,
       run},
      {{"watch",
        "NUMBER",
        1,
        1,
        {"跟随一次执行直到结束", "follow an execution to its end"},
        withCommonOptions({log_option})},
       true,
       watchCommand},
      {{"status",
        "NUMBER",
        1,
        1,
        {"一次执行的状态", "state of an execution"},
        withCommonOptions({})},
       true,
       status},
      {{"logs",
        "NUMBER",
        1,
        1,
        {"一次执行的日志", "log of an execution"},
        withCommonOptions(
            {{"follow", 'f', "", {"跟随直到结束", "follow to the end"}},
             {"from-line", 0, "N", {"从第 N 行开始", "from line N on"}},
             {"search", 0, "TEXT", {"只要含有 TEXT 的行", "only lines that contain TEXT"}}})},
       true,
       logs},
      {{"stop",
        "NUMBER",
        1,
        1,
        {"停止一次执行（pt-osc 会清理触发器和新表）",
         "stop an execution (pt-osc removes its triggers and new table)"},
        withCommonOptions({watch_option})},
       true,
       stop},
      {{"retry",
        "NUMBER",
        1,
        1,
        {"按原样重新执行", "submit the same again"},
        withCommonOptions({confirm, watch_option, log_option})},
       true,
       retry},
      {{"history",
        "",
        0,
        0,
        {"执行历史", "past executions"},
        withCommonOptions(
            {{"status",
              0,
              "STATUS",
              {"pending、running、completed、failed 或 cancelled",
               "pending, running, completed, failed or cancelled"}},
             {"database", 'd', "NAME", {"数据库", "database"}},
             {"type", 0, "TYPE", {"操作类型", "operation type"}},
             {"user", 0, "NAME", {"提交人", "submitted by"}},
             {"keyword", 'k', "TEXT", {"关键词", "keyword"}},
             {"from", 0, "TIME", {"不早于", "not before"}},
             {"to", 0, "TIME", {"早于", "before"}},
             {"limit", 'n', "N", {"每页行数（默认 20）", "rows per page (default 20)"}},
             {"page", 0, "N", {"页码", "page"}}})},
       true,
       history},
  };
}

}  // namespace oscar::ctl
