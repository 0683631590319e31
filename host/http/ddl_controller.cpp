#include "http/ddl_controller.hpp"

#include "ddl/alter_parser.hpp"
#include "http/json_body.hpp"
#include "http/mappers.hpp"

namespace oscar::http {
namespace {

void writeStrings(json::Writer& out, std::string_view key, const std::vector<std::string>& list) {
  out.key(key).beginArray();
  for (const std::string& text : list) out.value(text);
  out.endArray();
}

void writeClause(json::Writer& out, const ddl::Clause& clause, Language language) {
  out.beginObject()
      .field("kind", ddl::toString(clause.kind))
      .field("name", clause.name)
      .field("new_name", clause.new_name)
      .field("unique", clause.unique);
  writeStrings(out, "columns", clause.columns);
  out.field("start", clause.start).field("end", clause.end);
  out.key("dangers").beginArray();
  for (const ddl::Danger danger : clause.dangers) out.value(ddl::toString(danger));
  out.endArray().key("danger_reasons").beginArray();
  for (const ddl::Danger danger : clause.dangers) out.value(ddl::explain(danger).in(language));
  out.endArray().endObject();
}

std::string statementJson(const ddl::AlterStatement& statement, Language language) {
  json::Writer out;
  out.beginObject().field("valid", true).key("error").null().key("clauses").beginArray();
  for (const ddl::Clause& clause : statement.clauses) writeClause(out, clause, language);
  out.endArray()
      .field("ddl_type", toString(statement.ddlType()))
      .field("dangerous", statement.dangerous())
      .field("refused", statement.refused())
      .field("alter_text", statement.alter_text)
      .endObject();
  return out.take();
}

std::string errorJson(const ddl::ParseError& error, Language language) {
  json::Writer out;
  out.beginObject().field("valid", false).key("error").beginObject();
  out.field("message", error.message.in(language))
      .field("offset", error.offset)
      .field("line", error.line)
      .field("column", error.column);
  writeStrings(out, "expected", error.expected);
  out.endObject().key("clauses").beginArray().endArray().key("ddl_type").null();
  out.field("dangerous", false).field("refused", false).key("alter_text").null().endObject();
  return out.take();
}

}  // namespace

Response parseDdl(Call& call) {
  JsonBody body{call.request};
  // No bounds here: an empty or overlong text is an answer of the parser, with its position.
  const std::string text = body->requireString("ddl", 0, SIZE_MAX);
  body.finish();
  const auto parsed = ddl::parseAlter(text);
  return Response::json(parsed ? statementJson(parsed.value(), call.request.language)
                               : errorJson(parsed.error(), call.request.language));
}

}  // namespace oscar::http
