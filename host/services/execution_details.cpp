#include "services/execution_details.hpp"

#include "domain/enum_words.hpp"
#include "json/writer.hpp"

#include <array>

namespace oscar::services {
namespace {

constexpr EnumWords<Finding::Severity, 3> kSeverities{
    std::array<std::string_view, 3>{"info", "confirm", "refuse"}};

}  // namespace

std::string_view toString(Finding::Severity severity) {
  return kSeverities.word(severity);
}

void writeFindings(json::Writer& out, const std::vector<Finding>& findings, Language language) {
  out.beginArray();
  for (const Finding& finding : findings) {
    out.beginObject()
        .field("severity", toString(finding.severity))
        .field("code", finding.code)
        .field("text", finding.text.in(language));
    out.key("details");
    finding.details.empty() ? out.null() : out.raw(finding.details);
    out.endObject();
  }
  out.endArray();
}

std::string findingsJson(const std::vector<Finding>& findings, const std::string& confirm_text,
                         Language language) {
  json::Writer out;
  out.beginObject();
  if (!confirm_text.empty()) out.field("confirm_text", confirm_text);
  out.key("findings");
  writeFindings(out, findings, language);
  out.endObject();
  return out.take();
}

std::string parseErrorJson(const ddl::ParseError& error, Language language) {
  json::Writer out;
  out.beginObject()
      .field("message", error.message.in(language))
      .field("offset", error.offset)
      .field("line", error.line)
      .field("column", error.column)
      .field("expected", error.expected)
      .endObject();
  return out.take();
}

}  // namespace oscar::services
