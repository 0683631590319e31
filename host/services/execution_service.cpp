#include "services/execution_service.hpp"

#include "ddl/ptosc_arguments.hpp"
#include "ddl/ptosc_preview.hpp"
#include "domain/ids.hpp"
#include "services/execution_details.hpp"
#include "services/execution_findings.hpp"
#include "services/execution_lookup.hpp"
#include "services/execution_survey.hpp"
#include "services/field_checks.hpp"

#include <algorithm>

namespace oscar::services {
namespace {

using Severity = Finding::Severity;

constexpr int kMaxLogLines = 5000;
constexpr int kMaxSearchLength = 200;

std::string numberText(const Execution& execution) {
  return "#" + std::to_string(execution.number);
}

ddl::PtoscRequest commandRequest(const ExecutionSurvey& survey, const ExecutionRequest& request,
                                 const ddl::PtoscChecks& checks,
                                 const ExecutionSettings& settings) {
  ddl::PtoscRequest out;
  out.database = survey.database;
  out.table = survey.table;
  out.alter_text = survey.statement.alter_text;
  out.params = request.params;
  out.defaults = settings;
  out.tool = {survey.tool.path, survey.tool.version_number, survey.tool.options};
  out.server = {survey.mariadb(),
                survey.server.version_number,
                survey.server.has_explain_format,
                survey.server.sees_processes,
                survey.server.sees_replica_hosts,
                survey.server.sees_replica_status,
                survey.server.sets_error_count};
  out.endpoint = survey.endpoint;
  out.checks = checks;
  return out;
}

/// All sentences of one severity, for the message of an error.
Text sentences(const std::vector<Finding>& findings, Severity severity) {
  Text all;
  for (const Finding& finding : findings) {
    if (finding.severity != severity) continue;
    all.zh += (all.zh.empty() ? "" : " ") + finding.text.zh;
    all.en += (all.en.empty() ? "" : " ") + finding.text.en;
  }
  return all;
}

void throwIfRefused(const Preview& preview, Language language) {
  const Text why = sentences(preview.findings, Severity::kRefuse);
  if (why.empty()) return;
  throw ServiceError{ErrorCode::kConflict, {"不能执行：" + why.zh, "This cannot be run: " + why.en}}
      .withDetails(findingsJson(preview.findings, {}, language));
}

void throwIfUnconfirmed(const Preview& preview, const ExecutionRequest& request) {
  if (preview.confirm_text.empty() || preview.confirm_text == request.confirm_text) return;
  const Text why = sentences(preview.findings, Severity::kConfirm);
  const std::string& wanted = preview.confirm_text;
  const Text before = request.confirm_text.empty()
                          ? Text{"危险操作需要确认", "This is dangerous and must be confirmed"}
                          : Text{"确认文本不符", "The confirmation is not the text expected"};
  throw ServiceError{ErrorCode::kBadRequest,
                     {before.zh + "，确认文本（confirm_text，oscarctl 的 --confirm）应为 " +
                          wanted + "。原因：" + why.zh,
                      before.en + "; the text (confirm_text, oscarctl's --confirm) is " + wanted +
                          ". Reasons: " + why.en}}
      .withDetails(findingsJson(preview.findings, wanted, request.language));
}

Text isBusy(const Execution& live) {
  const std::string number = numberText(live);
  return {"执行 " + number + " 正在处理或排队处理这张表，请等它结束或先停止它",
          "The execution " + number +
              " is running or waiting on this table; wait for its end or stop it first"};
}

/// The submission that the execution came from.
ExecutionRequest requestOf(const Execution& execution) {
  ExecutionRequest request;
  request.connection_id = execution.connection_id;
  request.database_name = execution.database_name;
  request.table_name = execution.table_name;
  request.fragment = execution.original_ddl.empty();
  request.original_ddl = execution.original_ddl;
  request.params = execution.params;
  request.backend = execution.backend;
  return request;
}

ServiceError ended(const Execution& execution) {
  return ServiceError{ErrorCode::kConflict,
                      {"执行 " + numberText(execution) + " 已经结束",
                       "The execution " + numberText(execution) + " has already ended"}};
}

}  // namespace

std::string findingKey(const Finding& finding) {
  return finding.about.empty() ? finding.code : finding.code + ":" + finding.about;
}

ExecutionService::ExecutionService(ports::ExecutionStore& executions,
                                   ports::ConnectionStore& connections,
                                   ports::TargetDirectory& directory,
                                   ports::TargetDatabase& targets, ports::BackendCatalog& backends,
                                   ports::EventPublisher& events, const ports::Clock& clock,
                                   const ExecutionSettings& settings)
    : executions_{executions},
      connections_{connections},
      directory_{directory},
      targets_{targets},
      backends_{backends},
      events_{events},
      clock_{clock},
      settings_{settings} {}

std::vector<FieldError> ExecutionService::fieldErrors(const ExecutionRequest& request) const {
  return requestErrors(request, settings_);
}

ExecutionSurvey ExecutionService::survey(const ExecutionRequest& request, bool afresh) {
  throwIfAny(fieldErrors(request));
  ExecutionSurvey survey;
  survey.statement = parseExecutionDdl(request);
  const TargetAddress address = directory_.addressOf(request.connection_id);
  const auto stored = connections_.find(request.connection_id);
  if (!stored) {
    throw ServiceError{ErrorCode::kNotFound, {"连接不存在", "There is no such connection"}};
  }
  survey.connection = stored->connection;
  survey.database =
      request.database_name.empty() ? survey.connection.database_name : request.database_name;
  survey.table = request.table_name;
  survey.endpoint = {address.host, address.port, address.charset};
  survey.backend = !request.backend.empty()             ? request.backend
                   : !survey.connection.backend.empty() ? survey.connection.backend
                                                        : settings_.default_backend;
  if (!request.backend.empty() && backends_.find(request.backend) == nullptr) {
    throw ServiceError::invalidFields({{"backend", backends_.whyNot(request.backend)}});
  }
  survey.tool = backendTool(backends_, survey.backend);
  surveyTarget(targets_, address, survey, afresh);
  checkCharset(survey, request.params, settings_);
  checkLoadVariables(survey, request.params);
  checkNames(survey);
  return survey;
}

Preview ExecutionService::previewOf(const ExecutionSurvey& survey,
                                    const ExecutionRequest& request) {
  ExecutionFindings findings = findAll(survey, request.params, settings_);
  auto command =
      ddl::buildPtoscCommand(commandRequest(survey, request, findings.checks, settings_));
  if (!command.ok()) throw ServiceError::invalidFields(command.error());
  Preview preview;
  preview.argv = std::move(command.value().argv);
  preview.command = ddl::renderCommand(preview.argv);
  preview.alter_text = survey.statement.alter_text;
  preview.ddl_type = request.fragment ? DdlType::kFragment : survey.statement.ddlType();
  // What is refused cannot be confirmed.
  if (findings.has(Severity::kConfirm) && !findings.has(Severity::kRefuse)) {
    preview.confirm_text = survey.database + "." + survey.table;
  }
  for (ddl::PtoscNote& note : command.value().notes) {
    findings.add(Severity::kInfo, std::move(note.code), std::move(note.text));
  }
  preview.findings = std::move(findings.list);
  preview.estimated_rows = survey.estimated_rows;
  preview.table_bytes = survey.described.facts.data_bytes + survey.described.facts.index_bytes;
  preview.server_key = survey.server.server_key;
  return preview;
}

Preview ExecutionService::preview(const ExecutionRequest& request) {
  const ExecutionSurvey surveyed = survey(request);
  Preview preview = previewOf(surveyed, request);
  if (const auto live = liveExecution(surveyed)) {
    preview.findings.insert(preview.findings.begin(),
                            {Severity::kRefuse, "live_execution", isBusy(*live), {}});
    preview.confirm_text.clear();
  }
  return preview;
}

Preview ExecutionService::previewAgain(const Execution& execution,
                                       const ports::LaunchCheck::GoesOn& goes_on) {
  const ExecutionRequest request = requestOf(execution);
  ExecutionSurvey surveyed = survey(request, true);
  surveyed.goes_on = goes_on;
  return previewOf(surveyed, request);
}

std::optional<Execution> ExecutionService::liveExecution(const ExecutionSurvey& survey) {
  auto live = executions_.liveOnTable(survey.server.server_key, survey.database, survey.table);
  if (live.empty()) return std::nullopt;
  return std::move(live.front());
}

void ExecutionService::throwIfBusy(const ExecutionSurvey& survey) {
  const auto live = liveExecution(survey);
  if (!live) return;
  throw ServiceError{ErrorCode::kConflict, isBusy(*live)}.withDetails(
      json::Writer{}
          .beginObject()
          .field("execution_id", live->id)
          .field("number", live->number)
          .endObject()
          .take());
}

Execution ExecutionService::submit(const Principal& principal, const ExecutionRequest& request) {
  const ExecutionSurvey surveyed = survey(request);
  // First: the triggers of a live run would otherwise be reported as leftovers.
  throwIfBusy(surveyed);
  Preview preview = previewOf(surveyed, request);
  throwIfRefused(preview, request.language);
  throwIfUnconfirmed(preview, request);

  Execution execution;
  execution.id = newUuid();
  execution.connection_id = request.connection_id;
  execution.connection_name = surveyed.connection.name;
  execution.environment = surveyed.connection.environment;
  execution.server_key = preview.server_key;
  execution.database_name = surveyed.database;
  execution.table_name = surveyed.table;
  execution.ddl_type = preview.ddl_type;
  execution.original_ddl = request.original_ddl;
  execution.alter_text = std::move(preview.alter_text);
  execution.argv = std::move(preview.argv);
  execution.generated_command = std::move(preview.command);
  for (const Finding& finding : preview.findings) {
    execution.known_findings.push_back(findingKey(finding));
  }
  execution.params = request.params;
  execution.backend = surveyed.backend;
  execution.run.total_rows = preview.estimated_rows;
  execution.retry_of = request.retry_of;
  execution.created_by = principal.username;
  execution.created_at = clock_.now();
  execution.updated_at = execution.created_at;
  const auto number = executions_.insertIfTableIsFree(execution);
  if (!number) {
    throwIfBusy(surveyed);
    throw ServiceError{ErrorCode::kConflict,
                       {"另一个执行刚刚占用了这张表，请重试。",
                        "Another execution was on this table just now; try again."}};
  }
  execution.number = *number;
  events_.publish(ExecutionSubmitted{execution.id});
  return execution;
}

Page<Execution> ExecutionService::list(const ExecutionFilter& filter, const PageRequest& page) {
  return executions_.list(filter, page);
}

ExecutionStatistics ExecutionService::statistics(const ExecutionFilter& filter) {
  return executions_.statistics(filter);
}

Execution ExecutionService::get(const std::string& id_or_number) {
  return findExecution(executions_, id_or_number);
}

LogPage ExecutionService::log(const std::string& id_or_number, std::int64_t from_line, int limit,
                              const std::string& search) {
  std::vector<FieldError> errors;
  if (from_line < 1) errors.push_back({"from_line", {"应不小于 1", "must be at least 1"}});
  checkRange(errors, "limit", limit, 1, kMaxLogLines);
  checkText(errors, "search", search, 0, kMaxSearchLength);
  throwIfAny(std::move(errors));
  const Execution execution = get(id_or_number);
  LogPage page;
  // Read before the lines, so that it never names a line that a reader could have missed.
  page.last_line = executions_.lastLogLine(execution.id);
  page.lines = executions_.readLog(execution.id, from_line, limit, search);
  if (!page.lines.empty()) page.last_line = std::max(page.last_line, page.lines.back().number);
  return page;
}

Execution ExecutionService::stop(const std::string& id_or_number) {
  const Execution before = get(id_or_number);
  if (isFinal(before.status)) throw ended(before);
  if (swapHasBegun(before.run.stage)) {
    throw ServiceError{ErrorCode::kConflict,
                       {"来不及停止：执行 " + numberText(before) + " 已开始交换表，很快就会结束",
                        "Too late to stop: the execution " + numberText(before) +
                            " has begun to swap the tables and ends soon"}};
  }
  const auto after = executions_.requestStop(before.id, clock_.now());
  if (!after) throw ended(before);
  if (after->status == ExecutionStatus::kCancelled) {
    events_.publish(ExecutionChanged{after->id, after->number, after->status, after->run,
                                     after->error_message, after->attention});
  } else if (isFinal(after->status)) {
    throw ended(*after);
  } else {
    events_.publish(StopRequested{after->id});
  }
  return *after;
}

Execution ExecutionService::retry(const Principal& principal, const std::string& id_or_number,
                                  const std::string& confirm_text, Language language) {
  const Execution original = get(id_or_number);
  if (!isFinal(original.status)) {
    throw ServiceError{
        ErrorCode::kConflict,
        {"执行 " + numberText(original) + " 尚未结束，不能重试",
         "The execution " + numberText(original) + " has not ended, so it cannot be repeated"}};
  }
  if (!connections_.find(original.connection_id)) {
    const std::string& name = original.connection_name;
    throw ServiceError{
        ErrorCode::kNotFound,
        {"执行 " + numberText(original) + " 使用的连接 " + name +
             " 已被删除，不能重试。请用另一个连接重新提交；历史记录仍可查看。",
         "The connection " + name + " of the execution " + numberText(original) +
             " has been deleted, so it cannot be repeated. Submit it anew with another "
             "connection; its history stays readable."}};
  }
  ExecutionRequest request = requestOf(original);
  request.language = language;
  request.confirm_text = confirm_text;
  request.retry_of = original.id;
  return submit(principal, request);
}

}  // namespace oscar::services
