#include "ws/messages.hpp"

#include "json/reader.hpp"
#include "json/writer.hpp"

namespace oscar::ws {
namespace {

void writeText(json::Writer& out, std::string_view key, const Text& text, Language language) {
  out.key(key);
  text.empty() ? out.null() : out.value(text.in(language));
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

}  // namespace

LiveState stateOf(const Execution& execution) {
  return {execution.id,  execution.number,        execution.status,
          execution.run, execution.error_message, execution.attention};
}

LiveState stateOf(const ExecutionChanged& event) {
  return {event.execution_id, event.number,        event.status,
          event.run,          event.error_message, event.attention};
}

std::string stateMessage(std::string_view type, std::int64_t seq, const LiveState& state,
                         const std::string& log_line, Language language) {
  const RunProgress& run = state.run;
  json::Writer out;
  out.beginObject().field("type", type).field("seq", seq).key("data").beginObject();
  out.field("execution_id", state.execution_id)
      .field("number", state.number)
      .field("status", toString(state.status))
      .field("progress", run.progress)
      .field("progress_exact", run.progress_exact)
      .field("processed_rows", run.processed_rows)
      .field("total_rows", run.total_rows)
      .field("estimate_exceeded", run.estimate_exceeded)
      .field("current_speed", run.current_speed)
      // `current_stage` is the name of the requirement document 6.3, `stage` that of REST.
      .field("current_stage", toString(run.stage))
      .field("stage", toString(run.stage))
      .field("eta_seconds", run.eta_seconds)
      .field("paused", run.paused);
  writeText(out, "throttled_by", run.throttled_by, language);
  writeText(out, "attention", state.attention, language);
  writeText(out, "error_message", state.error_message, language);
  writeLoad(out, run.load);
  out.key("log_line");
  log_line.empty() ? out.null() : out.value(log_line);
  out.endObject().endObject();
  return out.take();
}

std::string logMessage(std::int64_t seq, const std::string& execution_id,
                       std::span<const LogLine> lines) {
  json::Writer out;
  out.beginObject().field("type", "log").field("seq", seq).key("data").beginObject();
  out.field("execution_id", execution_id).key("lines").beginArray();
  for (const LogLine& line : lines) {
    out.beginObject()
        .field("number", line.number)
        .field("at", formatTimestamp(line.at))
        .field("text", line.text)
        .endObject();
  }
  out.endArray().endObject().endObject();
  return out.take();
}

std::string pongMessage(std::int64_t seq) {
  json::Writer out;
  out.beginObject().field("type", "pong").field("seq", seq).endObject();
  return out.take();
}

bool isPing(std::string_view text) {
  json::FieldErrors ignored;
  auto parsed = json::Reader::parse(text, ignored, 4096);
  return parsed && parsed.value().string("type") == "ping";
}

}  // namespace oscar::ws
