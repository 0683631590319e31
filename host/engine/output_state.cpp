// Storing and reading back what the decoder knows.
#include "engine/output_decoder.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"

#include <array>
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

RowLoss readLoss(json::Reader& r) {
  RowLoss loss;
  const std::string written = r.string("row_loss").value_or("");
  for (const auto& [finding, word] : kLossWords) {
    if (word == written) loss.finding = finding;
  }
  loss.values = r.integer("loss_values").value_or(0);
  loss.rows = r.integer("loss_rows").value_or(0);
  loss.keys = r.strings("loss_keys").value_or(std::vector<std::string>{});
  loss.reason = r.string("loss_reason").value_or("");
  return loss;
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
  w.field("triggers_begun", triggers_begun).field("copied", copied).field("swapped", swapped);
  w.field("said_altered", said_altered).field("stopped", stopped_by_request);
  w.field("free_bytes_before", free_bytes_before);
  writeLoss(w, row_loss);
  writeList(w, "errors", errors);
  return w.endObject().take();
}

OutputState OutputState::decode(const std::string& json) {
  OutputState s;
  if (json.empty()) return s;
  json::FieldErrors errors;
  auto parsed = json::Reader::parse(json, errors);
  if (!parsed) return s;
  auto& r = parsed.value();
  s.stage = parseStage(r.string("stage").value_or("")).value_or(Stage::kPreflight);
  s.observed = r.boolean("observed").value_or(false);
  s.paused = r.boolean("paused").value_or(false);
  s.throttled_by = {r.string("throttled_zh").value_or(""), r.string("throttled_en").value_or("")};
  s.tracker.rows = r.integer("rows").value_or(0);
  s.tracker.estimate = r.integer("estimate").value_or(0);
  s.tracker.speed = r.number("speed", 0, kForever).value_or(0);
  s.tracker.measured_seconds = r.number("measured", 0, kForever).value_or(0);
  s.tracker.last_at = r.number("last_at", 0, kForever).value_or(0);
  if (const auto percent = r.integer("percent")) s.percent = static_cast<int>(*percent);
  s.percent_eta = r.integer("percent_eta");
  s.copy_started_at = r.number("copy_started_at", 0, kForever).value_or(0);
  s.copy_ended_at = r.number("copy_ended_at", 0, kForever).value_or(0);
  s.new_table = r.string("new_table").value_or("");
  s.old_table = r.string("old_table").value_or("");
  s.triggers = r.strings("triggers").value_or(std::vector<std::string>{});
  s.triggers_begun = r.boolean("triggers_begun").value_or(false);
  s.copied = r.boolean("copied").value_or(false);
  s.swapped = r.boolean("swapped").value_or(false);
  s.said_altered = r.boolean("said_altered").value_or(false);
  s.stopped_by_request = r.boolean("stopped").value_or(false);
  s.free_bytes_before = r.integer("free_bytes_before");
  s.row_loss = readLoss(r);
  s.errors = r.strings("errors").value_or(std::vector<std::string>{});
  return s;
}

}  // namespace oscar::engine
