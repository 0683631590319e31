#pragma once

#include "domain/audit.hpp"
#include "domain/connection.hpp"
#include "domain/execution.hpp"
#include "domain/page.hpp"
#include "domain/text.hpp"
#include "domain/user.hpp"
#include "json/writer.hpp"
#include "ports/execution_backend.hpp"
#include "ports/target_database.hpp"
#include "services/connection_service.hpp"
#include "services/execution_service.hpp"

#include <optional>
#include <string>
#include <string_view>

/// Domain values as the JSON that openapi.yaml describes. Secrets have no way in: none of these
/// types holds one but User, whose hash is left out.
namespace oscar::http {

void writeUser(json::Writer& out, const User& user);
void writeConnection(json::Writer& out, const Connection& connection);
void writeConnectionTest(json::Writer& out, const services::ConnectionTest& test);
void writeTable(json::Writer& out, const ports::TableFacts& table);
void writeAuditEntry(json::Writer& out, const AuditEntry& entry);
void writePlugin(json::Writer& out, const ports::PluginInfo& plugin, Language language);

/// `full` adds what only a detail view needs: argv, the command and the ALTER text.
void writeExecution(json::Writer& out, const Execution& execution, Language language, bool full);
void writeStatistics(json::Writer& out, const ExecutionStatistics& statistics);
void writePreview(json::Writer& out, const services::Preview& preview, Language language);
void writeLogLine(json::Writer& out, const LogLine& line);

/// null when absent.
void writeTime(json::Writer& out, std::string_view key, const std::optional<Timestamp>& time);
/// null when empty.
void writeText(json::Writer& out, std::string_view key, const Text& text, Language language);

/// `{"items":[...],"total","page","page_size"}`.
template <typename T, typename Write>
std::string pageJson(const Page<T>& page, const PageRequest& request, Write write) {
  json::Writer out;
  out.beginObject().key("items").beginArray();
  for (const T& item : page.items) write(out, item);
  out.endArray()
      .field("total", page.total)
      .field("page", request.page)
      .field("page_size", request.page_size)
      .endObject();
  return out.take();
}

/// One value as JSON text.
template <typename Write>
std::string jsonOf(Write write) {
  json::Writer out;
  write(out);
  return out.take();
}

}  // namespace oscar::http
