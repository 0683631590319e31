#include "engine/run_cleanup.hpp"

#include "engine/pt_names.hpp"
#include "engine/table_definition.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace oscar::engine {
namespace {

using Swap = TargetAftermath::Swap;

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// The observer names this run's triggers once all exist; before that, and without it, they are
/// pt-osc's: preflight refused to start while any existed.
bool isOwnTrigger(const Evidence& e, const std::string& name) {
  const auto& known = e.output.triggers;
  return (known.empty() || contains(known, name)) && isTriggerName(name, e.database, e.table);
}

/// This run's triggers on the table `at`, which is the original or the old one (they stay on it).
/// There are none before the stage creating_triggers.
std::vector<std::string> ownTriggers(ports::TargetSession& session, const Evidence& e,
                                     const std::string& at) {
  if (!e.output.triggers_begun && !e.output_lost) return {};
  std::vector<std::string> names;
  for (auto& name : session.triggers(e.database, at)) {
    if (isOwnTrigger(e, name)) names.push_back(std::move(name));
  }
  return names;
}

/// The application's triggers on the new table. With --preserve-triggers pt-osc takes each of them
/// away from the original before the swap, so that it exists nowhere else.
std::vector<std::string> movedTriggers(ports::TargetSession& session, const Evidence& e) {
  auto names = session.triggers(e.database, e.output.new_table);
  std::erase_if(names, [&](const std::string& name) { return isOwnTrigger(e, name); });
  return names;
}

/// A host that lost its power, or output that is gone, may have kept the word about the swap.
bool mayHaveSwapped(const Evidence& e) {
  const OutputState& out = e.output;
  return out.swapped || out.swap_attempted || out.stage >= Stage::kSwappingTables ||
         e.output_lost || e.end.state == ports::RunState::kLost || e.end.exit_code == 0;
}

/// Tables that may be what the swap made of the original.
std::vector<std::string> oldTables(ports::TargetSession& session, const Evidence& e) {
  std::vector<std::string> found;
  if (!mayHaveSwapped(e)) return found;
  const auto& before = e.output.old_tables_before;
  for (auto& name : session.tablesLike(e.database, "\\_%")) {
    const bool earlier = before && contains(*before, name);
    if (!earlier && isOldTableName(name, e.table)) found.push_back(std::move(name));
  }
  const std::string& told = e.output.old_table;
  if (!told.empty() && !contains(found, told) && session.table(e.database, told)) {
    found.push_back(told);
  }
  return found;
}

struct OldTable {
  std::string name;  ///< empty: there is none that is surely this run's
  std::vector<std::string> triggers;
};

OldTable findOldTable(ports::TargetSession& session, const Evidence& e) {
  OldTable sure;
  for (const auto& name : oldTables(session, e)) {
    auto triggers = ownTriggers(session, e, name);
    // The triggers prove it; else that it was told, or was not there before.
    const bool own = !triggers.empty() || name == e.output.old_table || e.output.old_tables_before;
    if (own && (sure.name.empty() || !triggers.empty())) sure = {name, std::move(triggers)};
  }
  return sure;
}

Swap swapOf(const Evidence& e, const TargetAftermath& a, bool table_has_triggers) {
  if (e.output.swapped) return Swap::kYes;
  if (!mayHaveSwapped(e)) return Swap::kNo;
  if (!a.table_exists) return Swap::kUnknown;
  // The swap takes the new table's name away, and the triggers along with the old table.
  if (a.new_table_exists || table_has_triggers) return Swap::kNo;
  if (a.old_table_exists) return Swap::kYes;
  // pt-osc has learnt how its RENAME went and cleaned up by itself.
  const bool knew = e.end.state == ports::RunState::kExited && e.end.exit_code &&
                    *e.end.exit_code != 0 && !e.output_lost;
  return knew ? Swap::kNo : Swap::kUnknown;
}

std::optional<bool> definitionChanged(ports::TargetSession& session, const Evidence& e) {
  if (!e.output.definition_before) return std::nullopt;
  const auto now = definitionNumber(session.showCreateTable(e.database, e.table));
  return now != *e.output.definition_before;
}

/// Empty as well when the server takes too long to tell.
std::vector<std::string> referencesTo(ports::TargetSession& session, const Evidence& e,
                                      const std::string& table) {
  try {
    return session.referencedBy(e.database, table);
  } catch (const ports::TargetError& error) {
    if (mayPass(error.code())) throw;
    return {};
  }
}

/// Does `drop` and says whether it did.
template <typename Drop>
bool dropped(const std::string& what, TargetAftermath& aftermath, ports::Log& log, Drop drop) {
  try {
    drop();
    return true;
  } catch (const ports::TargetError& e) {
    log.write(ports::LogLevel::kWarn, "engine", "could not drop " + what + ": " + e.what());
    if (mayPass(e.code())) aftermath.blocked_by = e.code();
    return false;
  }
}

}  // namespace

bool mayPass(int mysql_error) {
  constexpr int kFirstOfClient = 2000;  // CR_...: no connection, or it broke
  constexpr int kLastOfClient = 2999;
  if (mysql_error >= kFirstOfClient && mysql_error <= kLastOfClient) return true;
  // Too many connections, of this account; shutting down; lock wait, deadlock; killed.
  for (const int code : {1040, 1203, 1053, 1205, 1213, 1317, 1927}) {
    if (mysql_error == code) return true;
  }
  return false;
}

TargetAftermath inspectAftermath(ports::TargetSession& session, const Evidence& e) {
  const OutputState& output = e.output;
  TargetAftermath a;
  a.table_exists = session.table(e.database, e.table).has_value();
  // The swap gave our new table the original's name: what is called `_new` after it is not ours.
  a.new_table_exists = !output.swapped && !output.new_table.empty() &&
                       session.table(e.database, output.new_table).has_value();
  if (a.new_table_exists) a.moved_triggers = movedTriggers(session, e);
  const OldTable old = findOldTable(session, e);
  a.old_table = old.name;
  a.old_table_exists = !old.name.empty();
  if (a.table_exists) a.triggers = ownTriggers(session, e, e.table);
  a.swap = swapOf(e, a, !a.triggers.empty());
  a.triggers.insert(a.triggers.end(), old.triggers.begin(), old.triggers.end());
  if (a.old_table_exists && !e.endedWell()) {
    a.old_table_referenced_by = referencesTo(session, e, old.name);
  }
  if (a.swap == Swap::kUnknown && a.table_exists) {
    a.definition_changed = definitionChanged(session, e);
  }
  return a;
}

void removeLeftovers(ports::TargetSession& session, const Evidence& e, TargetAftermath& aftermath,
                     ports::Log& log) {
  std::vector<std::string> remaining;
  for (const auto& trigger : aftermath.triggers) {
    // Where one had to wait for the table's lock the next would as well.
    if (aftermath.blocked_by != 0 || !dropped("trigger " + trigger, aftermath, log,
                                              [&] { session.dropTrigger(e.database, trigger); })) {
      remaining.push_back(trigger);
    }
  }
  aftermath.triggers = remaining;
  // While a trigger writes into it, the new table must stay: without it every write of the
  // application would fail.
  if (!remaining.empty() || !aftermath.new_table_exists) return;
  if (aftermath.old_table_exists || !aftermath.table_exists) return;
  const std::string& table = e.output.new_table;
  if (!isNewTableName(table, e.table)) {
    log.write(ports::LogLevel::kError, "engine",
              "not dropped, since pt-osc gives no such names: table " + table);
    return;
  }
  const auto drop = [&] {
    // Once more, at the last moment: pt-osc's last statement may have come in between.
    aftermath.moved_triggers = movedTriggers(session, e);
    if (aftermath.moved_triggers.empty()) session.dropTable(e.database, table);
  };
  if (!dropped("table " + table, aftermath, log, drop)) return;
  aftermath.new_table_exists = !aftermath.moved_triggers.empty();
  if (!aftermath.new_table_exists) return;
  log.write(ports::LogLevel::kWarn, "engine",
            "not dropped, since it has triggers of the application: table " + table);
}

}  // namespace oscar::engine
