#include "store/execution_json.hpp"

#include "json/reader.hpp"
#include "json/writer.hpp"

#include <limits>

namespace oscar::store {
namespace {

/// A DDL of 1 MiB may grow sixfold when it is escaped, and appears in argv once.
constexpr std::size_t kMaxJson = 64 << 20;
constexpr std::size_t kAnyLength = std::numeric_limits<std::size_t>::max();
constexpr double kAnyNumber = std::numeric_limits<double>::max();

template <typename T>
void writeIfSet(json::Writer& writer, std::string_view name, const std::optional<T>& value) {
  if (value) writer.field(name, *value);
}

}  // namespace

std::string textsJson(const std::vector<std::string>& texts) {
  json::Writer writer;
  writer.beginArray();
  for (const auto& text : texts) writer.value(text);
  writer.endArray();
  return writer.take();
}

std::vector<std::string> textsOf(const std::string& json) {
  if (json.empty() || json == "[]") return {};
  json::FieldErrors errors;
  auto reader = json::Reader::parse("{\"texts\":" + json + "}", errors, kMaxJson);
  if (!reader) return {};
  return reader.value().strings("texts").value_or(std::vector<std::string>{});
}

std::string paramsJson(const ExecutionParams& params) {
  json::Writer writer;
  writer.beginObject();
  writeIfSet(writer, "chunk_size", params.chunk_size);
  writeIfSet(writer, "chunk_time", params.chunk_time);
  writeIfSet(writer, "max_load", params.max_load);
  writeIfSet(writer, "critical_load", params.critical_load);
  writeIfSet(writer, "charset", params.charset);
  writeIfSet(writer, "lock_wait_timeout", params.lock_wait_timeout);
  writer.key("extra").beginObject();
  for (const auto& [name, value] : params.extra) writer.field(name, value);
  writer.endObject().endObject();
  return writer.take();
}

ExecutionParams paramsOf(const std::string& json) {
  ExecutionParams params;
  // What most executions have; lists read it for every row.
  static const std::string no_params = paramsJson({});
  if (json == no_params) return params;
  json::FieldErrors errors;
  auto parsed = json::Reader::parse(json, errors, kMaxJson);
  if (!parsed) return params;
  auto& reader = parsed.value();
  params.chunk_size = reader.integer("chunk_size");
  params.chunk_time = reader.number("chunk_time", -kAnyNumber, kAnyNumber);
  params.max_load = reader.string("max_load", 0, kAnyLength);
  params.critical_load = reader.string("critical_load", 0, kAnyLength);
  params.charset = reader.string("charset", 0, kAnyLength);
  if (const auto seconds = reader.integer("lock_wait_timeout")) {
    params.lock_wait_timeout = static_cast<int>(*seconds);
  }
  params.extra = reader.scalarMap("extra").value_or(std::map<std::string, std::string>{});
  return params;
}

std::string loadJson(const LoadSample& load) {
  json::Writer writer;
  writer.beginObject()
      .field("at", toMillis(load.at))
      .field("threads_connected", load.threads_connected)
      .field("threads_connected_limit", load.threads_connected_limit)
      .field("threads_running", load.threads_running)
      .field("threads_running_limit", load.threads_running_limit)
      .endObject();
  return writer.take();
}

std::optional<LoadSample> loadOf(const std::string& json) {
  if (json.empty()) return std::nullopt;
  json::FieldErrors errors;
  auto parsed = json::Reader::parse(json, errors);
  if (!parsed) return std::nullopt;
  auto& reader = parsed.value();
  LoadSample load;
  load.at = fromMillis(reader.integer("at").value_or(0));
  load.threads_connected = reader.integer("threads_connected").value_or(0);
  load.threads_connected_limit = reader.integer("threads_connected_limit").value_or(0);
  load.threads_running = reader.integer("threads_running").value_or(0);
  load.threads_running_limit = reader.integer("threads_running_limit").value_or(0);
  return load;
}

}  // namespace oscar::store
