#include "engine/run_cleanup.hpp"

#include <algorithm>

namespace oscar::engine {
namespace {

constexpr std::string_view kTriggerPrefix = "pt_osc_";

/// This run's triggers on the table. The observer names them once all exist; before that, and
/// without it, they are pt-osc's: preflight refused to start while any existed, so from the stage
/// creating_triggers on they are this run's. After a swap they hang on the old table.
std::vector<std::string> ownTriggers(ports::TargetSession& session, const std::string& database,
                                     const std::string& table, const OutputState& output) {
  const auto& known = output.triggers;
  std::vector<std::string> names;
  for (auto& name : session.triggers(database, table)) {
    const bool own = known.empty() || std::find(known.begin(), known.end(), name) != known.end();
    if (own && name.starts_with(kTriggerPrefix)) names.push_back(std::move(name));
  }
  return names;
}

}  // namespace

TargetAftermath inspectAftermath(ports::TargetSession& session, const std::string& database,
                                 const std::string& table, const OutputState& output) {
  TargetAftermath a;
  a.table_exists = session.table(database, table).has_value();
  // The swap gave our new table the original's name: what is called `_new` after it is not ours.
  a.new_table_exists = !output.swapped && !output.new_table.empty() &&
                       session.table(database, output.new_table).has_value();
  // Before the swap an `_old` table is somebody else's, not this run's.
  const bool swap_began = output.stage >= Stage::kSwappingTables;
  a.old_table_exists = swap_began && !output.old_table.empty() &&
                       session.table(database, output.old_table).has_value();
  if (output.triggers_begun) {
    a.triggers = ownTriggers(session, database, table, output);
    if (a.old_table_exists) {
      for (auto& name : ownTriggers(session, database, output.old_table, output)) {
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
