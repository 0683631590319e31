// plugins, defaults, audit, health, openapi
#include "ctl/commands.hpp"
#include "ctl/local_time.hpp"
#include "ctl/render.hpp"

#include <iostream>

namespace oscar::ctl {
namespace {

Exit plugins(ApiClient& api, const Arguments& arguments) {
  const auto answer = api.call("GET", "/api/v1/plugins");
  if (printedAsJson(arguments, answer)) return Exit::kOk;
  auto data = answer.object();
  std::vector<Row> rows;
  for (auto& plugin : data.objects("items").value_or(std::vector<json::Reader>{})) {
    std::string capabilities;
    std::string reason = plugin.string("reason").value_or("");
    for (auto& c : plugin.objects("capabilities").value_or(std::vector<json::Reader>{})) {
      capabilities += (capabilities.empty() ? "" : ", ") + c.string("type").value_or("?");
      if (reason.empty()) reason = c.string("reason").value_or("");
    }
    rows.push_back({plugin.string("id").value_or("?"), plugin.string("version").value_or(""),
                    plugin.string("state").value_or("?"), capabilities, reason});
  }
  std::cout << renderTable({{"插件", "PLUGIN"},
                            {"版本", "VERSION"},
                            {"状态", "STATE"},
                            {"能力", "CAPABILITIES"},
                            {"原因", "REASON"}},
                           rows, api.language());
  return Exit::kOk;
}

Exit defaults(ApiClient& api, const Arguments& arguments) {
  const auto answer = api.call("GET", "/api/v1/settings/execution-defaults");
  if (printedAsJson(arguments, answer)) return Exit::kOk;
  auto data = answer.object();
  std::vector<Row> rows;
  for (const char* name :
       {"chunk_size", "chunk_time", "max_load", "critical_load", "lock_wait_timeout", "backend",
        "max_concurrent", "max_per_server", "big_table_rows", "big_table_bytes"}) {
    const auto text = data.string(name);
    rows.push_back({name, text ? *text : data.rawText(name).value_or("")});
  }
  std::cout << renderTable({{"设置", "SETTING"}, {"值", "VALUE"}}, rows, api.language());
  return Exit::kOk;
}

Exit audit(ApiClient& api, const Arguments& arguments) {
  const auto answer =
      api.call("GET", "/api/v1/audit-logs" + queryOf(arguments, {{"user", "username"},
                                                                 {"action", "action"},
                                                                 {"type", "resource_type"},
                                                                 {"resource", "resource_id"},
                                                                 {"from", "from"},
                                                                 {"to", "to"},
                                                                 {"limit", "page_size"},
                                                                 {"page", "page"}}));
  if (printedAsJson(arguments, answer)) return Exit::kOk;
  auto data = answer.object();
  std::vector<Row> rows;
  for (auto& entry : data.objects("items").value_or(std::vector<json::Reader>{})) {
    std::string code;
    if (auto response = entry.object("response_data")) {
      code = response->rawText("code").value_or("");
    }
    rows.push_back({localTime(entry.string("created_at").value_or("")),
                    entry.string("username").value_or(""), entry.string("action").value_or(""),
                    entry.string("resource_id").value_or(""), code,
                    entry.string("ip_address").value_or("")});
  }
  std::cout << renderTable({{"时间", "TIME"},
                            {"用户", "USER"},
                            {"操作", "ACTION"},
                            {"对象", "RESOURCE"},
                            {"结果码", "CODE"},
                            {"来源", "FROM"}},
                           rows, api.language());
  printPageNote(data, api.language());
  return Exit::kOk;
}

Exit health(ApiClient& api, const Arguments& arguments) {
  const auto answer = api.call("GET", "/healthz");
  if (printedAsJson(arguments, answer)) return Exit::kOk;
  auto data = answer.object();
  std::cout << data.string("status").value_or("?") << "  oscard "
            << data.string("version").value_or("?") << "  " << api.url() << '\n';
  return Exit::kOk;
}

Exit openapi(ApiClient& api, const Arguments&) {
  std::cout << api.download("/api/v1/openapi.yaml");
  return Exit::kOk;
}

}  // namespace

std::vector<Command> systemCommands() {
  const auto period = periodOptions();
  return {
      {{"plugins", "", 0, 0, {"插件及其状态", "plugins and their state"}, withCommonOptions({})},
       true,
       plugins},
      {{"defaults",
        "",
        0,
        0,
        {"执行参数的默认值（--json 含可用的 pt-osc 选项）",
         "defaults of an execution (--json: with the pt-osc options there are)"},
        withCommonOptions({})},
       true,
       defaults},
      {{"audit",
        "",
        0,
        0,
        {"审计日志：谁做了什么（管理员）", "audit log: who did what (admins)"},
        withCommonOptions(
            {{"user", 0, "NAME", {"用户", "user"}},
             {"action", 0, "ACTION", {"操作，如 execution.stop", "action, e.g. execution.stop"}},
             {"type", 0, "TYPE", {"对象类型", "type of the resource"}},
             {"resource", 0, "ID", {"对象 ID", "id of the resource"}},
             period[0],
             period[1],
             {"limit", 'n', "N", {"每页行数（默认 20）", "rows per page (default 20)"}},
             {"page", 0, "N", {"页码", "page"}}})},
       true,
       audit},
      {{"health", "", 0, 0, {"oscard 是否在运行", "whether oscard runs"}, withCommonOptions({})},
       true,
       health},
      {{"openapi",
        "",
        0,
        0,
        {"输出 API 的 OpenAPI 文档", "print the API's OpenAPI document"},
        withCommonOptions({})},
       true,
       openapi},
  };
}

}  // namespace oscar::ctl
