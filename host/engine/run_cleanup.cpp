#include "engine/run_cleanup.hpp"

#include <algorithm>

namespace oscar::engine {
namespace {

constexpr std::string_view kTriggerPrefix = "pt_osc_";

/// pt-osc's triggers on the table. Preflight refused to start while any existed, so from the stage
/// creating_triggers on they are this run's; after a swap they hang on the old table.
std::vector<std::string> ptoscTriggers(ports::TargetSession& session, const std::string& database,
                                       const std::string& table) {
  std::vector<std::string> names;
  for (auto& name : session.triggers(database, table)) {
    if (name.starts_with(kTriggerPrefix)) names.push_back(std::move(name));
  }
  return names;
}

}  // namespace

TargetAftermath inspectAftermath(ports::TargetSession& session, const std::string& database,
                                 const std::string& table, const OutputState& output) {
  TargetAftermath a;
  a.table_exists = session.table(database, table).has_value();
  a.new_table_exists =
      !output.new_table.empty() && session.table(database, output.new_table).has_value();
  // Before the swap an `_old` table is somebody else's, not this run's.
  const bool swap_began = output.stage >= Stage::kSwappingTables;
  a.old_table_exists = swap_began && !output.old_table.empty() &&
                       session.table(database, output.old_table).has_value();
  if (output.triggers_begun) {
    a.triggers = ptoscTriggers(session, database, table);
    if (a.old_table_exists) {
      for (auto& name : ptoscTriggers(session, database, output.old_table)) {
        a.triggers.push_back(std::move(name));
      }
    }
  }
  return a;
}

void removeLeftovers(ports::TargetSession& session, const std::string& database,
                     const OutputState& output, TargetAftermath& aftermath, ports::Log& log) {
  std::vector<std::string> remaining;
  for (const auto& trigger : aftermath.triggers) {
    try {
      session.dropTrigger(database, trigger);
    } catch (const ports::TargetError& e) {
      log.write(ports::LogLevel::kWarn, "engine",
                "could not drop trigger " + trigger + ": " + e.what());
      remaining.push_back(trigger);
    }
  }
  aftermath.triggers = remaining;
  // While a trigger writes into it, the new table must stay: without it every write of the
  // application would fail.
  if (!remaining.empty() || !aftermath.new_table_exists) return;
  if (aftermath.old_table_exists || !aftermath.table_exists) return;
  try {
    session.dropTable(database, output.new_table);
    aftermath.new_table_exists = false;
  } catch (const ports::TargetError& e) {
    log.write(ports::LogLevel::kWarn, "engine",
              "could not drop table " + output.new_table + ": " + e.what());
  }
}

}  // namespace oscar::engine
