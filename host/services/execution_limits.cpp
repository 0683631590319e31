#include "ddl/ptosc_dsn.hpp"
#include "ddl/ptosc_values.hpp"
#include "services/execution_findings.hpp"
#include "services/field_checks.hpp"
#include "services/target_errors.hpp"

namespace oscar::services {
namespace {

void findUnreachable(const std::string& option, const std::vector<ddl::LoadLimit>& limits,
                     std::int64_t max_connections, ExecutionFindings& findings) {
  for (const char* variable : {"Threads_running", "Threads_connected"}) {
    const ddl::LoadLimit* limit = ddl::findLoadLimit(limits, variable);
    if (limit == nullptr || !limit->value) continue;
    if (*limit->value < static_cast<double>(max_connections)) continue;
    const std::string shown = limit->variable + "=" + limit->value_text;
    const std::string most = std::to_string(max_connections);
    findings.add(Finding::Severity::kInfo, "load_limit_unreachable",
                 {option + " 的 " + shown + " 永远达不到：服务器的 max_connections 为 " + most +
                      "。需要这项保护时请调小。",
                  option + " " + shown + " is never reached: the server's max_connections is " +
                      most + ". Lower it if that protection is wanted."},
                 {}, option + " " + limit->variable);
  }
}

}  // namespace

void findUnreachableLimits(const ExecutionSurvey& survey, const ExecutionParams& params,
                           const ExecutionSettings& settings, ExecutionFindings& findings) {
  const std::int64_t most = survey.server.max_connections;
  if (most <= 0) return;
  const auto limits = ddl::effectiveLoadLimits(params, settings);
  if (!limits.ok()) return;  // the command builder names the field
  findUnreachable("max_load", limits.value().max, most, findings);
  findUnreachable("critical_load", limits.value().critical, most, findings);
}

void checkLoadVariables(const ExecutionSurvey& survey, const ExecutionParams& params) {
  std::vector<FieldError> errors;
  const auto check = [&](const std::string& field, const std::optional<std::string>& spec) {
    if (!spec || spec->empty()) return;
    const auto limits = ddl::parseLoadLimits(*spec);
    if (!limits.ok()) return;  // the command builder names the field
    std::vector<std::string> names;
    for (const ddl::LoadLimit& limit : limits.value()) names.push_back(limit.variable);
    const auto known = survey.session->status(names);
    for (const std::string& name : names) {
      if (known.contains(name)) continue;
      errors.push_back({"execution_params." + field,
                        {"服务器没有状态变量 " + name + "（SHOW GLOBAL STATUS）",
                         "names " + name + ", which is no status variable of the server"}});
    }
  };
  try {
    check("max_load", params.max_load);
    check("critical_load", params.critical_load);
  } catch (const ports::TargetError& error) {
    throw connectionFailed(error);
  }
  throwIfAny(std::move(errors));
}

void checkCharset(const ExecutionSurvey& survey, const ExecutionParams& params,
                  const ExecutionSettings& settings) {
  const std::string charset = lowerAscii(params.charset.value_or(""));
  // `utf8` is an alias that newer servers take but do not list.
  if (charset.empty() || charset == "utf8" || !ddl::isCharsetName(charset)) return;
  ports::RowQuestion question;
  question.kind = ports::RowQuestion::Kind::kEquals;
  question.columns = {"CHARACTER_SET_NAME"};
  question.value = charset;
  try {
    const auto found = survey.session->findRows("information_schema", "CHARACTER_SETS", question,
                                                settings.duplicate_check_seconds);
    if (!found || found->count > 0) return;
  } catch (const ports::TargetError& error) {
    throw connectionFailed(error);
  }
  throw ServiceError::invalidFields(
      {{"execution_params.charset",
        {"服务器没有这个字符集：" + charset, "is no character set of this server: " + charset}}});
}

}  // namespace oscar::services
