#include "ctl/help.hpp"

#include "ctl/commands.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace oscar::ctl {
namespace {

struct Status {
  Exit exit;
  Text meaning;
};

const std::array<Status, 7>& statuses() {
  static const std::array<Status, 7> kStatuses{
      {{Exit::kOk,
        {"成功；跟随或查询的执行已完成；preview：可以提交",
         "done; the execution watched or asked for completed; preview: can be submitted"}},
       {Exit::kFailed, {"执行失败，或 oscard 出错", "the execution failed, or oscard did"}},
       {Exit::kUsage,
        {"命令行有误：命令、选项、参数个数、执行编号或时间的写法",
         "wrong command line: command, option, operands, form of a number or a time"}},
       {Exit::kCancelled,
        {"执行已取消；对提问回答了否",
         "the execution was cancelled; a question was answered with no"}},
       {Exit::kRefused,
        {"oscard 拒绝且什么都没有开始：输入有误、不存在、无权限、冲突、危险操作未确认，"
         "或目标服务器、执行后端不可用；preview：提交会被拒绝",
         "refused by oscard, nothing was started: bad input, not found, not allowed, conflict, a "
         "danger not confirmed, target server or backend not usable; preview: a submission would "
         "be refused"}},
       {Exit::kNoServer,
        {"无法连接 oscard，或未登录", "oscard cannot be reached, or not logged in"}},
       {Exit::kInterrupted,
        {"跟随时按了 Ctrl-C：执行仍在继续", "Ctrl-C while following: the execution goes on"}}}};
  return kStatuses;
}

const std::array<Text, 3>& notes() {
  static const std::array<Text, 3> kNotes{
      {{"--json：标准输出为 oscard 的 "
        "data；被拒绝时为其完整回答（code、message、data），退出码不变。",
        "--json: stdout is oscard's data; of a refusal its whole answer (code, message, data), "
        "with "
        "the same exit status."},
       {"时间按 TZ 所示的本地时区显示和输入；--json 中为 UTC。",
        "Times are shown and taken by the local clock (TZ), with --json in UTC."},
       {"环境变量：OSCAR_LANG、OSCAR_SESSION、OSCAR_CA_FILE、TZ；密码见各命令的帮助。",
        "Environment: OSCAR_LANG, OSCAR_SESSION, OSCAR_CA_FILE, TZ; for passwords see the "
        "commands' "
        "help."}}};
  return kNotes;
}

/// Insertions, deletions, replacements and swaps of neighbours that make `b` of `a`.
std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  std::iota(d[0].begin(), d[0].end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

}  // namespace

std::string overview(Language language, int width) {
  std::string text =
      language == Language::kZh
          ? "用法：oscarctl 命令 [选项]（oscarctl help 命令 看详情；oscarctl --version）\n\n"
          : "usage: oscarctl COMMAND [OPTIONS] (oscarctl help COMMAND; oscarctl --version)\n\n";
  constexpr std::size_t kColumn = 30;
  for (const auto& command : commands()) {
    text += helpEntry("  " + command.spec.name + " " + command.spec.operands,
                      command.spec.help.in(language), kColumn, width);
  }
  text += language == Language::kZh ? "\n退出码：\n" : "\nexit status:\n";
  constexpr std::size_t kMeaning = 7;
  for (const auto& [exit, meaning] : statuses()) {
    text += helpEntry("  " + std::to_string(static_cast<int>(exit)), meaning.in(language), kMeaning,
                      width);
  }
  text += "\n";
  for (const auto& note : notes()) text += helpEntry("", note.in(language), 0, width);
  return text;
}

const CommandSpec& helpSpec() {
  static const CommandSpec kSpec{"help",
                                 "[COMMAND]",
                                 0,
                                 1,
                                 {"全部命令，或一个命令的帮助", "all commands, or the help of one"},
                                 withCommonOptions({})};
  return kSpec;
}

std::string nearestCommand(const std::string& word) {
  std::string nearest;
  std::size_t least = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const auto& command : commands()) {
    const std::size_t steps = distance(word, command.spec.name);
    if (steps >= least) continue;
    least = steps;
    nearest = command.spec.name;
  }
  return nearest;
}

Text unknownCommand(const std::string& word) {
  const std::string nearest = nearestCommand(word);
  Text text{"没有命令 " + word, "unknown command " + word};
  if (!nearest.empty()) {
    text.zh += "，是 " + nearest + " 吗";
    text.en += "; did you mean " + nearest;
  }
  text.zh += nearest.empty() ? "。oscarctl help 列出全部命令" : "？oscarctl help 列出全部命令";
  text.en += nearest.empty() ? "; oscarctl help lists all" : "? oscarctl help lists all";
  return text;
}

}  // namespace oscar::ctl
