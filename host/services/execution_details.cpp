#include "services/execution_details.hpp"

#include "ddl/utf8.hpp"
#include "domain/enum_words.hpp"

#include <array>
#include <cstdio>

namespace oscar::services {
namespace {

constexpr EnumWords<Finding::Severity, 3> kSeverities{
    std::array<std::string_view, 3>{"info", "confirm", "refuse"}};

std::string escapedByte(unsigned char byte) {
  switch (byte) {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\n':
      return "\\n";
    default:
      break;
  }
  if (byte >= 0x20) return std::string(1, static_cast<char>(byte));
  std::array<char, 8> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "\\u%04x", static_cast<unsigned>(byte));
  return buffer.data();
}

std::string textJson(const Text& text) {
  return "{\"zh\":" + jsonString(text.zh) + ",\"en\":" + jsonString(text.en) + "}";
}

std::string findingJson(const Finding& finding) {
  std::string out = "{\"severity\":" + jsonString(toString(finding.severity)) +
                    ",\"code\":" + jsonString(finding.code) + ",\"text\":" + textJson(finding.text);
  if (!finding.details.empty()) out += ",\"details\":" + finding.details;
  return out + "}";
}

}  // namespace

std::string_view toString(Finding::Severity severity) {
  return kSeverities.word(severity);
}

std::string jsonString(std::string_view text) {
  std::string out = "\"";
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = ddl::codePointAt(text, at).length;
    if (length == 0) {
      out += "\xEF\xBF\xBD";
      ++at;
    } else if (length == 1) {
      out += escapedByte(static_cast<unsigned char>(text[at++]));
    } else {
      out += text.substr(at, length);
      at += length;
    }
  }
  return out + "\"";
}

std::string jsonStrings(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) out += (out.size() > 1 ? "," : "") + jsonString(text);
  return out + "]";
}

std::string findingsJson(const std::vector<Finding>& findings, const std::string& confirm_text) {
  std::string out = "{\"confirm_text\":" + jsonString(confirm_text) + ",\"findings\":[";
  for (std::size_t i = 0; i < findings.size(); ++i) {
    out += (i > 0 ? "," : "") + findingJson(findings[i]);
  }
  return out + "]}";
}

std::string parseErrorJson(const ddl::ParseError& error) {
  return "{\"message\":" + textJson(error.message) + ",\"offset\":" + std::to_string(error.offset) +
         ",\"line\":" + std::to_string(error.line) + ",\"column\":" + std::to_string(error.column) +
         ",\"expected\":" + jsonStrings(error.expected) + "}";
}

}  // namespace oscar::services
