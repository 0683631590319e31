#include "ddl/ptosc_arguments.hpp"

#include "ddl/ptosc_dsn.hpp"
#include "ddl/ptosc_options.hpp"
#include "ddl/ptosc_values.hpp"

#include <algorithm>
#include <map>
#include <optional>

namespace oscar::ddl {
namespace {

constexpr std::int64_t kMaxChunkSize = 10'000'000;
constexpr double kMaxChunkTime = 60;
constexpr int kMaxLockWaitTimeout = 31'536'000;
constexpr int kUtf8mb4Output = 30300;
constexpr int kReplicaWords = 30700;  // from here on pt-osc no longer says SHOW SLAVE HOSTS

/// Collects argv, notes and errors of one request.
class Builder {
 public:
  explicit Builder(const PtoscRequest& request) : request_{request} {}

  Result<PtoscCommand, std::vector<FieldError>> build() {
    checkPlaces();
    fixedOptions();
    chunkOptions();
    loadOptions();
    const std::string charset = dsnCharset();
    sessionVariables();
    extraOptions();
    checksOfOurOwn();
    replicaDiscovery();
    if (!errors_.empty()) return errors_;
    argv_.push_back(ptoscDsn(request_.endpoint, charset, request_.database, request_.table));
    return PtoscCommand{std::move(argv_), std::move(notes_)};
  }

 private:
  void note(std::string code, Text text) { notes_.push_back({std::move(code), std::move(text)}); }
  void error(std::string field, Text reason) {
    errors_.push_back({std::move(field), std::move(reason)});
  }
  bool toolKnows(std::string_view option) const {
    const auto& known = request_.tool.options;
    return known.empty() || std::find(known.begin(), known.end(), option) != known.end();
  }

  void checkPlaces() {
    if (auto problem = ptoscNameProblem(request_.database, PtoscName::kDatabase)) {
      error("database_name", *problem);
    }
    if (auto problem = ptoscNameProblem(request_.table, PtoscName::kTable)) {
      error("table_name", *problem);
    }
    if (auto problem = ptoscHostProblem(request_.endpoint.host)) {
      error("connection_id", {"连接的" + problem->zh, "the connection's host " + problem->en});
    }
    checkAlter();
    if (request_.endpoint.host == "localhost") {
      note("localhost", {"localhost 以 127.0.0.1 传给 pt-osc：否则驱动会使用本机套接字而忽略端口",
                         "localhost is given to pt-osc as 127.0.0.1: otherwise its driver would "
                         "use a Unix socket and ignore the port"});
    }
  }

  void checkAlter() {
    const std::string& alter = request_.alter_text;
    const auto refuse = [&](std::string zh, std::string en) {
      error("original_ddl", {std::move(zh), std::move(en)});
    };
    if (alter.empty()) {
      refuse("ALTER 内容为空；碎片整理请使用 fragment 类型",
             "the ALTER text is empty; to rebuild the table use the type fragment");
    } else if (alter.front() == '-' && !alter.starts_with("-- ")) {
      // pt-osc takes a value that begins with the name of an option for a forgotten value.
      refuse("ALTER 内容不能以 - 开头", "the ALTER text must not begin with -");
    } else if (alter.find('\0') != alter.npos) {
      refuse("ALTER 内容含有 NUL 字节", "the ALTER text contains a NUL byte");
    } else if (alter.find("{run_dir}") != alter.npos) {
      refuse("ALTER 内容不能包含 {run_dir}", "the ALTER text must not contain {run_dir}");
    }
  }

  void fixedOptions() {
    argv_ = {request_.tool.path,
             // First, as pt-osc wants it: the machine's own configuration files must not add
             // options that the preview does not show.
             "--config=/dev/null", "--execute", "--print", "--statistics", "--progress=time,5",
             "--no-version-check",  // it would ask a server on the internet
             "--plugin={run_dir}/observer.pm", "--alter=" + request_.alter_text};
    note("credentials", {"用户名和密码写在运行目录中权限为 0600 的文件里，不出现在命令行",
                         "user name and password are in a file of mode 0600 in the run directory, "
                         "not in the command line"});
  }

  void chunkOptions() {
    const ExecutionParams& params = request_.params;
    if (params.chunk_size && (*params.chunk_size < 1 || *params.chunk_size > kMaxChunkSize)) {
      error("execution_params.chunk_size", {"必须在 1 到 10000000 之间", "must be 1–10000000"});
    }
    if (params.chunk_time && !(*params.chunk_time >= 0 && *params.chunk_time <= kMaxChunkTime)) {
      error("execution_params.chunk_time", {"必须在 0 到 60 秒之间", "must be 0–60 seconds"});
    }
    if (params.chunk_time && *params.chunk_time > 0) {
      chunkByTime(*params.chunk_time);
      if (params.chunk_size) {
        note("chunk_size_ignored",
             {"同时给出了 chunk_size 和 chunk_time：pt-osc 遇到 --chunk-size 就会关闭按时间调整，"
              "因此只使用 chunk_time",
              "both chunk_size and chunk_time are set: pt-osc stops adjusting to the time as soon "
              "as it sees --chunk-size, so only chunk_time is used"});
      }
      return;
    }
    const std::int64_t fixed = params.chunk_size.value_or(request_.defaults.default_chunk_size);
    if (fixed > 0) {
      argv_.push_back("--chunk-size=" + std::to_string(fixed));
      note("chunk_fixed",
           {"每块固定 " + std::to_string(fixed) + " 行，不按时间调整",
            "every chunk has " + std::to_string(fixed) + " rows; it is not adjusted to the time"});
    } else if (params.chunk_time) {
      argv_.push_back("--chunk-time=0");
      note("chunk_fixed", {"chunk_time 为 0：每块固定为 pt-osc 的默认值 1000 行",
                           "chunk_time is 0: every chunk has pt-osc's default of 1000 rows"});
    } else {
      chunkByTime(request_.defaults.default_chunk_time);
    }
  }

  void chunkByTime(double seconds) {
    argv_.push_back("--chunk-time=" + formatNumber(seconds));
    note("chunk_by_time", {"块大小自动调整，使每块约耗时 " + formatNumber(seconds) + " 秒",
                           "the chunk size is adjusted so that a chunk takes about " +
                               formatNumber(seconds) + " seconds"});
  }

  std::vector<LoadLimit> load(const char* field, const std::optional<std::string>& wanted,
                              const std::string& fallback) {
    const bool given = wanted && !wanted->empty();
    const std::string& spec = given ? *wanted : fallback;
    if (spec.empty()) return {};
    auto parsed = parseLoadLimits(spec);
    if (parsed.ok()) return std::move(parsed).value();
    error(given ? "execution_params." + std::string{field}
                : "executions.default_" + std::string{field},
          parsed.error());
    return {};
  }

  void loadOptions() {
    const auto max = load("max_load", request_.params.max_load, request_.defaults.default_max_load);
    const auto critical = load("critical_load", request_.params.critical_load,
                               request_.defaults.default_critical_load);
    for (const LoadLimit& limit : max) checkOrder(limit, critical);
    if (!max.empty()) argv_.push_back("--max-load=" + toString(max));
    if (!critical.empty()) {
      argv_.push_back("--critical-load=" + toString(critical));
      note("critical_load",
           {"超过 " + toString(critical) + " 时 pt-osc 会中止执行；超过 max-load 时只暂停",
            "pt-osc gives up when " + toString(critical) +
                " is exceeded; above max-load it only pauses"});
    }
  }

  // A critical limit below the other one would end the run where a pause was wanted.
  void checkOrder(const LoadLimit& max, const std::vector<LoadLimit>& critical) {
    for (const LoadLimit& limit : critical) {
      if (limit.variable != max.variable || !limit.value || !max.value) continue;
      if (*limit.value > *max.value) continue;
      error("execution_params.critical_load",
            {limit.variable + " 的中止阈值 " + limit.value_text + " 必须大于暂停阈值 " +
                 max.value_text,
             "the limit of " + limit.variable + " that ends the run (" + limit.value_text +
                 ") must be above the one that pauses it (" + max.value_text + ")"});
    }
  }

  /// The A of the DSN. With A=utf8mb4 pt-osc 3.2 decodes what it reads but writes it to a raw
  /// stdout, where Perl's fatal warning "Wide character in print" ends the run for every table with
  /// a comment that is not ASCII; and it no longer finds a table whose name is not ASCII. The
  /// character set of the defaults file avoids both, where the server does not force decoding.
  std::string dsnCharset() {
    const auto& wanted = request_.params.charset;
    const bool given = wanted && !wanted->empty();
    const std::string& charset = given ? *wanted : request_.endpoint.charset;
    const std::string field = given ? "execution_params.charset" : "connection_id";
    if (!isCharsetName(charset)) {
      error(field, {"不是有效的字符集名称", "is not the name of a character set"});
      return {};
    }
    note("charset", {"连接字符集为 " + charset + "：没有它，中文注释和默认值会变成乱码",
                     "the connection uses the character set " + charset +
                         ": without it, text that is not ASCII would be damaged"});
    const bool decodes = request_.server.makesPtoscDecode();
    if (!isUtf8Charset(charset)) {
      if (!isAscii(request_.alter_text)) {
        error(field, {"ALTER 含有非 ASCII 字符，字符集必须是 utf8mb4",
                      "must be utf8mb4, because the ALTER has characters that are not ASCII"});
      }
      requireAsciiNames();
      return charset;
    }
    if (!decodes && isUtf8Charset(request_.endpoint.charset)) return {};
    requireAsciiNames();
    const int tool = request_.tool.version_number;
    // 3.2 switches its stdout only for the word utf8, and such a server then gets utf8mb4 anyway.
    return decodes && tool > 0 && tool < kUtf8mb4Output ? "utf8" : "utf8mb4";
  }

  static bool isAscii(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return (static_cast<unsigned char>(c) & 0x80) == 0; });
  }

  void requireAsciiNames() {
    const Text reason{
        "在这台服务器和字符集下，pt-osc 找不到名称含有非 ASCII 字符的库或表；请直接执行 ALTER",
        "has characters that are not ASCII, with which pt-osc cannot find it on this "
        "server and character set; run the ALTER directly"};
    if (!isAscii(request_.database)) error("database_name", reason);
    if (!isAscii(request_.table)) error("table_name", reason);
  }

  void sessionVariables() {
    std::map<std::string, std::string> variables;
    const auto& extra = request_.params.extra;
    if (const auto given = extra.find("set-vars"); given != extra.end()) {
      auto parsed = parseSessionVariables(given->second);
      if (parsed.ok()) {
        variables = std::move(parsed).value();
      } else {
        error(extraField("set-vars"), parsed.error());
      }
    }
    lockWaitTimeout(variables);
    if (request_.server.has_explain_format) {
      variables["explain_format"] = "'TRADITIONAL'";
      note("explain_format",
           {"该服务器可能默认 explain_format=TREE，pt-osc 会因此把整张表当作一块复制；"
            "所以为它的会话设置 TRADITIONAL",
            "this server may default to explain_format=TREE, which makes pt-osc copy the whole "
            "table in one statement; its session is set to TRADITIONAL"});
    }
    std::string list;
    for (const auto& [name, value] : variables) {
      list += (list.empty() ? "" : ",") + name + "=" + value;
    }
    argv_.push_back("--set-vars=" + list);
  }

  void lockWaitTimeout(std::map<std::string, std::string>& variables) {
    const auto& wanted = request_.params.lock_wait_timeout;
    if (wanted && (*wanted < 1 || *wanted > kMaxLockWaitTimeout)) {
      error("execution_params.lock_wait_timeout",
            {"必须在 1 到 31536000 秒之间", "must be 1–31536000 seconds"});
      return;
    }
    const auto given = variables.find("lock_wait_timeout");
    if (given != variables.end()) {
      if (wanted && given->second != std::to_string(*wanted)) {
        error(extraField("set-vars"),
              {"lock_wait_timeout 与字段 execution_params.lock_wait_timeout 不一致",
               "lock_wait_timeout differs from the field execution_params.lock_wait_timeout"});
      }
      return;
    }
    const int seconds = wanted.value_or(request_.defaults.default_lock_wait_timeout);
    variables["lock_wait_timeout"] = std::to_string(seconds);
    note("lock_wait_timeout",
         {"创建触发器和交换表最多等待元数据锁 " + std::to_string(seconds) + " 秒",
          "creating triggers and swapping wait for metadata locks for at most " +
              std::to_string(seconds) + " seconds"});
  }

  void extraOptions() {
    for (const auto& [name, value] : request_.params.extra) {
      const PtoscOption* option = findPtoscOption(name);
      if (option == nullptr) {
        error(extraField(name.substr(0, 64)), whyOptionRefused(name));
        continue;
      }
      if (option->type == PtoscOptionType::kVariables) continue;  // merged above
      if (auto problem = optionValueProblem(*option, value)) {
        error(extraField(name), *problem);
        continue;
      }
      const auto argument = optionArgument(*option, value);
      if (!argument) continue;
      if (!toolKnows(name)) {
        error(extraField(name), {"所用的 pt-osc 版本没有该选项", "this pt-osc does not have it"});
        continue;
      }
      if (!foreignKeyMethodFits(name, value)) continue;
      argv_.push_back(*argument);
    }
  }

  bool foreignKeyMethodFits(const std::string& name, const std::string& value) {
    if (name != "alter-foreign-keys-method" || value == "rebuild_constraints") return true;
    if (!request_.server.refusesDropSwap()) return true;
    // `auto` may choose drop_swap as well, and pt-osc notices only after the copy.
    error(extraField(name),
          {"在 MySQL 8.0 及以上和 MariaDB 10 及以上，pt-osc 会在复制完整张表之后才拒绝 "
           "drop_swap（auto 也可能"
           "选择它）；请使用 rebuild_constraints",
           "on MySQL 8.0+ and MariaDB 10+ pt-osc refuses drop_swap (which auto may choose) only "
           "after it has copied the whole table; use rebuild_constraints"});
    return false;
  }

  void checksOfOurOwn() {
    const PtoscChecks& checks = request_.checks;
    if (checks.skip_alter_check) argv_.push_back("--no-check-alter");
    // Older tools do not have the check, so there is nothing to switch off.
    const bool unique = checks.skip_unique_check && toolKnows("check-unique-key-change");
    if (unique) argv_.push_back("--no-check-unique-key-change");
    if (checks.skip_alter_check || unique) note("own_checks", checks.reason);
  }

  void replicaDiscovery() {
    const bool removed_statement =
        !request_.server.mariadb && request_.server.version_number >= 80400;
    const int tool = request_.tool.version_number;
    if (!removed_statement || tool == 0 || tool >= kReplicaWords) return;
    const auto given = request_.params.extra.find("recursion-method");
    if (given == request_.params.extra.end()) {
      argv_.push_back("--recursion-method=none");
      note("recursion_method",
           {"这个版本的 pt-osc 在 MySQL 8.4 及以上无法查找从库（SHOW SLAVE HOSTS 已被移除），"
            "因此不检查从库延迟；需要时请升级到 3.7",
            "this pt-osc cannot look for replicas on MySQL 8.4 and later (SHOW SLAVE HOSTS is "
            "gone), so replica lag is not watched; upgrade to 3.7 if you need it"});
    } else if (given->second != "none") {
      error(extraField("recursion-method"),
            {"这个版本的 pt-osc 在 MySQL 8.4 及以上只能使用 none；请升级到 3.7",
             "with this pt-osc only none works on MySQL 8.4 and later; upgrade to 3.7"});
    }
  }

  const PtoscRequest& request_;
  std::vector<std::string> argv_;
  std::vector<PtoscNote> notes_;
  std::vector<FieldError> errors_;
};

}  // namespace

Result<PtoscCommand, std::vector<FieldError>> buildPtoscCommand(const PtoscRequest& request) {
  return Builder{request}.build();
}

}  // namespace oscar::ddl
