#include "engine/run_conclusion.hpp"

#include "engine/failure_cause.hpp"
#include "engine/pt_names.hpp"

namespace oscar::engine {
namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

Text both(const Text& a, const Text& b) {
  if (a.empty()) return b;
  if (b.empty()) return a;
  return {a.zh + "。" + b.zh, a.en + ". " + b.en};
}

std::string fullName(const Evidence& e) {
  return e.database + "." + e.table;
}

const Text& inEffect() {
  static const Text kText{"表已经交换，新结构已生效",
                          "The tables were swapped and the change is in effect"};
  return kText;
}

/// The RENAME may have been carried out, and nothing that is known tells whether it was.
bool swapInDoubt(const Evidence& e) {
  if (e.swapped()) return false;
  const bool tried = e.output.swap_attempted || e.output.stage >= Stage::kSwappingTables;
  return tried && (!e.aftermath || e.aftermath->swap == TargetAftermath::Swap::kUnknown);
}

/// What the run has made, by name, where nobody could look what of it is still there.
std::string knownNames(const Evidence& e) {
  const OutputState& out = e.output;
  std::vector<std::string> names = out.triggers;
  if (names.empty() && (out.triggers_begun || e.output_lost)) {
    names = triggerNames(e.database, e.table);
  }
  if (!out.new_table.empty()) names.push_back(out.new_table);
  if (!out.old_table.empty()) {
    names.push_back(out.old_table);
  } else if (swapInDoubt(e)) {
    names.push_back("_" + e.table + "_old");
  }
  return joined(names);
}

Text leftOnOtherServer(const Evidence& e) {
  const std::string names = knownNames(e);
  return {"该连接现在指向另一台服务器，因此没有检查也没有删除任何对象。请在运行所在的服务器（" +
              e.server_left + "）上人工检查这些触发器和表：" + names,
          "The connection leads to another server now, so nothing was looked at and nothing was "
          "dropped. Look on the server of the run (" +
              e.server_left + ") for these triggers and tables by hand: " + names};
}

/// Why nobody looked, and what to look for.
Text notLookedAt(const Evidence& e) {
  if (!e.output.triggers_begun && e.output.new_table.empty() && !e.output_lost) return {};
  if (!e.server_left.empty()) return leftOnOtherServer(e);
  const std::string names = knownNames(e);
  if (!e.sessions_left.empty()) {
    std::string ids;
    for (const auto id : e.sessions_left) ids += (ids.empty() ? "" : ", ") + std::to_string(id);
    return {
        "pt-osc 已结束，但它在目标服务器上的会话（" + ids +
            "）在 KILL 之后仍未退出，其语句仍可能执行（建触发器、交换表名），因此没有检查也没有"
            "删除任何对象。请等它们退出（SHOW PROCESSLIST），再检查这些触发器和表，先删触发器：" +
            names,
        "pt-osc has ended, but its sessions on the target server (" + ids +
            ") are still there after a KILL and may still carry out their statements (create "
            "triggers, rename the tables), so nothing was looked at and nothing was dropped. "
            "Wait until they have left (SHOW PROCESSLIST), then look for these triggers and "
            "tables, and drop the triggers first: " +
            names};
  }
  return {
      "无法连接目标服务器以检查残留对象，没有删除任何对象。请在服务器恢复后检查以下对象，先删"
      "触发器，再删新表（新表上若有业务触发器，那是唯一的副本，先在原表上重建）：" +
          names,
      "The target server could not be asked for leftovers and nothing was dropped. Look for "
      "these when it is back, and drop the triggers first, then the new table (triggers of the "
      "application on it are the only copy: create them on the table itself before that): " +
          names};
}

Text lostOriginal(const Evidence& e) {
  const TargetAftermath& a = *e.aftermath;
  if (a.table_exists) return {};
  if (a.new_table_exists) {
    const std::string& copy = e.output.new_table;
    return {"表 " + fullName(e) + " 不存在了，其数据在 " + copy +
                " 中，切勿删除它。核对后可执行 RENAME TABLE 把它改回原名",
            "The table " + fullName(e) + " is not there, and its rows are in " + copy +
                ": do not drop that. Check it, then give it the table's name by RENAME TABLE"};
  }
  return {"表 " + fullName(e) + " 不存在了，请立即检查",
          "The table " + fullName(e) + " is not there: look at once"};
}

/// The change is in effect, and the new table may lack rows that the old one has.
bool rowsInDoubt(const Evidence& e) {
  using Finding = RowLoss::Finding;
  const Finding finding = e.output.row_loss.finding;
  if (finding == Finding::kMissing || finding == Finding::kUnknown) return true;
  return e.swapped() && finding == Finding::kOwed;
}

/// Of the application's triggers that only the new table has, which was kept because of them.
Text movedTriggers(const Evidence& e) {
  const TargetAftermath& a = *e.aftermath;
  if (!a.new_table_exists || a.moved_triggers.empty()) return {};
  const std::string names = joined(a.moved_triggers);
  const std::string& copy = e.output.new_table;
  return {
      "新表 " + copy + " 上有原表 " + fullName(e) + " 现在没有的触发器：" + names +
          "。对原表的写入不会触发它们（pt-osc 在交换之前把它们移到了新表，但没有交换）。因此没有"
          "删除新表，请不要先删除它。恢复方法：逐个用 SHOW CREATE TRIGGER 保存定义，DROP "
          "TRIGGER 之后把定义中的表名改为 " +
          e.table + " 重新创建；全部恢复之后再删除 " + copy,
      "The new table " + copy + " has triggers that the table " + fullName(e) +
          " does not have now, so that writing to it does not fire them: " + names +
          " (pt-osc moved them for the swap, which did not take place). So the new table was "
          "kept; do not drop it yet. To bring each of them back, save its definition by SHOW "
          "CREATE TRIGGER, DROP TRIGGER it, and create it anew with " +
          e.table + " as its table; drop " + copy + " when all are back"};
}

/// What is still there and should not be, or what to look for when nobody could look.
Text leftovers(const Evidence& e) {
  if (!e.aftermath) return notLookedAt(e);
  Text moved = movedTriggers(e);
  std::vector<std::string> objects = e.aftermath->triggers;
  if (e.aftermath->new_table_exists && moved.empty()) objects.push_back(e.output.new_table);
  const bool spoken_of = rowsInDoubt(e) || (e.swapped() && !e.output.swapped && !e.output_lost);
  if (e.aftermath->old_table_exists && !spoken_of) objects.push_back(e.aftermath->old_table);
  Text original = lostOriginal(e);
  if (!original.empty()) return original;
  if (objects.empty()) return moved;
  const std::string names = joined(objects);
  return both(moved,
              {"残留对象：" + names + "。先删除触发器，再删除新表；旧表确认数据无误后再删",
               "Leftovers: " + names +
                   ". Drop the triggers first, then the new table; the old table only when the "
                   "data is known to be right"});
}

Failure failureOf(const Evidence& e) {
  return {e.end.exit_code, e.end.signal, e.output.errors};
}

/// By a person through us, or by a control file that somebody else set (./run at its end).
bool wasStopped(const Evidence& e) {
  return e.stop_requested || e.output.stopped_by_request;
}

Text whatIsMissing(const Evidence& e) {
  const RowLoss& loss = e.output.row_loss;
  const Text& in_effect = inEffect();
  if (loss.finding == RowLoss::Finding::kMissing) {
    const std::string values = std::to_string(loss.values);
    const std::string rows = std::to_string(loss.rows);
    const std::string keys = joined(loss.keys);
    return {in_effect.zh + "，但新表缺行：旧表中有 " + values + " 个值在唯一键 " + keys +
                " 上重复，新表至少缺少 " + rows + " 行（在核对行数之后、交换之前写入）",
            in_effect.en + ", but rows are missing in the new table: " + values +
                " values of the unique key " + keys +
                " occur more than once in the old table, so the new one lacks at least " + rows +
                " rows (written after the rows were counted and before the swap)"};
  }
  const Text unknown{in_effect.zh + "，但无法确定新表是否缺行（涉及唯一键）",
                     in_effect.en +
                         ", but whether rows are missing in the new table is not known (a unique "
                         "key is concerned)"};
  if (loss.finding == RowLoss::Finding::kOwed) {
    const Text cause = failureCause(failureOf(e));
    return {unknown.zh + "：旧表还没有查完，pt-osc 就结束了。" + cause.zh,
            unknown.en + ": pt-osc ended before the old table had been searched. " + cause.en};
  }
  return {unknown.zh + "：在旧表中查找重复值失败。原文：" + loss.reason,
          unknown.en + ": the search of the old table failed. In its own words: " + loss.reason};
}

/// Nothing here, and nothing in the clean-up, ever drops the old table.
Text aboutOldTable(const Evidence& e) {
  std::string old = e.aftermath ? e.aftermath->old_table : "";
  if (old.empty()) old = e.output.old_table.empty() ? "_*_old" : e.output.old_table;
  if (e.aftermath && !e.aftermath->old_table_exists) {
    return {"旧表 " + old + " 已经不在了，请用备份核对新表的数据",
            "The old table " + old + " is gone: check the new table's data against a backup"};
  }
  return {
      "旧表 " + old +
          " 没有删除，保留着交换那一刻的全部行。请在其中找出唯一键上重复的行，决定各保留哪一行，"
          "把新表缺少的数据补上；确认数据无误后再自行删除旧表",
      "The old table " + old +
          " was kept and holds every row as of the swap. Look there for the rows that repeat "
          "in the unique key, decide which to keep, and bring what is missing into the new "
          "table; drop the old table yourself when the data is known to be right"};
}

Conclusion rowsMissing(const Evidence& e) {
  Conclusion c;
  c.error_message = whatIsMissing(e);
  c.attention = both(aboutOldTable(e), leftovers(e));
  return c;
}

/// What the table itself tells about a swap that is in doubt.
Text whatTheTableSays(const Evidence& e) {
  if (!e.aftermath) return {"未能检查该表", "The table could not be looked at"};
  const auto changed = e.aftermath->definition_changed;
  if (!changed) {
    return {"从该表也看不出来", "The table does not tell"};
  }
  if (*changed) {
    return {"该表现在的结构与启动前不同，变更很可能已经生效",
            "The table's structure is not what it was before the start, so most likely the change "
            "is in effect"};
  }
  return {"该表现在的结构与启动前相同", "The table's structure is the same as before the start"};
}

Text swapNotKnown(const Evidence& e) {
  return both({"不知道表是否已经交换", "Whether the tables were swapped is not known"},
              whatTheTableSays(e));
}

/// pt-osc's own words about its end are missing. What the server shows is said, and no more.
Conclusion outputLost(const Evidence& e) {
  using Swap = TargetAftermath::Swap;
  const std::string code =
      e.end.exit_code ? "exit code " + std::to_string(*e.end.exit_code) : std::string{};
  const Text why{"运行的输出已不完整（文件被截断或删除，或 oscard 保存的状态无法读取）" +
                     (code.empty() ? "" : "，pt-osc 的 " + code),
                 "The run's output is no longer complete (its file was cut off or removed, or "
                 "what oscard had stored about it cannot be read)" +
                     (code.empty() ? "" : "; pt-osc ended with " + code)};
  Text known = swapNotKnown(e);
  if (e.swapped()) {
    known = both(inEffect(), {"之后的情况不明", "What came after that is not known"});
  } else if (e.aftermath && e.aftermath->swap == Swap::kNo) {
    known = {"表没有交换，未作任何更改", "The tables were not swapped and the table is unchanged"};
  }
  Conclusion c;
  c.error_message = both(known, why);
  c.attention = both({"没有删除任何对象。请核对表结构和数据，并查找 pt_osc_* 触发器以及 "
                      "_*_new、_*_old 表；确认数据无误之前不要删除旧表",
                      "Nothing was dropped. Check the table's structure and rows, and look for "
                      "pt_osc_* triggers and tables called _*_new and _*_old; keep the old table "
                      "until the data is known to be right"},
                     leftovers(e));
  return c;
}

/// The RENAME waited for a lock and was carried out when pt-osc was no longer there.
Conclusion swappedUnseen(const Evidence& e) {
  const TargetAftermath& a = *e.aftermath;
  Conclusion c;
  c.error_message = both(
      inEffect(), both({"交换是 pt-osc 结束前后由服务器完成的，pt-osc 没有得知",
                        "The server carried the swap out when pt-osc was ending, which did not "
                        "learn it any more"},
                       failureCause(failureOf(e))));
  Text old{
      "旧表 " + a.old_table +
          " 没有删除，保留着交换那一刻的全部行；pt-osc 在交换之后的检查和清理没有做。请核对新表，"
          "确认数据无误后再自行删除旧表",
      "The old table " + a.old_table +
          " was kept and holds every row as of the swap; what pt-osc checks and cleans up "
          "after the swap was not done. Check the table, and drop the old one yourself when "
          "the data is known to be right"};
  if (!a.old_table_referenced_by.empty()) {
    const std::string keys = joined(a.old_table_referenced_by);
    old = both(old, {"这些外键仍引用旧表，请先让它们改为引用 " + e.table + "：" + keys,
                     "These foreign keys still refer to the old table, so let them refer to " +
                         e.table + " first: " + keys});
  }
  c.attention = both(old, leftovers(e));
  return c;
}

Conclusion unknownSwap(const Evidence& e) {
  Conclusion c;
  c.error_message = both(swapNotKnown(e), failureCause(failureOf(e)));
  c.attention = both({"请核对 " + fullName(e) + " 的结构；确认之前不要删除名为 _*_old 的表",
                      "Check the structure of " + fullName(e) +
                          ", and drop no table called _*_old until that is clear"},
                     leftovers(e));
  return c;
}

/// Without a word when it was asked for through Oscar, which says so itself.
Conclusion cancelled(const Evidence& e) {
  Conclusion c;
  c.status = ExecutionStatus::kCancelled;
  c.attention = leftovers(e);
  if (!e.stop_requested) {
    c.error_message = {
        "没有人通过 Oscar 请求停止：pt-osc 是被运行目录中的 stop 文件停止的（主机关机或 ./run "
        "结束时的做法，也可能是人工创建）。表没有交换，未作任何更改",
        "Nobody asked for this through Oscar: pt-osc was stopped from outside, by the file stop in "
        "its run directory (as a host shutdown and the end of ./run do, or by hand). The tables "
        "were not swapped and the table is unchanged"};
  }
  return c;
}

Conclusion endedWithoutSwap(const Evidence& e) {
  Conclusion c;
  const bool known = e.aftermath && e.aftermath->swap == TargetAftermath::Swap::kNo;
  if (known) {
    c.error_message = {"pt-osc 以 0 退出，但没有交换表：表未作任何更改",
                       "pt-osc ended with 0 but did not swap the tables: the table is unchanged"};
    c.attention = leftovers(e);
    return c;
  }
  c.error_message = both({"pt-osc 以 0 退出，但没有说已经交换表",
                          "pt-osc ended with 0 without saying that it had swapped the tables"},
                         swapNotKnown(e));
  c.attention = both({"请核对 " + fullName(e) + " 的结构是否已变更",
                      "Check whether the structure of " + fullName(e) + " has changed"},
                     leftovers(e));
  return c;
}

/// What the table's state is after a run of whose end nobody knows.
Text stateAfterLoss(const Evidence& e) {
  if (e.swapped()) return inEffect();
  if (e.aftermath && e.aftermath->swap == TargetAftermath::Swap::kNo) {
    return {"表没有交换，未作任何更改", "The tables were not swapped and the table is unchanged"};
  }
  return both(swapNotKnown(e), {"请核对表结构", "Check the table's structure"});
}

Conclusion lost(const Evidence& e) {
  Conclusion c;
  if (e.output.swapped && e.output.said_altered) {
    c.status = ExecutionStatus::kCompleted;
    c.attention = leftovers(e);
    return c;
  }
  if (e.swapped() && !e.output.swapped) return swappedUnseen(e);
  // We killed it ourselves: that it left no record is what was to be expected.
  if (wasStopped(e) && !e.swapped() && !swapInDoubt(e)) return cancelled(e);
  const Text state = stateAfterLoss(e);
  c.error_message =
      both({"pt-osc 进程消失了，没有留下结束记录（主机重启或进程被杀）",
            "The pt-osc process vanished without a record of its end (host restarted, or it "
            "was killed)"},
           state);
  const bool unchanged = e.aftermath && e.aftermath->swap == TargetAftermath::Swap::kNo;
  c.attention = both(unchanged ? Text{} : state, leftovers(e));
  return c;
}

/// The run told of the swap itself.
Conclusion swapTold(const Evidence& e) {
  Conclusion c;
  c.attention = leftovers(e);
  if (e.end.exit_code == 0) {
    c.status = ExecutionStatus::kCompleted;
    return c;
  }
  c.error_message =
      both({"表已经交换，新结构已生效，但 pt-osc 随后失败",
            "The tables were swapped and the change is in effect, but pt-osc failed afterwards"},
           failureCause(failureOf(e)));
  c.attention = both({"请核对外键与残留对象", "Check foreign keys and leftovers"}, c.attention);
  return c;
}

}  // namespace

Conclusion conclude(const Evidence& e) {
  if (e.output_lost && e.output.row_loss.finding != RowLoss::Finding::kMissing) {
    return outputLost(e);
  }
  if (rowsInDoubt(e)) return rowsMissing(e);
  if (e.end.state == ports::RunState::kLost) return lost(e);
  if (e.output.swapped) return swapTold(e);
  if (e.swapped()) return swappedUnseen(e);
  if (swapInDoubt(e)) return unknownSwap(e);
  if (wasStopped(e)) return cancelled(e);
  if (e.end.exit_code == 0) return endedWithoutSwap(e);
  Conclusion c;
  c.error_message = failureCause(failureOf(e));
  c.attention = leftovers(e);
  return c;
}

}  // namespace oscar::engine
