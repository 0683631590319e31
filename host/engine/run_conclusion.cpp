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
  if (e.aftermath->old_table_exists) objects.push_back(e.output.old_table);
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
