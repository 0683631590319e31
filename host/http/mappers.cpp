#include "http/mappers.hpp"

#include "json/reader.hpp"

namespace oscar::http {
namespace {

/// Stored JSON text goes out as JSON; should a row hold anything else, as a string.
void writeStoredJson(json::Writer& out, std::string_view key, const std::string& text) {
  out.key(key);
  if (text.empty()) {
    out.null();
  } else if (json::isValid(text)) {
    out.raw(text);
  } else {
    out.value(text);
  }
}

void writeServer(json::Writer& out, const ports::ServerFacts& server) {
  out.beginObject()
      .field("version", server.version)
      .field("flavour", server.flavour)
      .field("max_connections", server.max_connections)
      .field("replicates", server.replicates)
      .field("latency_ms", server.latency_ms)
      .endObject();
}

}  // namespace

void writeUser(json::Writer& out, const User& user) {
  out.beginObject()
      .field("id", user.id)
      .field("username", user.username)
      .field("display_name", user.display_name)
      .field("email", user.email)
      .field("role", toString(user.role))
      .field("is_active", user.is_active);
  writeTime(out, "last_login_at", user.last_login_at);
  writeTime(out, "created_at", user.created_at);
  writeTime(out, "updated_at", user.updated_at);
  out.endObject();
}

void writeConnection(json::Writer& out, const Connection& connection) {
  out.beginObject()
      .field("id", connection.id)
      .field("name", connection.name)
      .field("environment", toString(connection.environment))
      .field("host", connection.host)
      .field("port", connection.port)
      .field("username", connection.username)
      .field("database_name", connection.database_name)
      .field("description", connection.description)
      .field("connect_timeout", connection.connect_timeout)
      .field("charset", connection.charset)
      .field("use_ssl", connection.use_ssl)
      .field("ssl_verify", toString(connection.ssl_verify))
      .field("ssl_ca", connection.ssl_ca)
      .field("backend", connection.backend)
      .field("created_by", connection.created_by);
  writeTime(out, "created_at", connection.created_at);
  writeTime(out, "updated_at", connection.updated_at);
  out.endObject();
}

void writeConnectionTest(json::Writer& out, const services::ConnectionTest& test) {
  out.beginObject().key("server");
  writeServer(out, test.server);
  out.field("database_exists", test.database_exists).endObject();
}

void writeTable(json::Writer& out, const ports::TableFacts& table) {
  out.beginObject()
      .field("name", table.name)
      .field("engine", table.engine)
      .field("rows", table.rows)
      .field("data_bytes", table.data_bytes)
      .field("index_bytes", table.index_bytes)
      .field("size_bytes", table.data_bytes + table.index_bytes)
      .field("data_free", table.free_bytes)
      .field("collation", table.collation)
      .field("comment", table.comment);
  writeTime(out, "created_at", table.created_at);
  out.endObject();
}

void writeAuditEntry(json::Writer& out, const AuditEntry& entry) {
  out.beginObject()
      .field("id", entry.id)
      .field("user_id", entry.user_id)
      .field("username", entry.username)
      .field("action", entry.action)
      .field("resource_type", entry.resource_type)
      .field("resource_id", entry.resource_id);
  writeStoredJson(out, "request_data", entry.request_data);
  writeStoredJson(out, "response_data", entry.response_data);
  out.field("ip_address", entry.ip_address)
      .field("user_agent", entry.user_agent)
      .field("execution_time_ms", entry.execution_time_ms);
  writeTime(out, "created_at", entry.created_at);
  out.endObject();
}

void writePlugin(json::Writer& out, const ports::PluginInfo& plugin, Language language) {
  out.beginObject()
      .field("id", plugin.id)
      .field("version", plugin.version)
      .field("path", plugin.path)
      .field("state", plugin.state);
  writeText(out, "reason", plugin.reason, language);
  out.key("capabilities").beginArray();
  for (const auto& capability : plugin.capabilities) {
    out.beginObject()
        .field("interface_id", capability.interface_id)
        .field("type", capability.type)
        .field("ready", capability.ready);
    writeText(out, "reason", capability.reason, language);
    writeStoredJson(out, "config_schema", capability.config_schema);
    writeStoredJson(out, "detail", capability.detail);
    out.endObject();
  }
  out.endArray().endObject();
}

}  // namespace oscar::http
