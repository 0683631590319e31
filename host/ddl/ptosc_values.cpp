#include "ddl/ptosc_values.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace oscar::ddl {
namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool isAlpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool isDigit(char c) {
  return c >= '0' && c <= '9';
}

std::string lower(std::string_view text) {
  std::string out{text};
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::optional<std::int64_t> parseInteger(std::string_view text) {
  std::int64_t value = 0;
  if (text.empty() || !std::all_of(text.begin(), text.end(), isDigit)) return std::nullopt;
  const auto end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

Text badLoad(std::string_view part) {
  const std::string quoted = "\"" + std::string{part} + "\"";
  return {quoted + " 的格式不正确；应为 状态变量=数值，例如 Threads_running=25",
          quoted + " is not of the form status_variable=number, e.g. Threads_running=25"};
}

/// The thresholds of one field; empty when they are wrong, which `errors` then says.
std::vector<LoadLimit> limitsOf(const std::string& field, const std::optional<std::string>& wanted,
                                const std::string& fallback, std::vector<FieldError>& errors) {
  const bool given = wanted && !wanted->empty();
  const std::string& spec = given ? *wanted : fallback;
  if (spec.empty()) return {};
  auto parsed = parseLoadLimits(spec);
  if (parsed.ok()) return std::move(parsed).value();
  errors.push_back({(given ? "execution_params." : "executions.default_") + field, parsed.error()});
  return {};
}

FieldError notAbove(const LoadLimit& critical, const LoadLimit& max) {
  return {"execution_params.critical_load",
          {critical.variable + " 的中止阈值 " + critical.value_text + " 必须大于暂停阈值 " +
               max.value_text,
           "the limit of " + critical.variable + " that ends the run (" + critical.value_text +
               ") must be above the one that pauses it (" + max.value_text + ")"}};
}

// Session variables that --set-vars may set. Not here on purpose: everything that decides what is
// written or replicated (sql_log_bin, foreign_key_checks, unique_checks, autocommit, binlog_*,
// gtid_*), the character set (the connection's), and explain_format (ours).
constexpr std::array kSessionVariables{
    "explicit_defaults_for_timestamp",
    "innodb_ddl_buffer_size",
    "innodb_ddl_threads",
    "innodb_lock_wait_timeout",
    "innodb_parallel_read_threads",
    "innodb_strict_mode",
    "interactive_timeout",
    "join_buffer_size",
    "lock_wait_timeout",
    "max_execution_time",
    "max_heap_table_size",
    "max_statement_time",
    "net_read_timeout",
    "net_write_timeout",
    "optimizer_switch",
    "read_buffer_size",
    "read_rnd_buffer_size",
    "sort_buffer_size",
    "sql_generate_invisible_primary_key",
    "sql_mode",
    "sql_require_primary_key",
    "tmp_table_size",
    "transaction_isolation",
    "tx_isolation",
    "wait_timeout",
    "wsrep_sync_wait",
    "wsrep_trx_fragment_size",
    "wsrep_trx_fragment_unit",
};

// What sql_mode may be set to. Not here: every mode that changes how the ALTER is read
// (ANSI_QUOTES, NO_BACKSLASH_ESCAPES, IGNORE_SPACE, PIPES_AS_CONCAT and their combinations). pt-osc
// itself adds NO_AUTO_VALUE_ON_ZERO (read in 3.2.1 and 3.7.1).
constexpr std::array<std::string_view, 13> kSqlModes{
    "",
    "allow_invalid_dates",
    "error_for_division_by_zero",
    "no_auto_create_user",
    "no_auto_value_on_zero",
    "no_engine_substitution",
    "no_unsigned_subtraction",
    "no_zero_date",
    "no_zero_in_date",
    "only_full_group_by",
    "strict_all_tables",
    "strict_trans_tables",
    "traditional",
};

std::string_view withoutQuotes(std::string_view value) {
  const bool quoted = value.size() >= 2 && value.front() == '\'' && value.back() == '\'';
  return quoted ? value.substr(1, value.size() - 2) : value;
}

// A bare word or number, or the like between single quotes: nothing that could end the value.
bool isPlainValue(std::string_view value) {
  if (value.empty()) return false;
  value = withoutQuotes(value);
  return value.size() <= 200 && std::all_of(value.begin(), value.end(), [](char c) {
           return isAlpha(c) || isDigit(c) || c == '_' || c == '.' || c == '-' || c == '=';
         });
}

}  // namespace

std::vector<std::string> splitList(std::string_view list) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0;;) {
    const auto comma = list.find(',', begin);
    parts.emplace_back(trim(list.substr(begin, comma - begin)));
    if (comma == list.npos) return parts;
    begin = comma + 1;
  }
}

std::optional<double> parseDecimal(std::string_view text) {
  const bool shape =
      !text.empty() && text.size() <= 20 && isDigit(text.front()) && isDigit(text.back()) &&
      std::count(text.begin(), text.end(), '.') <= 1 &&
      std::all_of(text.begin(), text.end(), [](char c) { return isDigit(c) || c == '.'; });
  if (!shape) return std::nullopt;
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::optional<std::int64_t> parseSeconds(std::string_view text) {
  if (text.empty() || text.size() > 9) return std::nullopt;
  std::int64_t factor = 1;
  switch (text.back()) {
    case 's':
      text.remove_suffix(1);
      break;
    case 'm':
      factor = 60;
      text.remove_suffix(1);
      break;
    case 'h':
      factor = 3600;
      text.remove_suffix(1);
      break;
    case 'd':
      factor = 86400;
      text.remove_suffix(1);
      break;
    default:
      break;
  }
  const auto number = parseInteger(text);
  if (!number) return std::nullopt;
  return *number * factor;
}

std::string formatNumber(double number) {
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
  return {buffer.data(), end};
}

Result<std::vector<LoadLimit>, Text> parseLoadLimits(std::string_view spec) {
  std::vector<LoadLimit> limits;
  for (const std::string& part : splitList(spec)) {
    const auto separator = part.find_first_of(":=");
    const std::string_view name = std::string_view{part}.substr(0, separator);
    const bool named =
        !name.empty() && name.size() <= 64 &&
        std::all_of(name.begin(), name.end(), [](char c) { return isAlpha(c) || c == '_'; });
    if (!named) return badLoad(part);
    LoadLimit limit{std::string{name}, std::nullopt, {}};
    if (separator != part.npos) {
      limit.value_text = part.substr(separator + 1);
      limit.value = parseDecimal(limit.value_text);
      // pt-osc reads 0 as "no value given" and would take the current value plus 20 %.
      if (!limit.value || *limit.value <= 0) return badLoad(part);
    }
    if (findLoadLimit(limits, limit.variable) != nullptr) {
      return Text{limit.variable + " 出现了两次", limit.variable + " is given twice"};
    }
    limits.push_back(std::move(limit));
  }
  return limits;
}

std::string toString(const std::vector<LoadLimit>& limits) {
  std::string out;
  for (const LoadLimit& limit : limits) {
    if (!out.empty()) out += ',';
    out += limit.variable;
    if (limit.value) out += '=' + limit.value_text;
  }
  return out;
}

const LoadLimit* findLoadLimit(const std::vector<LoadLimit>& limits, std::string_view variable) {
  const auto found = std::find_if(limits.begin(), limits.end(), [&](const LoadLimit& limit) {
    return lower(limit.variable) == lower(variable);
  });
  return found == limits.end() ? nullptr : &*found;
}

Result<LoadLimits, std::vector<FieldError>> effectiveLoadLimits(const ExecutionParams& params,
                                                                const ExecutionSettings& settings) {
  std::vector<FieldError> errors;
  LoadLimits limits;
  limits.max = limitsOf("max_load", params.max_load, settings.default_max_load, errors);
  limits.critical =
      limitsOf("critical_load", params.critical_load, settings.default_critical_load, errors);
  for (const LoadLimit& max : limits.max) {
    const LoadLimit* critical = findLoadLimit(limits.critical, max.variable);
    if (critical == nullptr || !critical->value || !max.value) continue;
    if (*critical->value <= *max.value) errors.push_back(notAbove(*critical, max));
  }
  if (!errors.empty()) return errors;
  return limits;
}

Result<std::map<std::string, std::string>, Text> parseSessionVariables(std::string_view list) {
  std::map<std::string, std::string> variables;
  for (const std::string& part : splitList(list)) {
    const auto equals = part.find('=');
    const std::string name = lower(trim(std::string_view{part}.substr(0, equals)));
    const std::string value{equals == part.npos ? std::string_view{}
                                                : trim(std::string_view{part}.substr(equals + 1))};
    if (equals == part.npos || name.empty()) {
      return Text{"格式应为 变量=值，以逗号分隔", "must be variable=value, separated by commas"};
    }
    if (std::find(kSessionVariables.begin(), kSessionVariables.end(), name) ==
        kSessionVariables.end()) {
      return Text{"不允许设置变量 " + name + "：它不在允许的会话变量之列",
                  "the variable " + name +
                      " may not be set: it is not on the list of session "
                      "variables that are safe during a run"};
    }
    if (!isPlainValue(value)) {
      return Text{
          name + " 的值只能是数字、单词或单引号中的单词",
          "the value of " + name + " must be a number, a word, or a word between single quotes"};
    }
    const std::string mode = lower(withoutQuotes(value));
    if (name == "sql_mode" &&
        std::find(kSqlModes.begin(), kSqlModes.end(), mode) == kSqlModes.end()) {
      return Text{"sql_mode 不能设为 " + value +
                      "：它可能改变 ALTER 语句的含义。可用 '' 或单个严格模式、日期类模式",
                  "sql_mode may not be set to " + value +
                      ": it may change what the ALTER means. Take '' or one of the modes about "
                      "strictness and dates"};
    }
    if (!variables.emplace(name, value).second) {
      return Text{name + " 出现了两次", name + " is given twice"};
    }
  }
  return variables;
}

std::optional<Text> triesProblem(std::string_view list) {
  constexpr std::array<std::string_view, 6> kOperations{"create_triggers",     "drop_triggers",
                                                        "copy_rows",           "swap_tables",
                                                        "update_foreign_keys", "analyze_table"};
  for (const std::string& part : splitList(list)) {
    const auto first = part.find(':');
    const auto second = first == part.npos ? part.npos : part.find(':', first + 1);
    if (second == part.npos) {
      return Text{"格式应为 操作:次数:等待秒数，以逗号分隔",
                  "must be operation:tries:wait, separated by commas"};
    }
    const std::string_view whole{part};
    const auto operation = whole.substr(0, first);
    if (std::find(kOperations.begin(), kOperations.end(), operation) == kOperations.end()) {
      return Text{"未知的操作 " + std::string{operation},
                  "unknown operation " + std::string{operation}};
    }
    const auto tries = parseInteger(whole.substr(first + 1, second - first - 1));
    const auto wait = parseDecimal(whole.substr(second + 1));
    if (!tries || *tries < 1 || *tries > 100'000 || !wait || *wait <= 0 || *wait > 3600) {
      return Text{"次数应为 1–100000，等待应为 0–3600 秒且大于 0",
                  "tries must be 1–100000 and the wait above 0 and at most 3600 seconds"};
    }
  }
  return std::nullopt;
}

}  // namespace oscar::ddl
