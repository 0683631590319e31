#include "ws/messages.hpp"

#include "json/reader.hpp"
#include "json/writer.hpp"
#include "views/execution_view.hpp"

namespace oscar::ws {

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
  json::Writer out;
  out.beginObject().field("type", type).field("seq", seq).key("data").beginObject();
  out.field("execution_id", state.execution_id)
      .field("number", state.number)
      .field("status", toString(state.status))
      // The name of the requirement document 6.3; `stage` is that of REST.
      .field("current_stage", toString(state.run.stage));
  views::writeProgress(out, state.run, language);
  views::writeText(out, "attention", state.attention, language);
  views::writeText(out, "error_message", state.error_message, language);
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
  for (const LogLine& line : lines) views::writeLogLine(out, line);
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
