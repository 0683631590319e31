#pragma once

#include "domain/execution.hpp"
#include "domain/text.hpp"
#include "domain/time.hpp"
#include "json/writer.hpp"

#include <optional>
#include <string>
#include <string_view>

/// What users see of an execution, as JSON: REST and WebSocket say the same in the same words,
/// which host/api/openapi.yaml and events.schema.json describe. Stateless, any thread.
namespace oscar::views {

/// A field that is null when there is no time.
void writeTime(json::Writer& out, std::string_view key, const std::optional<Timestamp>& time);
/// A field that is null when the text is empty.
void writeText(json::Writer& out, std::string_view key, const Text& text, Language language);
/// A field that is null when the text or id is empty.
void writeMaybe(json::Writer& out, std::string_view key, const std::string& text);

/// The fields of a run's progress, without braces: `stage` to `load`.
void writeProgress(json::Writer& out, const RunProgress& run, Language language);
/// One object. `full` adds what only a detail view needs: argv, the command and the ALTER text.
void writeExecution(json::Writer& out, const Execution& execution, Language language, bool full);
/// `{"number","at","text"}`.
void writeLogLine(json::Writer& out, const LogLine& line);

}  // namespace oscar::views
