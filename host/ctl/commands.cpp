#include "ctl/commands.hpp"

#include <iostream>

namespace oscar::ctl {

const std::vector<Command>& commands() {
  static const std::vector<Command> kAll = [] {
    std::vector<Command> all;
    for (auto part : {&sessionCommands, &connectionCommands, &executionCommands}) {
      for (auto& command : part()) all.push_back(std::move(command));
    }
    return all;
  }();
  return kAll;
}

std::vector<OptionSpec> withCommonOptions(std::vector<OptionSpec> options) {
  options.push_back({"json", 0, "", {"输出 JSON", "print JSON"}});
  options.push_back({"help", 'h', "", {"显示本命令的帮助", "show the help of this command"}});
  return options;
}

bool printedAsJson(const Arguments& arguments, const Answer& answer) {
  if (!arguments.has("json")) return false;
  std::cout << answer.text << '\n';
  return true;
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
    if (e.exit() != Exit::kRefused) throw;
  }
  throw CtlError{Exit::kRefused,
                 api.language() == Language::kZh
                     ? "没有名为 " + name + " 的连接；用 oscarctl connections 查看"
                     : "no connection is called " + name + "; oscarctl connections lists them"};
}

}  // namespace oscar::ctl
