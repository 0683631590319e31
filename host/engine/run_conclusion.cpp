#include "engine/run_conclusion.hpp"

#include "engine/failure_cause.hpp"

namespace oscar::engine {
namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

Text leftOnOtherServer(const Evidence& e) {
  const OutputState& out = e.output;
  std::string names = out.triggers.empty() ? "pt_osc_*" : joined(out.triggers);
  for (const auto& table : {out.new_table, out.old_table}) {
    if (!table.empty()) names += ", " + table;
  }
  return {"该连接现在指向另一台服务器，因此没有检查也没有删除任何对象。请在运行所在的服务器（" +
              e.server_left + "）上人工检查这些触发器和表：" + names,
          "The connection leads to another server now, so nothing was looked at and nothing was "
          "dropped. Look on the server of the run (" +
              e.server_left + ") for these triggers and tables by hand: " + names};
}

/// The change is in effect, and the new table may lack rows that the old one has.
bool rowsInDoubt(const OutputState& output) {
  using Finding = RowLoss::Finding;
  const Finding finding = output.row_loss.finding;
  if (finding == Finding::kMissing || finding == Finding::kUnknown) return true;
  return output.swapped && finding == Finding::kOwed;
}

/// What is still there and should not be. Empty when nothing is, or when nobody could look.
Text leftovers(const Evidence& e) {
  if (!e.aftermath) {
    if (!e.output.triggers_begun && e.output.new_table.empty()) return {};
    if (!e.server_left.empty()) return leftOnOtherServer(e);
    return {"无法连接目标服务器以检查残留对象；请检查 pt_osc_* 触发器和 " + e.output.new_table,
            "The target could not be asked for leftovers: look for pt_osc_* triggers and " +
                e.output.new_table};
  }
  std::vector<std::string> objects = e.aftermath->triggers;
  if (e.aftermath->new_table_exists) objects.push_back(e.output.new_table);
  if (e.aftermath->old_table_exists && !rowsInDoubt(e.output)) {
    objects.push_back(e.output.old_table);
  }
  if (objects.empty()) return {};
  const std::string names = joined(objects);
  return {"残留对象：" + names + "。先删除触发器，再删除新表；旧表确认数据无误后再删",
          "Leftovers: " + names +
              ". Drop the triggers first, then the new table; the old table only when the data is "
              "known "
              "to be right"};
}

Text both(const Text& a, const Text& b) {
  if (a.empty()) return b;
  if (b.empty()) return a;
  return {a.zh + "。" + b.zh, a.en + ". " + b.en};
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
  const Text in_effect{"表已经交换，新结构已生效",
                       "The tables were swapped and the change is in effect"};
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
  const std::string old = e.output.old_table.empty() ? "_*_old" : e.output.old_table;
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

Conclusion outputLost(const Evidence& e) {
  Conclusion c;
  const Text why{"oscard 保存的运行状态无法读取，运行的输出也已不完整",
                 "What oscard had stored about the run cannot be read and the run's output is "
                 "no longer complete"};
  if (e.output.swapped) {
    c.error_message = {"表已经交换，新结构已生效，但之后的情况不明：" + why.zh,
                       "The tables were swapped and the change is in effect, but what came after "
                       "that is not known: " +
                           why.en};
  } else {
    c.error_message = {"不知道表是否已经交换：" + why.zh,
                       "Whether the tables were swapped is not known: " + why.en};
  }
  c.attention = both({"没有删除任何对象。请核对表结构和数据，并查找 pt_osc_* 触发器以及 "
                      "_*_new、_*_old 表；确认数据无误之前不要删除旧表",
                      "Nothing was dropped. Check the table's structure and rows, and look for "
                      "pt_osc_* triggers and tables called _*_new and _*_old; keep the old table "
                      "until the data is known to be right"},
                     leftovers(e));
  return c;
}

Conclusion lost(const Evidence& e) {
  Conclusion c;
  if (e.output.swapped && e.output.said_altered) {
    c.status = ExecutionStatus::kCompleted;
    c.attention = leftovers(e);
    return c;
  }
  if (wasStopped(e) && !e.output.swapped) {
    // We killed it ourselves: that it left no record is what was to be expected.
    c.status = ExecutionStatus::kCancelled;
    c.attention = leftovers(e);
    return c;
  }
  c.error_message = {
      "pt-osc 进程消失了，没有留下结束记录（主机重启或进程被杀）",
      "The pt-osc process vanished without a record of its end (host restarted, or it "
      "was killed)"};
  const Text state = e.output.swapped ? Text{"表已经交换，新结构已生效",
                                             "The tables had been swapped: the change is in effect"}
                                      : Text{"请核对表结构", "Check the table's structure"};
  c.attention = both(state, leftovers(e));
  return c;
}

}  // namespace

Conclusion conclude(const Evidence& e) {
  if (e.output_lost && e.output.row_loss.finding != RowLoss::Finding::kMissing) {
    return outputLost(e);
  }
  if (rowsInDoubt(e.output)) return rowsMissing(e);
  if (e.end.state == ports::RunState::kLost) return lost(e);
  Conclusion c;
  c.attention = leftovers(e);
  const bool swapped = e.output.swapped;
  if (e.end.exit_code == 0 && swapped) {
    c.status = ExecutionStatus::kCompleted;
    return c;
  }
  if (swapped) {
    c.error_message =
        both({"表已经交换，新结构已生效，但 pt-osc 随后失败",
              "The tables were swapped and the change is in effect, but pt-osc failed afterwards"},
             failureCause(failureOf(e)));
    c.attention = both({"请核对外键与残留对象", "Check foreign keys and leftovers"}, c.attention);
    return c;
  }
  if (wasStopped(e)) {
    c.status = ExecutionStatus::kCancelled;
    return c;
  }
  if (e.end.exit_code == 0) {
    c.error_message = {"pt-osc 以 0 退出，但没有交换表：未作任何更改",
                       "pt-osc ended with 0 but did not swap the tables: nothing was changed"};
    return c;
  }
  c.error_message = failureCause(failureOf(e));
  return c;
}

}  // namespace oscar::engine
