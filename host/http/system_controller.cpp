#include "http/system_controller.hpp"

#include "ddl/ptosc_options.hpp"
#include "http/home_page.hpp"
#include "http/mappers.hpp"
#include "http/openapi_text.hpp"
#include "http/query_reader.hpp"

namespace oscar::http {
namespace {

constexpr std::string_view kBackendInterface = "oscar.ExecutionBackend/";

std::vector<BackendLine> backendLines(const std::vector<ports::PluginInfo>& plugins) {
  std::vector<BackendLine> lines;
  for (const auto& plugin : plugins) {
    for (const auto& capability : plugin.capabilities) {
      if (!capability.interface_id.starts_with(kBackendInterface)) continue;
      lines.push_back({capability.type, capability.ready, capability.reason});
    }
  }
  return lines;
}

std::string_view typeWord(ddl::PtoscOptionType type) {
  switch (type) {
    case ddl::PtoscOptionType::kFlag:
      return "flag";
    case ddl::PtoscOptionType::kNegatable:
      return "negatable";
    case ddl::PtoscOptionType::kInteger:
      return "integer";
    case ddl::PtoscOptionType::kFloat:
      return "float";
    case ddl::PtoscOptionType::kSeconds:
      return "seconds";
    case ddl::PtoscOptionType::kWord:
      return "word";
    case ddl::PtoscOptionType::kWordList:
      return "word_list";
    case ddl::PtoscOptionType::kIdentifier:
      return "identifier";
    case ddl::PtoscOptionType::kTries:
      return "tries";
    case ddl::PtoscOptionType::kVariables:
      return "variables";
  }
  return "";
}

void writeOption(json::Writer& out, const ddl::PtoscOption& option, Language language) {
  out.beginObject()
      .field("name", option.name)
      .field("type", typeWord(option.type))
      .key("words")
      .beginArray();
  for (const std::string_view word : option.words) out.value(word);
  out.endArray().field("help", option.help.in(language)).endObject();
}

}  // namespace

SystemController::SystemController(SystemFacts facts, ports::PluginCatalog& plugins,
                                   services::ExecutionService& executions,
                                   services::AuditService& audit, const ExecutionSettings& settings)
    : facts_{std::move(facts)},
      plugins_{plugins},
      executions_{executions},
      audit_{audit},
      settings_{settings} {}

Response SystemController::home(Call&) {
  HomePage page;
  page.version = facts_.version;
  page.store = facts_.store;
  page.backends = backendLines(plugins_.plugins());
  ExecutionFilter filter;
  const PageRequest one{1, 1, 0};
  try {
    filter.statuses = {ExecutionStatus::kRunning};
    page.running = executions_.list(filter, one).total;
    filter.statuses = {ExecutionStatus::kPending};
    page.queued = executions_.list(filter, one).total;
  } catch (const StoreUnavailable&) {
    page.store += "（暂时不可用 · unavailable）";
  }
  Response response = Response::text("text/html; charset=utf-8", renderHome(page));
  response.headers.set("Content-Security-Policy",
                       "default-src 'none'; style-src 'self'; frame-ancestors 'none'; "
                       "base-uri 'none'; form-action 'none'");
  return response;
}

Response SystemController::homeStyle(Call&) {
  Response response = Response::text("text/css; charset=utf-8", std::string{homeStyleSheet()});
  response.headers.set("Cache-Control", "max-age=3600");
  return response;
}

Response SystemController::health(Call&) {
  json::Writer out;
  out.beginObject().field("status", "ok").field("version", facts_.version).endObject();
  return Response::json(out.take());
}

Response SystemController::openapi(Call&) {
  return Response::text("application/yaml; charset=utf-8", std::string{openapiText()});
}

Response SystemController::plugins(Call& call) {
  QueryReader{call.request}.finish();
  const auto plugins = plugins_.plugins();
  json::Writer out;
  out.beginObject().key("items").beginArray();
  for (const auto& plugin : plugins) writePlugin(out, plugin, call.request.language);
  out.endArray().field("total", plugins.size()).endObject();
  return Response::json(out.take());
}

Response SystemController::auditLogs(Call& call) {
  QueryReader query{call.request};
  AuditFilter filter;
  filter.username = query.text("username", 100).value_or("");
  filter.action = query.text("action", 100).value_or("");
  filter.resource_type = query.text("resource_type", 50).value_or("");
  filter.resource_id = query.text("resource_id", 64).value_or("");
  filter.from = query.timestamp("from");
  filter.to = query.endTimestamp("to");
  const PageRequest page = query.page();
  query.finish();
  return Response::json(pageJson(audit_.list(filter, page), page, writeAuditEntry));
}

Response SystemController::executionDefaults(Call& call) {
  QueryReader{call.request}.finish();
  json::Writer out;
  out.beginObject().key("chunk_size");
  settings_.default_chunk_size > 0 ? out.value(settings_.default_chunk_size) : out.null();
  out.field("chunk_time", settings_.default_chunk_time)
      .field("max_load", settings_.default_max_load)
      .field("critical_load", settings_.default_critical_load)
      .field("lock_wait_timeout", settings_.default_lock_wait_timeout)
      .field("backend", settings_.default_backend)
      .field("max_concurrent", settings_.max_concurrent)
      .field("max_per_server", settings_.max_per_server)
      .field("big_table_rows", settings_.big_table_rows)
      .field("big_table_bytes", settings_.big_table_bytes)
      .key("extra_options")
      .beginArray();
  for (const ddl::PtoscOption& option : ddl::ptoscOptions()) {
    writeOption(out, option, call.request.language);
  }
  out.endArray().endObject();
  return Response::json(out.take());
}

}  // namespace oscar::http
