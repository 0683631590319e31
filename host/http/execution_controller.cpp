#include "http/execution_controller.hpp"

#include "http/json_body.hpp"
#include "http/mappers.hpp"
#include "http/query_reader.hpp"

#include <algorithm>
#include <climits>
#include <cstdint>
#include <limits>
#include <set>

namespace oscar::http {
namespace {

constexpr std::string_view kStatusWords = "pending, running, completed, failed, cancelled";
constexpr std::string_view kDdlTypeWords =
    "fragment, add_column, modify_column, drop_column, add_index, drop_index, other";
/// How long a text may be and which numbers fit says the service, once for every client.
constexpr std::size_t kAnyLength = SIZE_MAX;
constexpr double kAnyNumber = std::numeric_limits<double>::max();
constexpr int kDefaultLogLines = 500;
constexpr int kDownloadPage = 2000;  ///< lines; bounds the memory of a download

/// A number beyond int is out of every range; the nearest int is refused in its place.
int clampedToInt(std::int64_t number) {
  return static_cast<int>(std::clamp<std::int64_t>(number, INT_MIN, INT_MAX));
}

ExecutionParams readParams(json::Reader& reader) {
  ExecutionParams params;
  params.chunk_size = reader.integer("chunk_size");
  params.chunk_time = reader.number("chunk_time", -kAnyNumber, kAnyNumber);
  params.max_load = reader.string("max_load", 0, kAnyLength);
  params.critical_load = reader.string("critical_load", 0, kAnyLength);
  params.charset = reader.string("charset", 0, kAnyLength);
  if (const auto seconds = reader.integer("lock_wait_timeout")) {
    params.lock_wait_timeout = clampedToInt(*seconds);
  }
  if (auto extra = reader.scalarMap("extra")) params.extra = std::move(*extra);
  reader.rejectUnknown();
  return params;
}

/// Adds what the service has to say about the fields that could be read, so that a client learns of
/// wrong types and wrong values at once.
void addValueErrors(JsonBody& body, const std::vector<FieldError>& values) {
  std::set<std::string> named;
  for (const FieldError& error : body.errors().list()) named.insert(error.field);
  if (named.contains("ddl_type")) named.insert("original_ddl");
  for (const FieldError& error : values) {
    if (!named.contains(error.field)) body.errors().add(error.field, error.reason);
  }
}

services::ExecutionRequest readRequest(JsonBody& body, const services::ExecutionService& service,
                                       Language language) {
  services::ExecutionRequest request;
  request.language = language;
  request.connection_id = body->requireString("connection_id", 0, kAnyLength);
  request.database_name = body->string("database_name", 0, kAnyLength).value_or("");
  request.table_name = body->requireString("table_name", 0, kAnyLength);
  const std::string type = body->requireString("ddl_type", 1, 32);
  request.fragment = type == "fragment";
  if (!type.empty() && type != "fragment" && type != "custom") {
    body.errors().add("ddl_type",
                      {"应为以下之一：fragment, custom", "must be one of fragment, custom"});
  }
  request.original_ddl = body->string("original_ddl", 0, kAnyLength).value_or("");
  if (auto params = body->object("execution_params")) request.params = readParams(*params);
  request.backend = body->string("backend", 0, kAnyLength).value_or("");
  request.confirm_text = body->string("confirm_text", 0, kAnyLength).value_or("");
  addValueErrors(body, service.fieldErrors(request));
  body.finish();
  return request;
}

ExecutionFilter readFilter(QueryReader& query) {
  ExecutionFilter filter;
  filter.from = query.timestamp("from");
  filter.to = query.endTimestamp("to");
  filter.statuses = query.wordList<ExecutionStatus>("status", parseExecutionStatus, kStatusWords);
  filter.database_name = query.text("database_name", 256).value_or("");
  filter.table_name = query.text("table_name", 256).value_or("");
  filter.ddl_type = query.word("ddl_type", parseDdlType, kDdlTypeWords);
  filter.connection_id = query.text("connection_id", 64).value_or("");
  filter.created_by = query.text("created_by", 100).value_or("");
  filter.keyword = query.text("keyword", 200).value_or("");
  return filter;
}

Response executionResponse(const Execution& execution, Language language) {
  return Response::json(
      jsonOf([&](json::Writer& out) { writeExecution(out, execution, language, true); }));
}

void appendLines(std::string& text, const std::vector<LogLine>& lines, bool timestamps) {
  for (const LogLine& line : lines) {
    if (timestamps) text.append(formatTimestamp(line.at)).append(" ");
    text.append(line.text).append("\n");
  }
}

}  // namespace

ExecutionController::ExecutionController(services::ExecutionService& executions)
    : executions_{executions} {}

Response ExecutionController::submit(Call& call) {
  JsonBody body{call.request};
  const auto request = readRequest(body, executions_, call.request.language);
  const Execution execution = executions_.submit(call.principal, request);
  call.audit.resource_id = execution.id;
  return executionResponse(execution, call.request.language);
}

Response ExecutionController::list(Call& call) {
  QueryReader query{call.request};
  const ExecutionFilter filter = readFilter(query);
  const PageRequest page = query.page();
  query.finish();
  return Response::json(pageJson(executions_.list(filter, page), page,
                                 [&](json::Writer& out, const Execution& execution) {
                                   writeExecution(out, execution, call.request.language, false);
                                 }));
}

Response ExecutionController::statistics(Call& call) {
  QueryReader query{call.request};
  const ExecutionFilter filter = readFilter(query);
  query.finish();
  const ExecutionStatistics statistics = executions_.statistics(filter);
  return Response::json(jsonOf([&](json::Writer& out) { writeStatistics(out, statistics); }));
}

Response ExecutionController::get(Call& call) {
  QueryReader{call.request}.finish();
  return executionResponse(executions_.get(call.param("id")), call.request.language);
}

Response ExecutionController::logs(Call& call) {
  QueryReader query{call.request};
  const std::int64_t from_line = query.integer("from_line", INT64_MIN, INT64_MAX).value_or(1);
  const int limit =
      clampedToInt(query.integer("limit", INT64_MIN, INT64_MAX).value_or(kDefaultLogLines));
  const std::string search = query.text("search", kAnyLength).value_or("");
  query.finish();
  const services::LogPage page = executions_.log(call.param("id"), from_line, limit, search);
  json::Writer out;
  out.beginObject().key("lines").beginArray();
  for (const LogLine& line : page.lines) writeLogLine(out, line);
  out.endArray().field("last_line", page.last_line);
  // A short page holds all that there is now; what comes later follows the last stored line.
  const bool full_page = page.lines.size() == static_cast<std::size_t>(limit);
  const std::int64_t after_stored = std::max(page.last_line + 1, from_line);
  out.field("next_line", full_page ? page.lines.back().number + 1 : after_stored).endObject();
  return Response::json(out.take());
}

Response ExecutionController::downloadLogs(Call& call) {
  QueryReader query{call.request};
  const bool timestamps = query.boolean("timestamps").value_or(false);
  query.finish();
  const Execution execution = executions_.get(call.param("id"));
  Response response;
  response.headers.set("Content-Type", "text/plain; charset=utf-8");
  response.headers.set("Content-Disposition", "attachment; filename=\"oscar-" +
                                                  std::to_string(execution.number) + ".log\"");
  response.stream = [this, id = execution.id, timestamps](const Response::Sink& sink) {
    std::int64_t next = 1;
    // The end is fixed at the beginning, so that a busy execution's download ends too.
    const std::int64_t last = executions_.log(id, 1, 1, "").last_line;
    while (next <= last) {
      const auto want = static_cast<int>(std::min<std::int64_t>(kDownloadPage, last - next + 1));
      const services::LogPage page = executions_.log(id, next, want, "");
      if (page.lines.empty()) return;
      std::string text;
      appendLines(text, page.lines, timestamps);
      if (!sink(text)) return;
      next = page.lines.back().number + 1;
    }
  };
  return response;
}

Response ExecutionController::stop(Call& call) {
  JsonBody{call.request, true}.finish();
  // Before it may be refused: the audit log names it in one way, however it was asked for.
  call.audit.resource_id = executions_.get(call.param("id")).id;
  const Execution execution = executions_.stop(call.audit.resource_id);
  return executionResponse(execution, call.request.language);
}

Response ExecutionController::retry(Call& call) {
  JsonBody body{call.request, true};
  const std::string confirm_text = body->string("confirm_text", 0, kAnyLength).value_or("");
  body.finish();
  call.audit.resource_id = executions_.get(call.param("id")).id;
  const Execution execution = executions_.retry(call.principal, call.audit.resource_id,
                                                confirm_text, call.request.language);
  call.audit.resource_id = execution.id;
  return executionResponse(execution, call.request.language);
}

Response ExecutionController::preview(Call& call) {
  JsonBody body{call.request};
  const services::Preview preview =
      executions_.preview(readRequest(body, executions_, call.request.language));
  return Response::json(
      jsonOf([&](json::Writer& out) { writePreview(out, preview, call.request.language); }));
}

}  // namespace oscar::http
