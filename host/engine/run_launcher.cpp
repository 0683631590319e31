#include "engine/run_launcher.hpp"

#include "ddl/ptosc_defaults_file.hpp"

#include <algorithm>

namespace oscar::engine {
namespace {

bool asks(const Execution& execution, std::string_view option) {
  return std::find(execution.argv.begin(), execution.argv.end(), option) != execution.argv.end();
}

Text triggerRefusal(const std::vector<std::string>& triggers, const Execution& execution) {
  for (const auto& name : triggers) {
    if (name.starts_with("pt_osc_")) {
      return {
          "表上已有 pt-osc 的触发器 " + name +
              "：另一个 pt-osc 正在运行，或上次运行留下了残留。请确认没有运行后删除它们",
          "The table has a trigger of pt-osc, " + name +
              ": another pt-osc runs, or an earlier one left it. Make sure that none runs, then "
              "drop it"};
    }
  }
  if (!triggers.empty() && !asks(execution, "--preserve-triggers")) {
    return {"排队期间表上出现了触发器 " + triggers.front() +
                "。请移除它，或使用 preserve-triggers 选项",
            "A trigger, " + triggers.front() +
                ", appeared on the table while the execution waited. Remove it, or use the option "
                "preserve-triggers"};
  }
  return {};
}

}  // namespace

LaunchFacts inspectBeforeLaunch(ports::TargetSession& session, const Execution& execution) {
  const std::string& database = execution.database_name;
  const std::string& table = execution.table_name;
  LaunchFacts facts;
  auto found = session.table(database, table);
  if (!found) {
    facts.refusal = {"表 " + database + "." + table + " 已不存在",
                     "The table " + database + "." + table + " no longer exists"};
    return facts;
  }
  facts.refusal = triggerRefusal(session.triggers(database, table), execution);
  if (!facts.refusal.empty()) return facts;
  facts.estimated_rows = session.estimateRows(database, table);
  if (facts.estimated_rows <= 1) {
    session.analyzeTable(database, table);
    facts.estimated_rows = session.estimateRows(database, table);
    found = session.table(database, table);
  }
  facts.free_bytes = found ? found->free_bytes : 0;
  return facts;
}

ports::RunSpec makeRunSpec(const Execution& execution, const std::string& run_id,
                           const TargetAddress& address, const std::string& observer_text) {
  ports::RunSpec spec;
  spec.run_id = run_id;
  spec.argv = execution.argv;
  const bool own_authority = ddl::ptoscNeedsCaFile(address);
  spec.files.push_back({"my.cnf", ddl::ptoscDefaultsFile(address), own_authority});
  if (own_authority) spec.files.push_back({"ca.pem", address.ssl_ca});
  spec.files.push_back({"observer.pm", observer_text});
  return spec;
}

}  // namespace oscar::engine
