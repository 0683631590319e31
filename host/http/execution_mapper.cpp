#include "http/mappers.hpp"

namespace oscar::http {
namespace {

std::string_view severityWord(services::Finding::Severity severity) {
  switch (severity) {
    case services::Finding::Severity::kInfo:
      return "info";
    case services::Finding::Severity::kConfirm:
      return "confirm";
    case services::Finding::Severity::kRefuse:
      return "refuse";
  }
  return "";
}

}  // namespace

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
  out.key("findings").beginArray();
  for (const services::Finding& finding : preview.findings) {
    out.beginObject()
        .field("severity", severityWord(finding.severity))
        .field("code", finding.code)
        .field("text", finding.text.in(language));
    out.key("details");
    finding.details.empty() ? out.null() : out.raw(finding.details);
    out.endObject();
  }
  out.endArray();
  writeMaybe(out, "confirm_text", preview.confirm_text);
  out.field("estimated_rows", preview.estimated_rows)
      .field("table_bytes", preview.table_bytes)
      .endObject();
}

}  // namespace oscar::http
