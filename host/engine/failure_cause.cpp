#include "engine/failure_cause.hpp"

#include "engine/line_scanner.hpp"

#include <string_view>

namespace oscar::engine {
namespace {

struct Cause {
  std::string_view contains;  ///< part of a line
  Text text;
  std::string_view begins{};  ///< of the line's own words, where `contains` says too little
};

/// First match wins, so the specific ones stand before the general: first the observer's verdicts,
/// which begin a line and quote what others have said.
const std::vector<Cause>& causes() {
  static const std::vector<Cause> kCauses{
      {"oscar: the table was changed by somebody else just before the swap, its data",
       {"交换前的一刻，该表被其他人清空、重建或换成了另一张表（TRUNCATE、分区交换、RENAME、"
        "OPTIMIZE 等），新表中仍是之前的行。旧表没有删除，其中是交换那一刻的数据。请核对两个表，"
        "确认数据无误后再自行删除旧表",
        "Just before the swap somebody else emptied, rebuilt or replaced the table or a partition "
        "(TRUNCATE, EXCHANGE PARTITION, RENAME, OPTIMIZE ...), and the new table has the rows of "
        "before. The old table was kept: it has the data as of the swap. Compare the two, and drop "
        "the old one yourself when the data is known to be right"}},
      {"oscar: the table was changed by somebody else during the copy, its data",
       {"执行期间该表或其分区被其他人清空、重建或换成了另一张表（TRUNCATE、分区交换、RENAME、"
        "OPTIMIZE 等），已复制的行不再是它的行。因此没有交换，本次运行未作任何更改。"
        "请确认该操作已经结束，再重新提交",
        "During the run somebody else emptied, rebuilt or replaced the table or a partition "
        "(TRUNCATE, EXCHANGE PARTITION, RENAME, OPTIMIZE ...), so the rows that were copied are no "
        "longer its own. Nothing was swapped and this run changed nothing. Make sure that the "
        "other change is complete, then submit again"}},
      {"oscar: the table was changed by somebody else just before the swap",
       {"交换前的一刻，有其他人修改了该表的结构或触发器，新表中没有这些修改。旧表没有删除，"
        "其中有这些修改及其数据。请把它们补到新表，确认数据无误后再自行删除旧表",
        "Somebody else changed the table's structure or triggers just before the swap, and the new "
        "table does not have that. The old table was kept: it has the change and its data. Bring "
        "them into the new table, and drop the old one yourself when the data is known to be "
        "right"}},
      {"oscar: cannot read the definition of the old table",
       {"交换之后无法读取旧表的结构，不能确认交换前没有其他人修改过该表。旧表没有删除，"
        "请核对两个表的结构",
        "The old table's definition could not be read after the swap, so it is not certain that "
        "nobody else changed the table just before it. The old table was kept: compare the two "
        "tables' structure"}},
      {"oscar: the table was changed by somebody else",
       {"执行期间有其他人修改了该表的结构或触发器；若交换，这些修改会丢失。因此没有交换，"
        "表未作任何更改。请确认该修改已经结束，再重新提交",
        "Somebody else changed the table's structure or triggers during the run, and the swap "
        "would have undone that. So nothing was swapped and this run changed nothing. Make sure "
        "that the other change is complete, then submit again"}},
      {"oscar: cannot read the definition of the table",
       {"无法读取表结构，不能确认执行期间没有其他人修改过该表，因此没有交换，表未作任何更改。"
        "请在排除原因后重试",
        "The table's definition could not be read, so it is not certain that nobody else changed "
        "the table during the run. Nothing was swapped and the table is unchanged. Retry when the "
        "reason is gone"}},
      {"oscar: cannot load the check of rows",
       {"无法加载行数核对模块，执行没有开始，表未作任何更改",
        "The check of rows could not be loaded, so the run did not begin and the table is "
        "unchanged"}},
      {"oscar: cannot count the rows",
       {"交换之前无法核对新旧两表的行数（涉及唯一键，缺行会丢数据），因此没有交换，表未作任何更改。"
        "请在排除原因后重试",
        "The rows of both tables could not be counted before the swap (a unique key is concerned, "
        "and rows could have been lost), so nothing was swapped and the table is unchanged. Retry "
        "when the reason is gone"}},
      {"Access denied",
       {"权限不足或账号密码错误。请检查连接的账号、密码和授权",
        "Access denied: check the connection's account, password and privileges"}},
      {"Unknown database", {"数据库不存在", "The database does not exist"}},
      {"does not exist",
       {"max-load 或 critical-load 中的状态变量在该服务器上不存在。请检查其拼写",
        "A status variable of max-load or critical-load does not exist on this server: check its "
        "spelling"},
       "Variable "},
      {"does not exist", {"目标表不存在", "The table does not exist"}, "The original table "},
      {"' doesn't exist", {"表不存在", "A table does not exist"}},
      {"Unknown column", {"列不存在", "A column does not exist"}},
      {"does not have a PRIMARY KEY or a unique index",
       {"表没有主键或唯一索引，pt-osc 无法安全地复制它。请先加主键",
        "The table has no primary key or unique index, so pt-osc cannot copy it safely. Add one "
        "first"}},
      {"has triggers but --preserve-triggers",
       {"表上已有触发器。请先移除它们，或使用 preserve-triggers 选项",
        "The table already has triggers. Remove them first, or use the option preserve-triggers"}},
      {"did not specify --alter-foreign-keys-method",
       {"有外键引用该表，必须选择 alter-foreign-keys-method",
        "Foreign keys refer to the table: choose alter-foreign-keys-method"}},
      {"drop_swap doesn't work",
       {"该服务器不支持 drop_swap，请改用 rebuild_constraints",
        "This server does not support drop_swap: use rebuild_constraints"}},
      {"--check-alter failed",
       {"该 ALTER 被 pt-osc 判定为不安全（可能改列名），未作任何更改",
        "pt-osc judged the ALTER unsafe (it seems to rename columns); nothing was changed"}},
      {"Threads_running",
       {"负载超过 critical-load，执行被中止",
        "The load exceeded critical-load, so the run was aborted"}},
      {"exceeds its critical threshold",
       {"负载超过 critical-load，执行被中止",
        "The load exceeded critical-load, so the run was aborted"}},
      {"Error swapping tables",
       {"交换表名失败：拿不到元数据锁。请在长事务结束后重试",
        "Swapping the tables failed: no metadata lock was to be had. Try again when "
        "long transactions have ended"}},
      {"Lock wait timeout",
       {"等待锁超时。请在长事务结束后重试，或调大 lock_wait_timeout",
        "Waiting for a lock timed out. Try again when long transactions have ended, or raise "
        "lock_wait_timeout"}},
      {"Duplicate column name", {"列已存在", "The column exists already"}},
      {"Duplicate key name", {"索引名已存在", "The index name exists already"}},
      {"Duplicate entry",
       {"存在重复值，无法建立唯一键", "Duplicate values prevent the unique key"}},
      {"Can't DROP",
       {"要删除的列、索引或约束不存在", "The column, index or constraint to drop does not exist"}},
      {"error in your SQL syntax",
       {"MySQL 不接受该 ALTER 的语法", "MySQL does not accept the syntax of the ALTER"}},
      {"MySQL error 1048",
       {"数据中有 NULL，不能改为 NOT NULL。请先补齐数据，或使用 null-to-not-null 选项",
        "There are NULL values, so the column cannot become NOT NULL. Fill them first, or use the "
        "option null-to-not-null"}},
      {"is full", {"磁盘或表空间已满", "The disk or table space is full"}},
      {"No space left on device", {"磁盘已满", "The disk is full"}},
      {"gone away", {"与 MySQL 的连接断开", "The connection to MySQL was lost"}},
      {"Lost connection", {"与 MySQL 的连接断开", "The connection to MySQL was lost"}},
      {"server shutdown", {"MySQL 服务器正在关闭", "The MySQL server was shutting down"}},
      {"Connection was killed",
       {"与 MySQL 的连接被人为终止", "The connection to MySQL was killed"}},
      {"Cannot connect to MySQL", {"无法连接 MySQL", "Cannot connect to MySQL"}},
      {"PID file",
       {"同一 PID 文件的 pt-osc 正在运行", "A pt-osc with the same PID file is running"}},
      {"Unknown option",
       {"该版本的 pt-osc 不认识某个选项", "This version of pt-osc does not know an option"}},
      {"Errors in command-line arguments",
       {"pt-osc 拒绝了命令行参数", "pt-osc refused its command-line arguments"}},
      {"Exiting on SIG",
       {"pt-osc 被 Oscar 之外发来的信号终止（主机关机，或有人执行了 kill）",
        "pt-osc was ended by a signal from outside Oscar (host shutdown, or somebody's kill)"}},
  };
  return kCauses;
}

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kMessage = "Message: ";

/// Moves behind `(in cleanup)` and any timestamps, `2026-01-02T03:04:05`.
void skipPrefix(LineScanner& line) {
  LineScanner cleanup = line;
  cleanup.takeOf(kBlanks);
  if (cleanup.skip("(in cleanup)")) {
    cleanup.takeOf(kBlanks);
    line = cleanup;
  }
  constexpr std::size_t kTimestamp = 19;
  while (true) {
    LineScanner next = line;
    if (next.takeOf("0123456789T:-").size() != kTimestamp || next.takeOf(kBlanks).empty()) return;
    line = next;
  }
}

/// Without the SQL (` [for Statement ...`) or the tool's own ` at FILE line N.` at the end.
std::string_view withoutSuffix(std::string_view text) {
  const std::size_t statement = text.find(" [for Statement ");
  if (statement != std::string_view::npos) return text.substr(0, statement);
  std::string_view rest = text;
  if (rest.ends_with('.')) rest.remove_suffix(1);
  const std::size_t last_other = rest.find_last_not_of(kDigits);
  if (last_other == std::string_view::npos || last_other + 1 == rest.size()) return text;
  rest.remove_suffix(rest.size() - last_other - 1);
  constexpr std::string_view kLine = " line ";
  constexpr std::string_view kAt = " at ";
  if (!rest.ends_with(kLine)) return text;
  rest.remove_suffix(kLine.size());
  const std::size_t file = rest.find_last_of(kBlanks);
  if (file == std::string_view::npos || file + 1 == rest.size()) return text;
  rest = rest.substr(0, file + 1);
  return rest.ends_with(kAt) ? rest.substr(0, rest.size() - kAt.size()) : text;
}

/// pt-osc prints the same error several times, wrapped in the SQL and its own line numbers; what a
/// person needs is the sentence in the middle. (No std::regex: it recurses once per character.)
std::string essence(const std::string& line) {
  LineScanner scanner{line};
  skipPrefix(scanner);
  std::string text{withoutSuffix(scanner.rest())};
  constexpr std::size_t kMax = 500;
  if (text.size() > kMax) {
    std::size_t cut = kMax;
    while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xc0) == 0x80) --cut;
    text.resize(cut);
  }
  return text;
}

/// The observer's verdict (host/observer/README.md, "No row lost"); empty for another line.
Text rowsLost(const std::string& line) {
  LineScanner scanner{line};
  if (!scanner.skip("oscar: ")) return {};
  const std::string count{scanner.takeOf(kDigits)};
  if (count.empty() || !scanner.skip(" rows would be lost")) return {};
  return {"若交换会丢失 " + count +
              " 行：执行期间有行在唯一键上的值与其他行相同。因此没有交换，表未作任何更改。"
              "请先处理重复值，再重试。原文：" +
              line,
          count +
              " rows would have been lost, because they have the same values in the unique key as "
              "others, written before or during the run. So nothing was swapped and the table is "
              "unchanged. Resolve the duplicates, then retry. In its own words: " +
              line};
}

bool fits(const std::string& line, const Cause& cause) {
  // Only at its beginning is it the observer's own; anywhere else it may be a value of a row.
  if (cause.contains.starts_with("oscar: ")) return line.starts_with(cause.contains);
  if (line.find(cause.contains) == std::string::npos) return false;
  LineScanner scanner{line};
  skipPrefix(scanner);
  return cause.begins.empty() || scanner.rest().starts_with(cause.begins);
}

/// pt-osc says why it gave up a copy on a line of its own:
///   Copying rows caused a MySQL error 1366:
///       Level: Warning
///     Message: Incorrect integer value: 'x' for column `shop`.`orders`.`note` at row 1
std::string wordsAt(const std::vector<std::string>& errors, std::size_t at) {
  std::string words = essence(errors[at]);
  const bool goes_on = words.ends_with(':') && at + 1 < errors.size();
  if (!goes_on) return words;
  LineScanner next{errors[at + 1]};
  next.takeOf(kBlanks);
  if (!next.skip(kMessage)) return words;
  next.takeOf(kBlanks);
  return words + " " + essence(std::string{next.rest()});
}

/// Tells that something went wrong, not what.
bool isSummary(std::string_view line) {
  return line.find("but there were errors or warnings") != std::string_view::npos ||
         line.find("Not dropping ") != std::string_view::npos;
}

/// Part of another line's sentence.
bool isContinuation(std::string_view line) {
  LineScanner scanner{line};
  return !scanner.takeOf(kBlanks).empty() && scanner.skip(kMessage);
}

/// The last line that says most; nullopt when there is none.
std::optional<std::size_t> mostTelling(const std::vector<std::string>& errors) {
  std::optional<std::size_t> summary;
  for (std::size_t i = errors.size(); i-- > 0;) {
    if (isContinuation(errors[i])) continue;
    if (!isSummary(errors[i])) return i;
    if (!summary) summary = i;
  }
  return summary;
}

Text endOf(const Failure& failure) {
  if (failure.signal) {
    const std::string number = std::to_string(*failure.signal);
    return {"pt-osc 被 Oscar 之外发来的信号 " + number +
                " 终止（主机关机、内存不足，或有人执行了 "
                "kill）",
            "pt-osc was ended by signal " + number +
                " from outside Oscar (host shutdown, no memory left, or somebody's kill)"};
  }
  if (failure.exit_code == 127) {
    return {"无法启动 pt-osc：找不到可执行文件", "pt-osc could not be started: no such program"};
  }
  if (failure.exit_code == 255) {
    return {"pt-osc 在等待一个无人能回答的提问（退出码 255）",
            "pt-osc asked a question that nobody could answer (exit code 255)"};
  }
  const std::string code = failure.exit_code ? std::to_string(*failure.exit_code) : "?";
  return {"pt-osc 以退出码 " + code + " 结束，没有说明原因；请看日志",
          "pt-osc ended with exit code " + code + " and gave no reason: see the log"};
}

}  // namespace

bool looksLikeError(std::string_view line) {
  // The statistics at the end count errors by name: `# unknown_error     1`.
  if (line.starts_with("# ") && !line.starts_with("# Exiting on SIG")) return false;
  if (isContinuation(line)) return true;
  for (const char* sign : {"rror",
                           "failed",
                           "annot ",
                           "Can't",
                           "does not",
                           "doesn't",
                           "denied",
                           "has triggers but",
                           "You did not specify",
                           "Exiting",
                           "Not dropping",
                           "exceeds",
                           "is full",
                           "No space left",
                           "PID file",
                           "Unknown",
                           "gone away",
                           "ost connection",
                           "mutually exclusive",
                           "must specify",
                           "rows would be lost"}) {
    if (line.find(sign) != std::string_view::npos) return true;
  }
  return false;
}

Text failureCause(const Failure& failure) {
  for (const auto& line : failure.errors) {
    if (Text lost = rowsLost(line); !lost.empty()) return lost;
  }
  for (const auto& cause : causes()) {
    for (std::size_t i = 0; i < failure.errors.size(); ++i) {
      if (!fits(failure.errors[i], cause)) continue;
      const std::string words = wordsAt(failure.errors, i);
      return {cause.text.zh + "。原文：" + words, cause.text.en + ". In its own words: " + words};
    }
  }
  const auto at = mostTelling(failure.errors);
  if (!at) return endOf(failure);
  const std::string words = wordsAt(failure.errors, *at);
  return {"pt-osc 报告：" + words, "pt-osc said: " + words};
}

}  // namespace oscar::engine
