// Storing and reading back what the decoder knows.
#include "engine/output_decoder.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"

#include <array>
#include <charconv>
#include <utility>

namespace oscar::engine {
namespace {

constexpr double kForever = 1e15;

void writeList(json::Writer& w, std::string_view name, const std::vector<std::string>& values) {
  w.key(name).beginArray();
  for (const auto& value : values) w.value(value);
  w.endArray();
}

using LossFinding = RowLoss::Finding;
constexpr std::array<std::pair<LossFinding, std::string_view>, 5> kLossWords{{
    {LossFinding::kNotAsked, "not_asked"},
    {LossFinding::kOwed, "owed"},
    {LossFinding::kNone, "none"},
    {LossFinding::kMissing, "missing"},
    {LossFinding::kUnknown, "unknown"},
}};

void writeLoss(json::Writer& w, const RowLoss& loss) {
  for (const auto& [finding, word] : kLossWords) {
    if (finding == loss.finding) w.field("row_loss", word);
  }
  w.field("loss_values", loss.values).field("loss_rows", loss.rows);
  writeList(w, "loss_keys", loss.keys);
  w.field("loss_reason", loss.reason);
}

/// Reads a stored state. What `encode` always writes must be there: where it is not, or says what
/// nobody knows, the text is damaged or another version's, and a default in its place would be a
/// guess (such as "not swapped").
class StateReader {
 public:
  explicit StateReader(json::Reader& reader) : reader_{reader} {}

  void read(std::string_view name, bool& value) { take(name, reader_.boolean(name), value); }
  void read(std::string_view name, std::string& value) { take(name, reader_.string(name), value); }
  void read(std::string_view name, std::int64_t& value) {
    take(name, reader_.integer(name), value);
  }
  void read(std::string_view name, double& value) {
    take(name, reader_.number(name, 0, kForever), value);
  }
  void read(std::string_view name, std::vector<std::string>& values) {
    take(name, reader_.strings(name), values);
  }
  void read(std::string_view name, std::vector<std::int64_t>& numbers) {
    std::vector<std::string> texts;
    read(name, texts);
    for (const auto& text : texts) {
      std::int64_t number = 0;
      const char* end = text.data() + text.size();
      const auto result = std::from_chars(text.data(), end, number);
      const bool whole = result.ec == std::errc{} && result.ptr == end;
      take(name, whole ? std::optional{number} : std::nullopt, numbers.emplace_back());
    }
  }
  void read(std::string_view name, Stage& stage) {
    std::string word;
    read(name, word);
    take(name, parseStage(word), stage);
  }
  void read(std::string_view name, LossFinding& finding) {
    std::string word;
    read(name, word);
    std::optional<LossFinding> known;
    for (const auto& [each, its_word] : kLossWords) {
      if (its_word == word) known = each;
    }
    take(name, known, finding);
  }

  /// The first field that could not be read; empty when all could.
  const std::string& wrong() const { return wrong_; }

 private:
  template <typename T>
  void take(std::string_view name, std::optional<T> found, T& value) {
    if (found) {
      value = std::move(*found);
    } else if (wrong_.empty()) {
      wrong_ = name;
    }
  }

  json::Reader& reader_;
  std::string wrong_;
};

void readLoss(StateReader& r, RowLoss& loss) {
  r.read("row_loss", loss.finding);
  r.read("loss_values", loss.values);
  r.read("loss_rows", loss.rows);
  r.read("loss_keys", loss.keys);
  r.read("loss_reason", loss.reason);
}

void readTracker(StateReader& r, ProgressTracker& tracker) {
  r.read("rows", tracker.rows);
  r.read("estimate", tracker.estimate);
  r.read("speed", tracker.speed);
  r.read("measured", tracker.measured_seconds);
  r.read("last_at", tracker.last_at);
}

void writeMarked(json::Writer& w, const OutputState& s) {
  w.field("event_mark", s.event_mark);
  w.field("swap_attempted", s.swap_attempted).field("old_tables_before", s.old_tables_before);
  std::vector<std::string> sessions;  // the reader has no arrays of numbers
  for (const auto id : s.sessions) sessions.push_back(std::to_string(id));
  writeList(w, "sessions", sessions);
  w.field("refused", s.refused);
}

void readMarked(StateReader& r, json::Reader& reader, OutputState& s) {
  // An oscard from before the mark did not write any of this.
  if (!reader.has("event_mark")) return;
  r.read("event_mark", s.event_mark);
  r.read("swap_attempted", s.swap_attempted);
  r.read("sessions", s.sessions);
  r.read("refused", s.refused);
  s.old_tables_before = reader.strings("old_tables_before");
}

}  // namespace

std::string OutputState::encode() const {
  json::Writer w;
  w.beginObject();
  w.field("stage", toString(stage)).field("observed", observed).field("paused", paused);
  w.field("throttled_zh", throttled_by.zh).field("throttled_en", throttled_by.en);
  w.field("rows", tracker.rows).field("estimate", tracker.estimate);
  w.field("speed", tracker.speed).field("measured", tracker.measured_seconds);
  w.field("last_at", tracker.last_at);
  w.field("percent", percent).field("percent_eta", percent_eta);
  w.field("copy_started_at", copy_started_at).field("copy_ended_at", copy_ended_at);
  w.field("new_table", new_table).field("old_table", old_table);
  writeList(w, "triggers", triggers);
  w.field("triggers_begun", triggers_begun).field("cleaning_up", cleaning_up);
  w.field("copied", copied).field("swapped", swapped);
  w.field("said_altered", said_altered).field("stopped", stopped_by_request);
  w.field("free_bytes_before", free_bytes_before);
  w.field("definition_before", definition_before);
  writeLoss(w, row_loss);
  writeList(w, "errors", errors);
  writeMarked(w, *this);
  return w.endObject().take();
}

Result<OutputState, std::string> OutputState::decode(const std::string& json) {
  json::FieldErrors errors;
  auto parsed = json::Reader::parse(json, errors);
  if (!parsed) return std::string{"it is no JSON object"};
  OutputState s;
  StateReader r{parsed.value()};
  r.read("stage", s.stage);
  r.read("observed", s.observed);
  r.read("paused", s.paused);
  r.read("throttled_zh", s.throttled_by.zh);
  r.read("throttled_en", s.throttled_by.en);
  readTracker(r, s.tracker);
  r.read("copy_started_at", s.copy_started_at);
  r.read("copy_ended_at", s.copy_ended_at);
  r.read("new_table", s.new_table);
  r.read("old_table", s.old_table);
  r.read("triggers", s.triggers);
  r.read("triggers_begun", s.triggers_begun);
  r.read("cleaning_up", s.cleaning_up);
  r.read("copied", s.copied);
  r.read("swapped", s.swapped);
  r.read("said_altered", s.said_altered);
  r.read("stopped", s.stopped_by_request);
  readLoss(r, s.row_loss);
  r.read("errors", s.errors);
  readMarked(r, parsed.value(), s);
  // These are absent where they are not known, so only a wrong type tells.
  if (const auto percent = parsed.value().integer("percent", INT32_MIN, INT32_MAX)) {
    s.percent = static_cast<int>(*percent);
  }
  s.percent_eta = parsed.value().integer("percent_eta");
  s.free_bytes_before = parsed.value().integer("free_bytes_before");
  s.definition_before = parsed.value().integer("definition_before");
  if (!r.wrong().empty()) return "its field " + r.wrong() + " is missing or wrong";
  if (!errors.empty()) return "its field " + errors.list().front().field + " is wrong";
  return s;
}

}  // namespace oscar::engine
