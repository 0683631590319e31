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
constexpr int kReplicaWords = 30700;  // from here on pt-osc no longer says SHOW SLAVE HOSTS
constexpr int kNoSlaveWords = 80400;  // from here on MySQL no longer knows it
constexpr int kDefaultPort = 3306;

/// Collects argv, notes and errors of one request.
class Builder {
 public:
  explicit Builder(const PtoscRequest& request) : request_{request} {}

  Result<PtoscCommand, std::vector<FieldError>> build() {
    checkPlaces();
    fixedOptions();
    chunkOptions();
    loadOptions();
    charset();
    sessionVariables();
    extraOptions();
    checksOfOurOwn();
    replicaDiscovery();
    if (!errors_.empty()) return errors_;
    argv_.push_back(ptoscDsn(request_.endpoint, request_.database, request_.table));
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
      argv_.emplace_back("--chunk-time=0");
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

  void loadOptions() {
    const auto limits = effectiveLoadLimits(request_.params, request_.defaults);
    if (!limits.ok()) {
      errors_.insert(errors_.end(), limits.error().begin(), limits.error().end());
      return;
    }
    const auto& [max, critical] = limits.value();
    if (!max.empty()) argv_.push_back("--max-load=" + toString(max));
    if (critical.empty()) return;
    argv_.push_back("--critical-load=" + toString(critical));
    note("critical_load",
         {"超过 " + toString(critical) + " 时 pt-osc 会中止执行；超过 max-load 时只暂停",
          "pt-osc gives up when " + toString(critical) +
              " is exceeded; above max-load it only pauses"});
  }

  void charset() {
    const auto& wanted = request_.params.charset;
    const bool given = wanted && !wanted->empty();
    const std::string& charset = given ? *wanted : request_.endpoint.charset;
    if (!isCharsetName(charset)) {
      error(given ? "execution_params.charset" : "connection_id",
            {"不是有效的字符集名称", "is not the name of a character set"});
      return;
    }
    Text text{"连接字符集为 utf8mb4：没有它，中文注释和默认值会变成乱码",
              "the connection uses the character set utf8mb4: without it, text that is not ASCII "
              "would be damaged"};
    if (charset != kPtoscCharset) {
      text.zh += "；因此不使用 " + charset + "，表和列自身的字符集不受影响";
      text.en += "; so " + charset + " is not used. The table keeps its own character sets";
    }
    note("charset", std::move(text));
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
    keepWarnings(variables);
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

  /// pt-osc copies with INSERT IGNORE and notices a row that was left out only by its warning. The
  /// server keeps max_error_count of them per statement (64 in MariaDB, 0 at times): behind that
  /// many harmless ones the warnings about lost rows would be unseen. This is the maximum.
  void keepWarnings(std::map<std::string, std::string>& variables) {
    if (!request_.server.sets_error_count) return;
    variables["max_error_count"] = "65535";
    note("max_error_count",
         {"让服务器保留每条语句的全部警告：pt-osc 只靠警告发现没能复制的行",
          "the server keeps every warning of a statement: only by them pt-osc notices rows that "
          "could not be copied"});
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
    if (checks.skip_alter_check) argv_.emplace_back("--no-check-alter");
    // Older tools do not have the check, so there is nothing to switch off.
    const bool unique = checks.skip_unique_check && toolKnows("check-unique-key-change");
    if (unique) argv_.emplace_back("--no-check-unique-key-change");
    if (checks.skip_alter_check || unique) note("own_checks", checks.reason);
  }

  void replicaDiscovery() {
    const PtoscServer& server = request_.server;
    const bool new_words = request_.tool.version_number >= kReplicaWords;
    if (new_words && !server.sees_replica_status) {
      error("connection_id",
            {"的账号不能读取复制状态，这个版本的 pt-osc 会因此立即退出；请授予 " + statusRight() +
                 "，或使用 3.6 及更早的版本",
             "has an account that may not read the replication status, without which this pt-osc "
             "ends at once; grant " +
                 statusRight() + ", or use a version up to 3.6"});
    }
    const auto given = request_.params.extra.find("recursion-method");
    const bool chosen = given != request_.params.extra.end();
    if (const auto reason = whyNoReplicas(new_words)) {
      if (!chosen) return discover("none", *reason);
      if (given->second != "none") error(extraField("recursion-method"), *reason);
    } else if (!chosen) {
      chooseDiscovery(new_words);
    }
  }

  /// Pairs of tool and server that die on their own statements about replicas.
  std::optional<Text> whyNoReplicas(bool new_words) const {
    const PtoscServer& server = request_.server;
    if (server.mariadb && new_words) {
      return Text{
          "这个版本的 pt-osc 在 MariaDB 上无法查找从库（它使用 SHOW REPLICAS 和 SHOW "
          "BINARY LOG STATUS），只能使用 none，因此不检查从库延迟；需要时请使用 3.6 "
          "及更早的版本",
          "this pt-osc cannot look for replicas on MariaDB (it says SHOW REPLICAS and SHOW "
          "BINARY LOG STATUS), so only none works and replica lag is not watched; use a "
          "version up to 3.6 if you need it"};
    }
    const bool known = request_.tool.version_number > 0;
    if (known && !new_words && !server.mariadb && server.version_number >= kNoSlaveWords) {
      return Text{
          "这个版本的 pt-osc 在 MySQL 8.4 及以上无法查找从库（SHOW SLAVE HOSTS 已被移除），"
          "只能使用 none，因此不检查从库延迟；需要时请升级到 3.7",
          "this pt-osc cannot look for replicas on MySQL 8.4 and later (SHOW SLAVE HOSTS "
          "is gone), so only none works and replica lag is not watched; upgrade to 3.7 if "
          "you need it"};
    }
    return std::nullopt;
  }

  /// The tool's default is both methods, or only hosts when the port is not 3306; it then fails for
  /// accounts that see the replicas in the process list but may not ask for their hosts.
  void chooseDiscovery(bool new_words) {
    const PtoscServer& server = request_.server;
    if (!server.sees_replica_status) {
      return discover("none",
                      {"账号不能读取复制状态，因此不检查从库延迟；需要时请授予 " + statusRight(),
                       "the account may not read the replication status, so replica lag is "
                       "not watched; grant " +
                           statusRight() + " if you need it"});
    }
    // Up to 3.6 a replica found in the process list is tried on port 3306 only.
    const bool any_port = new_words || request_.endpoint.port == kDefaultPort;
    if (server.sees_replica_hosts && !any_port) {
      return discover("hosts", {"端口不是 3306：从库按它们注册的主机和端口查找",
                                "the port is not 3306: replicas are found by the host and port "
                                "that they registered"});
    }
    if (server.sees_processes) {
      const std::string port = std::to_string(any_port ? request_.endpoint.port : kDefaultPort);
      return discover(
          "processlist",
          {"从进程列表查找从库并检查延迟，只需 PROCESS 权限；从库端口须为 " + port +
               "，否则请用 recursion-method=hosts（还需要复制权限）",
           "replicas are found in the process list and their lag is watched, which needs only "
           "PROCESS; those on another port than " +
               port + " need recursion-method=hosts (and replication privileges)"});
    }
    discover("none",
             {"账号没有 PROCESS 权限，pt-osc 无法查找从库，因此不检查从库延迟；需要时请授权",
              "the account lacks PROCESS, so pt-osc cannot look for replicas and replica "
              "lag is not watched; grant it if you need that"});
  }

  void discover(const std::string& method, Text reason) {
    argv_.push_back("--recursion-method=" + method);
    note("recursion_method", std::move(reason));
  }

  std::string statusRight() const {
    return request_.server.mariadb ? "SLAVE MONITOR" : "REPLICATION CLIENT";
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
