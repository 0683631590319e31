#include "views/execution_view.hpp"

namespace oscar::views {
namespace {

void writeParams(json::Writer& out, const ExecutionParams& params) {
  out.beginObject()
      .field("chunk_size", params.chunk_size)
      .field("chunk_time", params.chunk_time)
      .field("max_load", params.max_load)
      .field("critical_load", params.critical_load)
      .field("charset", params.charset)
      .field("lock_wait_timeout", params.lock_wait_timeout);
  out.key("extra").beginObject();
  for (const auto& [option, value] : params.extra) out.field(option, value);
  out.endObject().endObject();
}

void writeLoad(json::Writer& out, const std::optional<LoadSample>& load) {
  out.key("load");
  if (!load) {
    out.null();
    return;
  }
  out.beginObject()
      .field("at", formatTimestamp(load->at))
      .field("threads_connected", load->threads_connected)
      .field("threads_connected_limit", load->threads_connected_limit)
      .field("threads_running", load->threads_running)
      .field("threads_running_limit", load->threads_running_limit)
      .endObject();
}

void writeIdentity(json::Writer& out, const Execution& execution) {
  out.field("id", execution.id)
      .field("number", execution.number)
      .field("connection_id", execution.connection_id)
      .field("connection_name", execution.connection_name)
      .field("environment", toString(execution.environment))
      .field("database_name", execution.database_name)
      .field("table_name", execution.table_name)
      .field("ddl_type", toString(execution.ddl_type))
      .field("original_ddl", execution.original_ddl);
  out.key("execution_params");
  writeParams(out, execution.params);
  out.field("backend", execution.backend);
}

}  // namespace

void writeTime(json::Writer& out, std::string_view key, const std::optional<Timestamp>& time) {
  out.key(key);
  time ? out.value(formatTimestamp(*time)) : out.null();
}

void writeText(json::Writer& out, std::string_view key, const Text& text, Language language) {
  out.key(key);
  text.empty() ? out.null() : out.value(text.in(language));
}

void writeMaybe(json::Writer& out, std::string_view key, const std::string& text) {
  out.key(key);
  text.empty() ? out.null() : out.value(text);
}

void writeProgress(json::Writer& out, const RunProgress& run, Language language) {
  out.field("stage", toString(run.stage))
      .field("paused", run.paused)
      .field("progress", run.progress)
      .field("progress_exact", run.progress_exact)
      .field("processed_rows", run.processed_rows)
      .field("total_rows", run.total_rows)
      .field("estimate_exceeded", run.estimate_exceeded)
      .field("current_speed", run.current_speed)
      .field("eta_seconds", run.eta_seconds);
  writeText(out, "throttled_by", run.throttled_by, language);
  writeLoad(out, run.load);
}

void writeExecution(json::Writer& out, const Execution& execution, Language language, bool full) {
  out.beginObject();
  writeIdentity(out, execution);
  if (full) {
    out.field("alter_text", execution.alter_text)
        .field("generated_command", execution.generated_command);
    out.key("argv").beginArray();
    for (const std::string& argument : execution.argv) out.value(argument);
    out.endArray();
  }
  out.field("status", toString(execution.status)).field("stop_requested", execution.stop_requested);
  writeProgress(out, execution.run, language);
  writeText(out, "attention", execution.attention, language);
  writeText(out, "waiting_for", execution.waiting_for, language);
  writeText(out, "error_message", execution.error_message, language);
  writeTime(out, "start_time", execution.start_time);
  writeTime(out, "end_time", execution.end_time);
  out.field("duration_seconds", execution.duration_seconds)
      .field("avg_speed", execution.avg_speed)
      .field("data_size_bytes", execution.data_size_bytes)
      .field("reclaimed_bytes", execution.reclaimed_bytes);
  writeMaybe(out, "container_id", execution.container_id);
  writeMaybe(out, "retry_of", execution.retry_of);
  out.field("created_by", execution.created_by);
  writeTime(out, "created_at", execution.created_at);
  writeTime(out, "updated_at", execution.updated_at);
  out.endObject();
}

void writeLogLine(json::Writer& out, const LogLine& line) {
  out.beginObject()
      .field("number", line.number)
      .field("at", formatTimestamp(line.at))
      .field("text", line.text)
      .endObject();
}

}  // namespace oscar::views
