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
#include "views/execution_view.hpp"

#include <optional>
#include <string>
#include <string_view>

/// Domain values as the JSON that openapi.yaml describes. Secrets have no way in: none of these
/// types holds one but User, whose hash is left out.
namespace oscar::http {

using views::writeExecution;
using views::writeLogLine;
using views::writeMaybe;
using views::writeText;
using views::writeTime;

/// Schema `User`.
void writeUser(json::Writer& out, const User& user);
/// Schema `Connection`; the stored password is not part of the type.
void writeConnection(json::Writer& out, const Connection& connection);
/// Schema `ConnectionTest`: what the server says about itself.
void writeConnectionTest(json::Writer& out, const services::ConnectionTest& test);
/// Schema `Table`; sizes in bytes, rows as the server estimates them.
void writeTable(json::Writer& out, const ports::TableFacts& table);
/// Schema `AuditEntry`. Stored JSON goes out as JSON, anything else in its place as a string.
void writeAuditEntry(json::Writer& out, const AuditEntry& entry);
/// Schema `Plugin`, its capabilities included.
void writePlugin(json::Writer& out, const ports::PluginInfo& plugin, Language language);
/// Schema `Statistics`.
void writeStatistics(json::Writer& out, const ExecutionStatistics& statistics);
/// Schema `Preview`.
void writePreview(json::Writer& out, const services::Preview& preview, Language language);

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
