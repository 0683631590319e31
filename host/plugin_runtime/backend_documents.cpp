#include "plugin_runtime/backend_documents.hpp"

#include "json/reader.hpp"
#include "json/utf8.hpp"
#include "json/writer.hpp"
#include "plugin_runtime/field_texts.hpp"

#include <charconv>
#include <optional>

namespace oscar::plugin_runtime::documents {
namespace {

using ports::BackendError;

constexpr std::int64_t kLatestTimeMs = 253'402'300'799'999;  // the end of the year 9999

const std::string& asJsonText(const std::string& text, const Text& what) {
  if (json::isUtf8(text)) return text;
  throw BackendError{BackendError::Kind::kRefused,
                     Text{what.zh + "不是有效的 UTF-8 文本", what.en + " is not valid UTF-8"}};
}

std::string_view wordOf(ports::Control control) {
  switch (control) {
    case ports::Control::kPause:
      return "pause";
    case ports::Control::kStop:
      return "stop";
    case ports::Control::kHoldCutover:
      return "hold-cutover";
    case ports::Control::kChunkTime:
      return "chunk-time";
  }
  throw BackendError{BackendError::Kind::kInternal, Text{"未知的控制项", "unknown control"}};
}

/// A sentence of a plugin: a string, or {"zh", "en"}.
Text readSentence(json::Reader& reader, std::string_view key) {
  const auto raw = reader.rawText(key);
  if (!raw) return {};
  if (!raw->starts_with('{')) return sameText(reader.string(key).value_or(""));
  auto both = reader.object(key);
  return {both->string("zh").value_or(""), both->string("en").value_or("")};
}

Text join(const Text& reason, const Text& remedy) {
  if (remedy.empty()) return reason;
  if (reason.empty()) return remedy;
  return {reason.zh + " " + remedy.zh, reason.en + " " + remedy.en};
}

ports::ToolFacts readTool(json::Reader& tool) {
  ports::ToolFacts facts;
  facts.path = tool.string("path").value_or("");
  facts.version = tool.string("version").value_or("");
  facts.version_number = versionNumber(facts.version);
  facts.options = tool.strings("options").value_or(std::vector<std::string>{});
  return facts;
}

}  // namespace

std::string writeSpec(const ports::RunSpec& spec) {
  json::Writer writer;
  writer.beginObject().field("run_id", asJsonText(spec.run_id, {"运行编号", "the run id"}));
  writer.key("argv").beginArray();
  for (const std::string& argument : spec.argv)
    writer.value(asJsonText(argument, {"某个参数", "an argument"}));
  writer.endArray().key("files").beginArray();
  for (const ports::RunFile& file : spec.files) {
    writer.beginObject()
        .field("name", asJsonText(file.name, {"文件名", "a file name"}))
        .field("content",
               asJsonText(file.content, {file.name + " 的内容", "the content of " + file.name}))
        .field("mode", file.mode)
        .field("expand_run_dir", file.expand_run_dir)
        .endObject();
  }
  writer.endArray().endObject();
  return writer.take();
}

std::string writeSet(ports::Control control, const std::string& value) {
  json::Writer writer;
  writer.beginObject()
      .field("set", wordOf(control))
      .field("value", asJsonText(value, {"控制项的值", "the control value"}))
      .endObject();
  return writer.take();
}

std::string writeClear(ports::Control control) {
  json::Writer writer;
  writer.beginObject().field("clear", wordOf(control)).endObject();
  return writer.take();
}

Result<ports::BackendReport, std::string> readProbeReport(std::string_view json) {
  json::FieldErrors errors;
  auto parsed = json::Reader::parse(json, errors);
  if (!parsed) return parsed.error().message;
  json::Reader& reader = parsed.value();

  ports::BackendReport report;
  const auto ready = reader.boolean("ready");
  if (!ready && errors.empty()) errors.add("ready", {"必填", "is required"});
  report.ready = ready.value_or(false);
  if (!report.ready) {
    report.reason = join(readSentence(reader, "reason"), readSentence(reader, "remedy"));
    if (report.reason.empty()) {
      report.reason = {"执行后端未就绪，但没有说明原因。请查看 oscard 的日志。",
                       "The backend is not ready and gave no reason. See oscard's log."};
    }
  }
  if (auto tool = reader.object("tool")) report.tool = readTool(*tool);
  if (!errors.empty()) return describe(errors.list()).en;
  return report;
}

Result<ports::RunEnd, std::string> readStatusReport(std::string_view json) {
  json::FieldErrors errors;
  auto parsed = json::Reader::parse(json, errors);
  if (!parsed) return parsed.error().message;
  json::Reader& reader = parsed.value();

  ports::RunEnd end;
  const std::string state = reader.requireString("state");
  if (state == "running") {
    end.state = ports::RunState::kRunning;
  } else if (state == "exited") {
    end.state = ports::RunState::kExited;
  } else if (state == "lost") {
    end.state = ports::RunState::kLost;
  } else if (errors.empty()) {
    errors.add("state", {"未知", "is none of running, exited, lost"});
  }
  if (const auto code = reader.integer("exit_code", 0, 255)) {
    end.exit_code = static_cast<int>(*code);
  }
  if (const auto signal = reader.integer("signal", 1, 128)) {
    end.signal = static_cast<int>(*signal);
  }
  if (const auto at = reader.integer("ended_at", 0, kLatestTimeMs)) end.ended_at = fromMillis(*at);
  if (!errors.empty()) return describe(errors.list()).en;
  return end;
}

int versionNumber(std::string_view version) {
  int number = 0;
  const char* at = version.data();
  const char* const end = at + version.size();
  for (int part = 0; part < 3; ++part) {
    unsigned value = 0;
    const auto parsed = std::from_chars(at, end, value);
    if (parsed.ec != std::errc{} || value > 99) return 0;
    number = number * 100 + static_cast<int>(value);
    at = parsed.ptr;
    if (part < 2 && (at == end || *at++ != '.')) return 0;
  }
  return number;
}

}  // namespace oscar::plugin_runtime::documents
