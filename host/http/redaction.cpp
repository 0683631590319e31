#include "http/redaction.hpp"

#include "json/reader.hpp"
#include "json/writer.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace oscar::http {
namespace {

constexpr std::size_t kMaxAuditBytes = std::size_t{16} * 1024;
constexpr std::array<std::string_view, 8> kSecretWords{
    "password", "passwd", "secret", "token", "ticket", "api_key", "private_key", "credential"};
constexpr std::string_view kMask = "***";

bool isSecret(std::string_view key, std::span<const std::string_view> secret_fields) {
  if (std::any_of(secret_fields.begin(), secret_fields.end(),
                  [&](std::string_view field) { return !field.empty() && field == key; })) {
    return true;
  }
  std::string lower{key};
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::any_of(kSecretWords.begin(), kSecretWords.end(),
                     [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

void copyObject(json::Reader& from, json::Writer& to,
                std::span<const std::string_view> secret_fields);

void copyArray(json::Reader& from, const std::string& key, const std::string& raw, json::Writer& to,
               std::span<const std::string_view> secret_fields) {
  if (raw.find('{') == std::string::npos) {
    to.raw(raw);
    return;
  }
  // Objects may hide secrets; an array that is not purely of objects is not one of ours.
  auto objects = from.objects(key);
  if (!objects) {
    to.value(kMask);
    return;
  }
  to.beginArray();
  for (json::Reader& object : *objects) copyObject(object, to, secret_fields);
  to.endArray();
}

void copyObject(json::Reader& from, json::Writer& to,
                std::span<const std::string_view> secret_fields) {
  to.beginObject();
  for (const std::string& key : from.keys()) {
    to.key(key);
    const std::string raw = from.rawText(key).value_or("null");
    if (isSecret(key, secret_fields)) {
      to.value(kMask);
    } else if (key == "ssl_ca" && raw.size() > 2) {
      to.value("(" + std::to_string(raw.size() - 2) + " bytes)");
    } else if (raw.front() == '{') {
      if (auto object = from.object(key)) {
        copyObject(*object, to, secret_fields);
      } else {
        to.value(kMask);
      }
    } else if (raw.front() == '[') {
      copyArray(from, key, raw, to, secret_fields);
    } else {
      to.raw(raw);
    }
  }
  to.endObject();
}

}  // namespace

std::string redactedBody(std::string_view body, std::span<const std::string_view> secret_fields) {
  if (body.empty()) return "{}";
  json::FieldErrors ignored;
  auto parsed = json::Reader::parse(body, ignored, body.size());
  json::Writer out;
  if (!parsed) {
    return out.beginObject().field("unreadable_bytes", body.size()).endObject().take();
  }
  copyObject(parsed.value(), out, secret_fields);
  if (out.text().size() <= kMaxAuditBytes) return out.take();
  json::Writer cut;
  // Escaping at most doubles plain text, so half the bound keeps the result within it.
  cut.beginObject()
      .field("truncated_from_bytes", out.text().size())
      .field("begin", std::string_view{out.text()}.substr(0, kMaxAuditBytes / 2))
      .endObject();
  return cut.take();
}

}  // namespace oscar::http
