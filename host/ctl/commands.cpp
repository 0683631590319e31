#include "ctl/commands.hpp"

#include "ctl/local_time.hpp"
#include "ctl/render.hpp"
#include "ctl/watch.hpp"

#include <algorithm>
#include <cmath>
#include <iostream>

namespace oscar::ctl {

const std::vector<Command>& commands() {
  static const std::vector<Command> kAll = [] {
    std::vector<Command> all;
    for (auto part : {&sessionCommands, &connectionCommands, &connectionEditCommands,
                      &requestCommands, &executionCommands, &userCommands, &systemCommands}) {
      for (auto& command : part()) all.push_back(std::move(command));
    }
    return all;
  }();
  return kAll;
}

std::vector<OptionSpec> periodOptions() {
  return {{"from",
           0,
           "TIME",
           {"不早于：2026-01-15、2026-01-15T10:30:00（本地时区），或带 Z、+08:00",
            "not before: 2026-01-15, 2026-01-15T10:30:00 (local clock), or with Z, +08:00"}},
          {"to",
           0,
           "TIME",
           {"早于，写法同 --from；只写日期时含当天",
            "before, in the same forms; a bare date includes that day"}}};
}

std::vector<OptionSpec> withCommonOptions(std::vector<OptionSpec> options) {
  options.push_back({"json", 0, "", {"输出 JSON", "print JSON"}});
  options.push_back(
      {"lang",
       0,
       "LANG",
       {"语言：zh 或 en（默认按环境变量）", "language: zh or en (default: by locale)"}});
  options.push_back({"help", 'h', "", {"显示本命令的帮助", "show the help of this command"}});
  return options;
}

bool printedAsJson(const Arguments& arguments, const Answer& answer) {
  if (!arguments.has("json")) return false;
  std::cout << answer.text << '\n';
  return true;
}

void printDone(const ApiClient& api, const Arguments& arguments, const Answer& answer,
               const Text& done) {
  if (!printedAsJson(arguments, answer)) std::cout << done.in(api.language()) << '\n';
}

std::string queryOf(const Arguments& arguments,
                    const std::vector<std::pair<std::string, std::string>>& parameters) {
  std::string query;
  for (const auto& [option, parameter] : parameters) {
    const auto value = arguments.get(option);
    if (!value) continue;
    query += (query.empty() ? "?" : "&") + parameter;
    if (option == "from") {
      query += "=" + urlEncode(instantOf(option, *value, PeriodEnd::kFrom));
    } else if (option == "to") {
      query += "=" + urlEncode(instantOf(option, *value, PeriodEnd::kTo));
    } else {
      query += "=" + urlEncode(*value);
    }
  }
  return query;
}

void writeTextOption(json::Writer& w, const Arguments& arguments, const std::string& option,
                     const std::string& field) {
  if (const auto value = arguments.get(option)) w.field(field, *value);
}

void writeNumberOption(json::Writer& w, const Arguments& arguments, const std::string& option,
                       const std::string& field) {
  if (const auto value = arguments.number(option)) w.field(field, *value);
}

double secondsOf(const std::string& option, const std::string& text) {
  std::size_t used = 0;
  try {
    const double value = std::stod(text, &used);
    if (used == text.size() && std::isfinite(value)) return value;
  } catch (const std::logic_error&) {
    used = 0;  // no number, or out of range
  }
  throw CtlError{Exit::kUsage,
                 {"--" + option + " 须为秒数，如 0.5 或 2，而不是：" + text,
                  "--" + option + " takes a number of seconds such as 0.5 or 2, not: " + text}};
}

bool looksLikeUuid(const std::string& text) {
  constexpr std::size_t kLength = 36;
  return text.size() == kLength &&
         text.find_first_not_of("0123456789abcdefABCDEF-") == std::string::npos;
}

std::string executionPath(const std::string& number) {
  const std::string bare = number.starts_with('#') ? number.substr(1) : number;
  const bool digits = !bare.empty() && bare.find_first_not_of("0123456789") == std::string::npos;
  if (!digits && !looksLikeUuid(bare)) {
    throw CtlError{Exit::kUsage,
                   {"不是执行编号：" + number + "（应如 1247、#1247 或 UUID）",
                    "not the number of an execution: " + number + " (1247, #1247 or a UUID)"}};
  }
  return "/api/v1/executions/" + bare;
}

OptionSpec watchOption() {
  return {"watch",
          'w',
          "",
          {"跟随直到结束，退出码表示结果", "follow to the end; the exit status tells the outcome"}};
}

OptionSpec logOption() {
  return {"log", 0, "", {"跟随时也输出日志", "print the log as well while following"}};
}

Exit follow(const ApiClient& api, const Arguments& arguments, const Answer& execution,
            bool stopping) {
  auto data = execution.object();
  const std::string id = data.string("id").value_or("");
  WatchOptions options;
  options.number = data.rawText("number").value_or("");
  options.stopping = stopping;
  options.json = arguments.has("json");
  options.log_lines = arguments.has("log");
  return watch(api, id, options);
}

void printPageNote(json::Reader& page, Language language) {
  const auto total = page.integer("total").value_or(0);
  const auto size = std::max<std::int64_t>(page.integer("page_size").value_or(1), 1);
  const auto pages = std::max<std::int64_t>((total + size - 1) / size, 1);
  const std::string where =
      std::to_string(page.integer("page").value_or(1)) + " / " + std::to_string(pages);
  const auto shown = page.objects("items").value_or(std::vector<json::Reader>{}).size();
  const std::string count = std::to_string(shown);
  const std::string all = withThousands(total);
  std::cout << Text{"共 " + all + " 条，显示 " + count + " 条，第 " + where + " 页",
                    count + " of " + all + ", page " + where}
                   .in(language)
            << '\n';
}

ConnectionRef findConnection(ApiClient& api, const std::string& name) {
  const auto answer =
      api.call("GET", "/api/v1/connections?page_size=200&keyword=" + urlEncode(name));
  auto data = answer.object();
  for (auto& item : data.objects("items").value_or(std::vector<json::Reader>{})) {
    if (item.string("name") == name) {
      return {item.string("id").value_or(""), item.string("database_name").value_or("")};
    }
  }
  try {
    const auto one = api.call("GET", "/api/v1/connections/" + urlEncode(name));
    auto item = one.object();
    return {item.string("id").value_or(""), item.string("database_name").value_or("")};
  } catch (const CtlError& e) {
    if (!e.isNotFound()) throw;
    const Text words{"没有名为 " + name + " 的连接；用 oscarctl connections 查看",
                     "no connection is called " + name + "; oscarctl connections lists them"};
    throw CtlError::quoting(Exit::kRefused, words.in(api.language()), e.envelope(), 404);
  }
}

}  // namespace oscar::ctl
