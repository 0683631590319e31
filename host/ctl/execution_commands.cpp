// watch, status, logs, stop, history, statistics
#include "ctl/commands.hpp"
#include "ctl/local_time.hpp"
#include "ctl/progress.hpp"
#include "ctl/render.hpp"
#include "ctl/terminal.hpp"
#include "ctl/watch.hpp"
#include "ctl/words.hpp"

#include <cmath>
#include <fstream>
#include <iostream>

namespace oscar::ctl {
namespace {

Exit watchCommand(ApiClient& api, const Arguments& arguments) {
  return follow(api, arguments, api.call("GET", executionPath(arguments.operands()[0])));
}

std::string timeOf(json::Reader& data, const char* field) {
  return localTimeWithOffset(data.string(field).value_or(""));
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
       timeOf(data, "created_at") + "  " + data.string("created_by").value_or(""));
  line(zh ? "  开始    " : "  start   ", timeOf(data, "start_time"));
  line(zh ? "  结束    " : "  end     ", timeOf(data, "end_time"));
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

void printProgress(const ExecutionView& view, Language language) {
  constexpr int kIndent = 2;
  std::vector<std::string> lines;
  if (hasEnded(view)) {
    lines.push_back(outcomeText(view, language));
  } else if (stdoutIsTerminal()) {
    lines = progressLines(view, terminalWidth() - kIndent, language);
  } else {
    lines.push_back(progressText(view, language));
  }
  for (const auto& line : lines) {
    if (!line.empty()) std::cout << std::string(kIndent, ' ') << line << '\n';
  }
}

Exit status(ApiClient& api, const Arguments& arguments) {
  const auto answer = api.call("GET", executionPath(arguments.operands()[0]));
  auto data = answer.object();
  const auto view = viewOf(data);
  const Exit exit = hasEnded(view) ? exitForStatus(view.status) : Exit::kOk;
  if (printedAsJson(arguments, answer)) return exit;
  printFacts(data, view, api.language());
  printProgress(view, api.language());
  if (!view.error_message.empty()) std::cout << "  " << view.error_message << '\n';
  if (!view.attention.empty()) std::cout << "  ! " << view.attention << '\n';
  return exit;
}

Exit saveLog(ApiClient& api, const Arguments& arguments, const std::string& file) {
  std::string path = executionPath(arguments.operands()[0]) + "/logs/download";
  if (arguments.has("timestamps")) path += "?timestamps=true";
  const std::string text = api.download(path);
  if (file == "-") {
    std::cout << text << std::flush;
    return Exit::kOk;
  }
  std::ofstream out{file, std::ios::binary};
  out << text << std::flush;
  if (!out) {
    throw CtlError{Exit::kFailed, {"无法写入 " + file, "cannot write " + file}};
  }
  return Exit::kOk;
}

Exit logs(ApiClient& api, const Arguments& arguments) {
  const std::string path = executionPath(arguments.operands()[0]);
  if (const auto file = arguments.get("download")) return saveLog(api, arguments, *file);
  if (arguments.has("follow")) {
    WatchOptions options;
    options.log_lines = true;
    options.progress = false;
    options.json = arguments.has("json");
    options.from_line = arguments.number("from-line").value_or(1);
    auto execution = api.call("GET", path).object();
    options.number = execution.rawText("number").value_or("");
    return watch(api, execution.string("id").value_or(""), options);
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
  const Exit outcome = follow(api, arguments, answer, /*stopping=*/true);
  return outcome == Exit::kCancelled ? Exit::kOk : outcome;
}

/// {option, parameter of the API}
const std::vector<std::pair<std::string, std::string>>& filters() {
  static const std::vector<std::pair<std::string, std::string>> kFilters{
      {"status", "status"},    {"database", "database_name"},
      {"table", "table_name"}, {"type", "ddl_type"},
      {"user", "created_by"},  {"keyword", "keyword"},
      {"from", "from"},        {"to", "to"}};
  return kFilters;
}

/// The query of the filters and of `more`. The API wants a connection's id; that of one that was
/// deleted since is known from --json only, so an id goes through as it is.
std::string filterQuery(ApiClient& api, const Arguments& arguments,
                        const std::vector<std::pair<std::string, std::string>>& more) {
  auto parameters = filters();
  parameters.insert(parameters.end(), more.begin(), more.end());
  std::string query = queryOf(arguments, parameters);
  const auto connection = arguments.get("connection");
  if (!connection) return query;
  const std::string id =
      looksLikeUuid(*connection) ? *connection : findConnection(api, *connection).id;
  return query + (query.empty() ? "?" : "&") + "connection_id=" + urlEncode(id);
}

Exit history(ApiClient& api, const Arguments& arguments) {
  const auto answer =
      api.call("GET", "/api/v1/executions" +
                          filterQuery(api, arguments, {{"limit", "page_size"}, {"page", "page"}}));
  if (printedAsJson(arguments, answer)) return Exit::kOk;
  auto data = answer.object();
  std::vector<Row> rows;
  for (auto& e : data.objects("items").value_or(std::vector<json::Reader>{})) {
    const auto took = e.integer("duration_seconds");
    rows.push_back(
        {e.rawText("number").value_or(""), localTime(e.string("created_at").value_or("")),
         e.string("connection_name").value_or(""),
         e.string("database_name").value_or("") + "." + e.string("table_name").value_or(""),
         ddlTypeName(e.string("ddl_type").value_or(""), api.language()),
         statusName(e.string("status").value_or(""), api.language()),
         took ? renderDuration(*took, api.language()) : "", e.string("created_by").value_or("")});
  }
  std::cout << renderTable({{"编号", "#"},
                            {"提交时间", "SUBMITTED"},
                            {"连接", "CONNECTION"},
                            {"表", "TABLE"},
                            {"类型", "TYPE"},
                            {"状态", "STATUS"},
                            {"耗时", "TOOK"},
                            {"提交人", "BY"}},
                           rows, api.language());
  printPageNote(data, api.language());
  return Exit::kOk;
}

Exit statistics(ApiClient& api, const Arguments& arguments) {
  const auto answer =
      api.call("GET", "/api/v1/executions/statistics" + filterQuery(api, arguments, {}));
  if (printedAsJson(arguments, answer)) return Exit::kOk;
  auto data = answer.object();
  const auto count = [&data](const char* field) {
    return withThousands(data.integer(field).value_or(0));
  };
  const auto rate = data.number("success_rate", 0, 100);
  const auto seconds = data.number("average_duration_seconds", 0, 1e12);
  std::cout << renderTable(
      {{"总数", "TOTAL"},
       {"成功", "COMPLETED"},
       {"失败", "FAILED"},
       {"已取消", "CANCELLED"},
       {"未结束", "ACTIVE"},
       {"成功率", "SUCCESS"},
       {"平均耗时", "AVERAGE"}},
      {{count("total"), count("succeeded"), count("failed"), count("cancelled"), count("active"),
        rate ? std::to_string(std::lround(*rate)) + "%" : "",
        seconds ? renderDuration(std::llround(*seconds), api.language()) : ""}},
      api.language());
  return Exit::kOk;
}

std::vector<OptionSpec> filterOptions(std::vector<OptionSpec> more) {
  std::vector<OptionSpec> options{
      {"status",
       0,
       "STATUS",
       {"pending、running、completed、failed 或 cancelled，可用逗号分隔",
        "pending, running, completed, failed or cancelled; several with commas"}},
      {"database", 'd', "NAME", {"数据库", "database"}},
      {"table", 't', "NAME", {"表", "table"}},
      {"type",
       0,
       "TYPE",
       {"操作类型：fragment 碎片整理、add_column 添加列、modify_column 修改列、drop_column 删除列、"
        "add_index 添加索引、drop_index 删除索引或 other 其他",
        "fragment, add_column, modify_column, drop_column, add_index, drop_index or other"}},
      {"user", 0, "NAME", {"提交人", "submitted by"}},
      {"connection",
       'c',
       "NAME",
       {"连接的名称，或其 ID（已删除的连接）", "connection, or its id if it was deleted"}},
      {"keyword", 'k', "TEXT", {"关键词", "keyword"}}};
  for (auto& option : periodOptions()) options.push_back(std::move(option));
  for (auto& option : more) options.push_back(std::move(option));
  return withCommonOptions(std::move(options));
}

}  // namespace

std::vector<Command> executionCommands() {
  return {
      {{"watch",
        "NUMBER",
        1,
        1,
        {"跟随一次执行直到结束", "follow an execution to its end"},
        withCommonOptions({logOption()})},
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
             {"search", 0, "TEXT", {"只要含有 TEXT 的行", "only lines that contain TEXT"}},
             {"download",
              'o',
              "FILE",
              {"把全部日志存入 FILE（- 为标准输出）", "save the whole log in FILE (- = print it)"}},
             {"timestamps",
              0,
              "",
              {"保存时每行前加时间", "put the time before every saved line"}}})},
       true,
       logs},
      {{"stop",
        "NUMBER",
        1,
        1,
        {"停止一次执行（pt-osc 会清理触发器和新表）；加 --watch 时，停下后退出状态为 0",
         "stop an execution (pt-osc removes its triggers and new table); with --watch the status "
         "is "
         "0 once it has stopped"},
        withCommonOptions({watchOption()})},
       true,
       stop},
      {{"history",
        "",
        0,
        0,
        {"执行历史", "past executions"},
        filterOptions({{"limit", 'n', "N", {"每页行数（默认 20）", "rows per page (default 20)"}},
                       {"page", 0, "N", {"页码", "page"}}})},
       true,
       history},
      {{"statistics",
        "",
        0,
        0,
        {"执行的数量、成功率和平均耗时",
         "how many executions, how many succeeded, how long they took"},
        filterOptions({})},
       true,
       statistics},
  };
}

}  // namespace oscar::ctl
