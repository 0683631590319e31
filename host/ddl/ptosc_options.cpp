#include "ddl/ptosc_options.hpp"

#include "ddl/ptosc_dsn.hpp"
#include "ddl/ptosc_values.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace oscar::ddl {
namespace {

using Type = PtoscOptionType;
using namespace std::string_view_literals;

// `none` asks a question on the terminal (or needs --force) and leaves broken references behind.
constexpr std::array kForeignKeyMethods{"auto"sv, "rebuild_constraints"sv, "drop_swap"sv};
// `dsn=` is not here: it carries an address and an account of its own.
constexpr std::array kRecursionMethods{"processlist"sv, "hosts"sv, "none"sv};

const std::array kOptions{
    PtoscOption{
        "alter-foreign-keys-method",
        Type::kWord,
        0,
        0,
        kForeignKeyMethods,
        {"其他表的外键如何改为引用新表", "how foreign keys of other tables follow the new table"}},
    PtoscOption{
        "analyze-before-swap",
        Type::kNegatable,
        0,
        0,
        {},
        {"交换前对新表执行 ANALYZE TABLE", "run ANALYZE TABLE on the new table before the swap"}},
    PtoscOption{"channel",
                Type::kIdentifier,
                0,
                0,
                {},
                {"使用复制通道时的通道名", "name of the replication channel"}},
    PtoscOption{"check-interval",
                Type::kSeconds,
                1,
                3600,
                {},
                {"两次检查从库延迟之间的等待", "pause between two checks of the replica lag"}},
    PtoscOption{"chunk-index",
                Type::kIdentifier,
                0,
                0,
                {},
                {"分块时优先使用的索引", "index to chunk the table by"}},
    PtoscOption{"chunk-index-columns",
                Type::kInteger,
                1,
                16,
                {},
                {"只使用分块索引最左边的几列", "use only this many leading columns of the index"}},
    // 0 would switch the check off: an oversized chunk then locks far more rows than wanted.
    PtoscOption{"chunk-size-limit",
                Type::kFloat,
                1,
                1000,
                {},
                {"不复制超过目标大小这么多倍的块", "do not copy chunks this many times too large"}},
    PtoscOption{"drop-old-table",
                Type::kNegatable,
                0,
                0,
                {},
                {"交换后删除旧表", "drop the old table after the swap"}},
    PtoscOption{
        "max-flow-ctl",
        Type::kFloat,
        0,
        100,
        {},
        {"PXC 集群流控时间百分比上限", "limit of time in flow control, percent (PXC clusters)"}},
    PtoscOption{
        "max-lag",
        Type::kSeconds,
        1,
        86400,
        {},
        {"从库延迟超过此值时暂停复制", "pause the copy while a replica lags more than this"}},
    PtoscOption{"null-to-not-null",
                Type::kFlag,
                0,
                0,
                {},
                {"允许改为 NOT NULL，NULL 变成类型的默认值",
                 "allow NOT NULL on a nullable column; NULLs become the type's default"}},
    PtoscOption{"preserve-triggers",
                Type::kFlag,
                0,
                0,
                {},
                {"保留表上已有的触发器", "keep the triggers that the table has"}},
    PtoscOption{"recurse",
                Type::kInteger,
                0,
                10,
                {},
                {"查找从库的层级数", "levels of replicas to discover"}},
    PtoscOption{"recursion-method",
                Type::kWordList,
                0,
                0,
                kRecursionMethods,
                {"发现从库的方法", "how replicas are discovered"}},
    PtoscOption{"set-vars",
                Type::kVariables,
                0,
                0,
                {},
                {"会话变量，以逗号分隔", "session variables, separated by commas"}},
    PtoscOption{"sleep",
                Type::kFloat,
                0,
                60,
                {},
                {"每块之后休眠的秒数", "seconds to sleep after each chunk"}},
    PtoscOption{
        "tries",
        Type::kTries,
        0,
        0,
        {},
        {"关键操作的重试次数与等待", "how often and how patiently critical steps are tried"}},
};

struct RefusedOptions {
  std::span<const std::string_view> names;
  Text reason;
};

constexpr std::array kConnectionOptions{"host"sv,     "port"sv,          "user"sv,
                                        "socket"sv,   "password"sv,      "ask-pass"sv,
                                        "database"sv, "defaults-file"sv, "mysql_ssl"sv};
constexpr std::array kOwnFieldOptions{"alter"sv,    "chunk-size"sv,    "chunk-time"sv,
                                      "max-load"sv, "critical-load"sv, "charset"sv};
constexpr std::array kOscarOptions{"execute"sv, "print"sv,  "statistics"sv,    "progress"sv,
                                   "plugin"sv,  "config"sv, "version-check"sv, "quiet"sv};
// They write or read files, or answer and end, on the machine that runs pt-osc.
constexpr std::array kFileOptions{"pid"sv,     "pause-file"sv, "data-dir"sv, "remove-data-dir"sv,
                                  "dry-run"sv, "help"sv,       "version"sv};
// Oscar finds and removes what a dead run left by pt-osc's usual names, and tells the end of a run
// by the swap.
constexpr std::array kLifecycleOptions{"new-table-name"sv, "drop-new-table"sv,   "drop-triggers"sv,
                                       "swap-tables"sv,    "history"sv,          "history-table"sv,
                                       "resume"sv,         "reverse-triggers"sv, "binary-index"sv};
constexpr std::array kSafetyOptions{"check-alter"sv,
                                    "check-unique-key-change"sv,
                                    "check-foreign-keys"sv,
                                    "check-plan"sv,
                                    "check-replication-filters"sv,
                                    "only-same-schema-fks"sv,
                                    "force"sv,
                                    "default-engine"sv,
                                    "where"sv};
// Addresses and accounts of replicas: they would put secrets into the command line.
constexpr std::array kReplicaOptions{"check-slave-lag"sv,      "check-replica-lag"sv,
                                     "skip-check-slave-lag"sv, "skip-check-replica-lag"sv,
                                     "slave-user"sv,           "slave-password"sv,
                                     "replica-user"sv,         "replica-password"sv};

const std::array kRefused{
    RefusedOptions{kConnectionOptions,
                   {"由连接决定，请修改连接", "comes from the connection; change it there"}},
    RefusedOptions{kOwnFieldOptions,
                   {"有专门的字段，请在执行参数中填写该字段",
                    "has a field of its own; set that field of the execution instead"}},
    RefusedOptions{kOscarOptions,
                   {"由 Oscar 设置，不能更改", "is set by Oscar and cannot be changed"}},
    RefusedOptions{kFileOptions,
                   {"会读写运行机器上的文件或使工具不执行变更，因此不允许",
                    "reads or writes files on the machine that runs pt-osc, or keeps it from "
                    "changing the table"}},
    RefusedOptions{kLifecycleOptions,
                   {"会使 Oscar 无法判断运行结果或清理残留对象，因此不允许",
                    "would keep Oscar from telling how a run ended and from cleaning up after it"}},
    RefusedOptions{kSafetyOptions,
                   {"会关闭 pt-osc 的保护，可能丢失数据，因此不允许",
                    "switches off a protection of pt-osc and may lose data"}},
    RefusedOptions{kReplicaOptions,
                   {"会把从库的地址或账号放进命令行，因此不允许",
                    "would put addresses or accounts of replicas into the command line"}},
};

std::size_t editDistance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row.back();
}

std::string_view withoutDashes(std::string_view name) {
  while (!name.empty() && name.front() == '-') name.remove_prefix(1);
  return name;
}

std::string joined(std::span<const std::string_view> words) {
  std::string out;
  for (const auto word : words) out += (out.empty() ? "" : ", ") + std::string{word};
  return out;
}

bool isOneOf(std::span<const std::string_view> words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::optional<Text> outOfRange(const PtoscOption& option, std::optional<double> number) {
  if (number && *number >= option.min && *number <= option.max) return std::nullopt;
  const std::string range = formatNumber(option.min) + "–" + formatNumber(option.max);
  return Text{"必须是 " + range + " 之间的数字", "must be a number from " + range};
}

std::optional<Text> wordsProblem(const PtoscOption& option, std::string_view value) {
  const auto given =
      option.type == Type::kWord ? std::vector<std::string>{std::string{value}} : splitList(value);
  for (const std::string& word : given) {
    if (!isOneOf(option.words, word)) {
      return Text{"只能是 " + joined(option.words), "must be one of " + joined(option.words)};
    }
  }
  return std::nullopt;
}

std::optional<Text> identifierProblem(std::string_view value) {
  if (auto problem = ptoscNameProblem(value, PtoscName::kTable)) return problem;
  // pt-osc takes a value that looks like one of its options for a forgotten value.
  if (value.front() == '-') return Text{"不能以 - 开头", "must not begin with -"};
  if (value.find('`') != value.npos) return Text{"不能包含反引号", "must not contain a backtick"};
  return std::nullopt;
}

}  // namespace

std::span<const PtoscOption> ptoscOptions() {
  return kOptions;
}

const PtoscOption* findPtoscOption(std::string_view name) {
  const auto found = std::find_if(kOptions.begin(), kOptions.end(),
                                  [&](const PtoscOption& option) { return option.name == name; });
  return found == kOptions.end() ? nullptr : &*found;
}

Text whyOptionRefused(std::string_view name) {
  std::string_view bare = withoutDashes(name.substr(0, 64));
  if (findPtoscOption(bare) == nullptr && bare.starts_with("no-")) {
    bare.remove_prefix(3);
    if (const PtoscOption* option = findPtoscOption(bare);
        option != nullptr && option->type == Type::kNegatable) {
      const std::string real{bare};
      return {"请写作 " + real + "，值为 false", "is written as " + real + " with the value false"};
    }
  }
  for (const RefusedOptions& group : kRefused) {
    if (isOneOf(group.names, bare)) return group.reason;
  }
  const PtoscOption* nearest = &kOptions.front();
  for (const PtoscOption& option : kOptions) {
    if (editDistance(bare, option.name) < editDistance(bare, nearest->name)) nearest = &option;
  }
  Text refused{"不是允许的 pt-osc 选项", "is not an allowed option of pt-osc"};
  // Farther than this it is another word, not a slip of the finger.
  const std::size_t slip = std::max<std::size_t>(1, bare.size() / 4);
  if (editDistance(bare, nearest->name) > slip) return refused;
  const std::string suggestion{nearest->name};
  return {refused.zh + "；最接近的是 " + suggestion,
          refused.en + "; the nearest one is " + suggestion};
}

std::optional<Text> optionValueProblem(const PtoscOption& option, std::string_view value) {
  switch (option.type) {
    case Type::kFlag:
    case Type::kNegatable:
      if (value.empty() || value == "true" || value == "false") return std::nullopt;
      return Text{"只能是 true 或 false", "must be true or false"};
    case Type::kInteger:
      if (value.find('.') != value.npos) return Text{"必须是整数", "must be a whole number"};
      return outOfRange(option, parseDecimal(value));
    case Type::kFloat:
      return outOfRange(option, parseDecimal(value));
    case Type::kSeconds: {
      const auto seconds = parseSeconds(value);
      if (!seconds) {
        return Text{"必须是秒数，可带后缀 s、m、h、d", "must be a time such as 30, 30s, 5m or 1h"};
      }
      return outOfRange(option, static_cast<double>(*seconds));
    }
    case Type::kWord:
    case Type::kWordList:
      return wordsProblem(option, value);
    case Type::kIdentifier:
      return identifierProblem(value);
    case Type::kTries:
      return triesProblem(value);
    case Type::kVariables: {
      const auto variables = parseSessionVariables(value);
      if (variables.ok()) return std::nullopt;
      return variables.error();
    }
  }
  return std::nullopt;
}

std::optional<std::string> optionArgument(const PtoscOption& option, std::string_view value) {
  const std::string name{option.name};
  switch (option.type) {
    case Type::kFlag:
      if (value == "false") return std::nullopt;
      return "--" + name;
    case Type::kNegatable:
      return (value == "false" ? "--no-" : "--") + name;
    case Type::kWordList:
    case Type::kTries: {  // without the white space that the user may have typed
      std::string list;
      for (const std::string& word : splitList(value)) list += (list.empty() ? "" : ",") + word;
      return "--" + name + "=" + list;
    }
    default:
      return "--" + name + "=" + std::string{value};
  }
}

}  // namespace oscar::ddl
