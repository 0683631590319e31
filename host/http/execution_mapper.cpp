#include "http/mappers.hpp"
#include "services/execution_details.hpp"

namespace oscar::http {

void writeStatistics(json::Writer& out, const ExecutionStatistics& statistics) {
  out.beginObject()
      .field("total", statistics.total)
      .field("succeeded", statistics.succeeded)
      .field("failed", statistics.failed)
      .field("cancelled", statistics.cancelled)
      .field("active", statistics.active)
      .field("success_rate", statistics.success_rate)
      .field("average_duration_seconds", statistics.average_duration_seconds)
      .endObject();
}

void writePreview(json::Writer& out, const services::Preview& preview, Language language) {
  out.beginObject().key("argv").beginArray();
  for (const std::string& argument : preview.argv) out.value(argument);
  out.endArray()
      .field("command", preview.command)
      .field("alter_text", preview.alter_text)
      .field("ddl_type", toString(preview.ddl_type));
  out.key("findings");
  services::writeFindings(out, preview.findings, language);
  writeMaybe(out, "confirm_text", preview.confirm_text);
  out.field("estimated_rows", preview.estimated_rows)
      .field("table_bytes", preview.table_bytes)
      .endObject();
}

}  // namespace oscar::http
