#include "services/execution_survey.hpp"

#include "ddl/alter_parser.hpp"
#include "ddl/ptosc_arguments.hpp"
#include "ddl/ptosc_dsn.hpp"
#include "services/execution_details.hpp"
#include "services/field_checks.hpp"
#include "services/target_errors.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace oscar::services {
namespace {

constexpr std::string_view kFragmentDdl = "ENGINE=InnoDB";
constexpr int kMaxIdLength = 64;
constexpr int kMaxCharsetLength = 32;
constexpr int kMaxLoadLength = 1000;  ///< becomes one program argument

bool isSystemSchema(const std::string& database) {
  constexpr std::array<std::string_view, 4> kSystem{"mysql", "information_schema",
                                                    "performance_schema", "sys"};
  return std::find(kSystem.begin(), kSystem.end(), lowerAscii(database)) != kSystem.end();
}

void checkName(std::vector<FieldError>& errors, const std::string& field, const std::string& name,
               ddl::PtoscName kind) {
  if (codePoints(name) < 0) {
    errors.push_back({field, {"不是有效的 UTF-8 文本", "is not valid UTF-8 text"}});
  } else if (auto problem = ddl::ptoscNameProblem(name, kind)) {
    errors.push_back({field, *problem});
  } else if (kind == ddl::PtoscName::kDatabase && isSystemSchema(name)) {
    errors.push_back({field, {"不能修改系统库", "must not be a system schema"}});
  }
}

void checkDdl(std::vector<FieldError>& errors, const ExecutionRequest& request) {
  const std::string field = "original_ddl";
  if (request.fragment) {
    if (!request.original_ddl.empty()) {
      errors.push_back({field,
                        {"碎片整理时必须为空：命令是固定的 ENGINE=InnoDB",
                         "must be empty for ddl_type fragment, whose command is always "
                         "ENGINE=InnoDB"}});
    }
    return;
  }
  if (request.original_ddl.size() > ddl::kMaxAlterBytes) {
    errors.push_back({field, {"最长 64 KiB", "must have at most 64 KiB"}});
    return;
  }
  checkText(errors, field, request.original_ddl, 1, static_cast<int>(ddl::kMaxAlterBytes),
            "\n\r\t");
}

bool isNamed(const std::vector<FieldError>& errors, const std::string& field) {
  return std::any_of(errors.begin(), errors.end(),
                     [&](const FieldError& error) { return error.field == field; });
}

/// What the command builder says about the parameters. Whether server and tool can do what they ask
/// for shows later: nothing is known about these two yet.
void addParameterErrors(std::vector<FieldError>& errors, const ExecutionParams& params,
                        const ExecutionSettings& settings) {
  for (const auto& [name, value] :
       {std::pair{"execution_params.max_load", &params.max_load},
        std::pair{"execution_params.critical_load", &params.critical_load}}) {
    if (*value) checkText(errors, name, **value, 0, kMaxLoadLength, "\n\r\t");
  }
  if (params.charset) {
    checkText(errors, "execution_params.charset", *params.charset, 1, kMaxCharsetLength);
  }
  const std::vector<FieldError> already = errors;
  ddl::PtoscRequest request;
  request.database = "d";
  request.table = "t";
  request.alter_text = kFragmentDdl;
  request.params = params;
  request.defaults = settings;
  request.endpoint.host = "h";
  const auto command = ddl::buildPtoscCommand(request);
  if (command.ok()) return;
  for (const FieldError& error : command.error()) {
    const bool about_parameters = error.field.starts_with("execution_params.");
    if (about_parameters && !isNamed(already, error.field)) errors.push_back(error);
  }
}

[[noreturn]] void throwMissing(ports::TargetSession& session, const std::string& database,
                               const std::string& table) {
  const auto databases = session.databases();
  const bool has_database = std::any_of(
      databases.begin(), databases.end(),
      [&](const std::string& name) { return lowerAscii(name) == lowerAscii(database); });
  if (!has_database) {
    throw ServiceError{
        ErrorCode::kNotFound,
        {"服务器上没有数据库 " + database + "，或者该账号无权查看",
         "The server has no database " + database + ", or the account may not see it"}};
  }
  throw ServiceError{
      ErrorCode::kNotFound,
      {"数据库 " + database + " 中没有表 " + table + "，或者该账号无权查看",
       "The database " + database + " has no table " + table + ", or the account may not see it"}};
}

void readTable(ExecutionSurvey& survey) {
  ports::TargetSession& session = *survey.session;
  auto described = session.describe(survey.database, survey.table);
  if (!described) throwMissing(session, survey.database, survey.table);
  survey.described = std::move(*described);
  const ports::TableFacts& facts = survey.described.facts;
  if (facts.engine.empty()) {
    throw ServiceError::invalidFields(
        {{"table_name", {"是视图，pt-osc 只能修改表", "is a view; pt-osc changes tables only"}}});
  }
  survey.server = session.server();
  survey.referenced_by = session.referencedBy(survey.database, survey.table);
  // Statistics of a fresh table say 0 rows; the optimizer's estimate then is nearer to the truth.
  survey.estimated_rows =
      facts.rows > 0
          ? facts.rows
          : std::max<std::int64_t>(0, session.estimateRows(survey.database, survey.table));
}

}  // namespace

std::vector<FieldError> requestErrors(const ExecutionRequest& request,
                                      const ExecutionSettings& settings) {
  std::vector<FieldError> errors;
  checkText(errors, "connection_id", request.connection_id, 1, kMaxIdLength);
  if (!request.database_name.empty()) {
    checkName(errors, "database_name", request.database_name, ddl::PtoscName::kDatabase);
  }
  checkName(errors, "table_name", request.table_name, ddl::PtoscName::kTable);
  checkText(errors, "backend", request.backend, 0, kMaxIdLength);
  checkDdl(errors, request);
  addParameterErrors(errors, request.params, settings);
  return errors;
}

ddl::AlterStatement parseExecutionDdl(const ExecutionRequest& request) {
  auto parsed =
      ddl::parseAlter(request.fragment ? kFragmentDdl : std::string_view{request.original_ddl});
  if (parsed.ok()) return std::move(parsed).value();
  const ddl::ParseError& error = parsed.error();
  throw ServiceError{ErrorCode::kDdlSyntax, error.message}.withDetails(
      parseErrorJson(error, request.language));
}

ports::ToolFacts backendTool(ports::BackendCatalog& backends, const std::string& type) {
  ports::ExecutionBackend* backend = backends.find(type);
  if (backend == nullptr) throw ServiceError{ErrorCode::kUnavailable, backends.whyNot(type)};
  try {
    ports::BackendReport report = backend->probe();
    if (report.ready) return std::move(report.tool);
    throw ServiceError{ErrorCode::kUnavailable, report.reason};
  } catch (const ports::BackendError& error) {
    throw ServiceError{ErrorCode::kUnavailable,
                       {"执行后端 " + type + " 不可用：" + error.message().zh,
                        "The backend " + type + " cannot be used: " + error.message().en}};
  }
}

void surveyTarget(ports::TargetDatabase& targets, const TargetAddress& address,
                  ExecutionSurvey& survey, bool afresh) {
  try {
    survey.session = afresh ? targets.connect(address) : targets.borrow(address);
    readTable(survey);
  } catch (const ports::TargetError& error) {
    throw connectionFailed(error);
  }
}

}  // namespace oscar::services
