#include "http/connection_controller.hpp"

#include "http/json_body.hpp"
#include "http/mappers.hpp"
#include "http/query_reader.hpp"
#include "services/connection_checks.hpp"

#include <cstdint>
#include <limits>

namespace oscar::http {
namespace {

constexpr std::string_view kEnvironmentWords = "prod, test, dev";
constexpr std::string_view kSslVerifyWords = "required, verify_ca, verify_identity";
/// Wide bounds against nonsense; the service knows the real ones and names them.
constexpr std::size_t kMaxText = 4096;
constexpr std::size_t kMaxCertificate = 65536;

std::string connectionJson(const Connection& connection) {
  return jsonOf([&](json::Writer& out) { writeConnection(out, connection); });
}

std::string testJson(const services::ConnectionTest& test) {
  return jsonOf([&](json::Writer& out) { writeConnectionTest(out, test); });
}

template <typename T>
void assign(T& target, std::optional<T> value) {
  if (value) target = std::move(*value);
}

void assignInt(int& target, const std::optional<std::int64_t>& value) {
  if (value) target = static_cast<int>(*value);
}

std::optional<std::int64_t> anyInt(json::Reader& reader, std::string_view key) {
  return reader.integer(key, std::numeric_limits<int>::min(), std::numeric_limits<int>::max());
}

/// Lays the body's fields over `input`; what the body leaves out keeps its value there.
void readFields(JsonBody& body, services::ConnectionInput& input) {
  json::Reader& reader = body.reader();
  Connection& c = input.connection;
  assign(c.name, reader.string("name", 0, kMaxText));
  assign(c.environment, body.word(reader, "environment", parseEnvironment, kEnvironmentWords));
  assign(c.host, reader.string("host", 0, kMaxText));
  assignInt(c.port, anyInt(reader, "port"));
  assign(c.username, reader.string("username", 0, kMaxText));
  assign(c.database_name, reader.string("database_name", 0, kMaxText));
  assign(c.description, reader.string("description", 0, kMaxText));
  assignInt(c.connect_timeout, anyInt(reader, "connect_timeout"));
  assign(c.charset, reader.string("charset", 0, kMaxText));
  assign(c.use_ssl, reader.boolean("use_ssl"));
  assign(c.ssl_verify, body.word(reader, "ssl_verify", parseSslVerify, kSslVerifyWords));
  assign(c.ssl_ca, reader.string("ssl_ca", 0, kMaxCertificate));
  assign(c.backend, reader.string("backend", 0, kMaxText));
  if (auto password = reader.string("password", 0, kMaxText)) {
    input.password = Secret{std::move(*password)};
  }
}

void requireFields(JsonBody& body, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    if (!body->has(key)) body.errors().add(std::string{key}, {"必填", "is required"});
  }
}

}  // namespace

ConnectionController::ConnectionController(services::ConnectionService& connections,
                                           services::ToolsService& tools)
    : connections_{connections}, tools_{tools} {}

Response ConnectionController::list(Call& call) {
  QueryReader query{call.request};
  ports::ConnectionFilter filter;
  filter.environment = query.word("environment", parseEnvironment, kEnvironmentWords);
  filter.keyword = query.text("keyword", 200).value_or("");
  const PageRequest page = query.page();
  query.finish();
  return Response::json(pageJson(connections_.list(filter, page), page, writeConnection));
}

Response ConnectionController::create(Call& call) {
  JsonBody body{call.request};
  services::ConnectionInput input;
  requireFields(body, {"name", "host", "username", "password", "database_name"});
  readFields(body, input);
  const bool skip_test = body->boolean("skip_test").value_or(false);
  body.finish([&] { services::checkConnection(input, true); });
  const Connection saved = connections_.create(call.principal, input, skip_test);
  call.audit.resource_id = saved.id;
  return Response::json(connectionJson(saved));
}

Response ConnectionController::get(Call& call) {
  QueryReader{call.request}.finish();
  return Response::json(connectionJson(connections_.get(call.param("id"))));
}

Response ConnectionController::update(Call& call) {
  JsonBody body{call.request};
  services::ConnectionInput input;
  input.connection = connections_.get(call.param("id"));
  readFields(body, input);
  const bool skip_test = body->boolean("skip_test").value_or(false);
  body.finish([&] { services::checkConnection(input, false); });
  return Response::json(
      connectionJson(connections_.update(call.principal, call.param("id"), input, skip_test)));
}

Response ConnectionController::remove(Call& call) {
  JsonBody{call.request, true}.finish();
  connections_.remove(call.param("id"));
  return Response::json("{}");
}

Response ConnectionController::test(Call& call) {
  JsonBody{call.request, true}.finish();
  return Response::json(testJson(connections_.test(call.param("id"))));
}

Response ConnectionController::testUnsaved(Call& call) {
  JsonBody body{call.request};
  services::ConnectionInput input;
  requireFields(body, {"host", "username", "database_name"});
  const auto id = body->string("id", 1, 64);
  readFields(body, input);
  body.finish([&] { services::checkConnection(input, !id, false); });
  return Response::json(testJson(connections_.testInput(input, id)));
}

Response ConnectionController::databases(Call& call) {
  QueryReader{call.request}.finish();
  const auto names = tools_.databases(call.param("conn_id"));
  json::Writer out;
  out.beginObject().key("items").beginArray();
  for (const std::string& name : names) out.value(name);
  out.endArray().field("total", names.size()).endObject();
  return Response::json(out.take());
}

Response ConnectionController::tables(Call& call) {
  QueryReader{call.request}.finish();
  const auto tables = tools_.tables(call.param("conn_id"), call.param("db"));
  json::Writer out;
  out.beginObject().key("items").beginArray();
  for (const auto& table : tables) writeTable(out, table);
  out.endArray().field("total", tables.size()).endObject();
  return Response::json(out.take());
}

}  // namespace oscar::http
