#include "engine/output_decoder.hpp"

#include "engine/failure_cause.hpp"
#include "engine/line_scanner.hpp"
#include "engine/throttle_text.hpp"

#include <charconv>

namespace oscar::engine {
namespace {

constexpr std::size_t kMarkLength = 32;
constexpr std::size_t kMaxErrors = 20;
constexpr double kLatestTime = 1e11;  // epoch seconds: the year 5138

double epochSeconds(Timestamp time) {
  return static_cast<double>(toMillis(time)) / 1000;
}

bool has(std::string_view line, std::string_view part) {
  return line.find(part) != std::string_view::npos;
}

/// `MM:SS`, `HH:MM:SS` or `D+HH:MM:SS`, pt-osc's three ways to write a duration, in seconds.
std::optional<std::int64_t> parseRemaining(std::string_view text) {
  LineScanner scanner{text};
  const auto number = [&scanner]() -> std::optional<std::int64_t> {
    const std::string_view digits = scanner.takeOf("0123456789");
    std::int64_t value = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    constexpr std::size_t kMostDigits = 9;
    if (read.ec != std::errc{} || digits.size() > kMostDigits) return std::nullopt;
    return value;
  };
  auto first = number();
  std::int64_t days = 0;
  if (first && scanner.skip("+")) {
    days = *first;
    first = number();
  }
  if (!first || !scanner.skip(":")) return std::nullopt;
  auto second = number();
  std::int64_t hours = 0;
  if (second && scanner.skip(":")) {
    hours = *first;
    first = second;
    second = number();
  }
  if (!second || !scanner.rest().empty()) return std::nullopt;
  return ((days * 24 + hours) * 60 + *first) * 60 + *second;
}

std::optional<std::int64_t> numberAfter(std::string_view line, std::string_view words) {
  const std::size_t at = line.find(words);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view rest = line.substr(at + words.size());
  std::int64_t number = 0;
  const auto result = std::from_chars(rest.data(), rest.data() + rest.size(), number);
  if (result.ec != std::errc{}) return std::nullopt;
  return number;
}

constexpr std::string_view kCreatedNewTable = "Created new table ";
constexpr std::string_view kCreatingNewTable = "Creating new table...";
constexpr std::string_view kAlteringNewTable = "Altering new table...";
constexpr std::string_view kCreatingTriggers = "Creating triggers...";
constexpr std::string_view kCopyingRows = "Copying approximately ";
constexpr std::string_view kCopiedRows = "Copied rows OK.";
constexpr std::string_view kSwappingTables = "Swapping tables...";
constexpr std::string_view kSwappedTables = "Swapped original and new tables OK.";
constexpr std::string_view kDroppedAndSwapped = "Dropped and swapped tables OK.";
constexpr std::string_view kDroppingOldTable = "Dropping old table...";
constexpr std::string_view kDroppingTriggers = "Dropping triggers...";
constexpr std::string_view kAltered = "Successfully altered ";
constexpr std::string_view kNotAltered = " was not altered.";  // the reason stands elsewhere

bool isPercentLine(std::string_view line) {
  return line.starts_with("Copying `") && has(line, "% ") && line.ends_with(" remain");
}

/// Lines that tell how far pt-osc is, and never why it failed.
bool isProgressWords(std::string_view line) {
  if (isPercentLine(line) || has(line, kCreatedNewTable) || numberAfter(line, kCopyingRows)) {
    return true;
  }
  for (const auto words : {kCreatingNewTable, kAlteringNewTable, kAltered}) {
    if (line.starts_with(words)) return true;
  }
  for (const auto words : {kCreatingTriggers, kCopiedRows, kSwappingTables, kSwappedTables,
                           kDroppedAndSwapped, kDroppingOldTable, kDroppingTriggers, kNotAltered}) {
    if (line.ends_with(words)) return true;
  }
  return false;
}

/// Table name from "Created new table shop._orders_new OK." or its quoted form.
std::string createdTable(std::string_view line) {
  constexpr std::string_view kAfter = " OK.";
  const std::size_t begin = line.find(kCreatedNewTable);
  const std::size_t end = line.rfind(kAfter);
  if (begin == std::string_view::npos || end == std::string_view::npos) return {};
  std::string_view name =
      line.substr(begin + kCreatedNewTable.size(), end - begin - kCreatedNewTable.size());
  const std::size_t dot = name.find('.');
  if (dot != std::string_view::npos) name.remove_prefix(dot + 1);
  if (name.size() > 2 && name.front() == '`' && name.back() == '`') {
    name = name.substr(1, name.size() - 2);
  }
  return std::string{name};
}

}  // namespace

bool OutputDecoder::take(std::string_view line, Timestamp now) {
  if (const auto json = eventIn(line)) {
    // What looks like an event but is none is shown, or nobody would ever find out.
    return !takeEvent(*json, now);
  }
  takePlain(line, epochSeconds(now));
  return true;
}

/// The JSON of a line that is an event of this run's observer.
std::optional<std::string_view> OutputDecoder::eventIn(std::string_view line) {
  LineScanner scanner{line};
  if (!scanner.skip("#oscar ")) return std::nullopt;
  if (state_.event_mark.empty() && !state_.observed) {
    LineScanner first = scanner;
    const std::string_view mark = first.takeOf("0123456789abcdef");
    if (mark.size() == kMarkLength && first.rest().starts_with(R"( {"e":"hello",)")) {
      state_.event_mark = mark;
    }
  }
  if (!state_.event_mark.empty() && (!scanner.skip(state_.event_mark) || !scanner.skip(" "))) {
    return std::nullopt;
  }
  if (!scanner.rest().starts_with('{')) return std::nullopt;
  return scanner.rest();
}

void OutputDecoder::enter(Stage stage, double at) {
  // Never backwards: pt-osc's text for a stage may follow the observer's event for the next one.
  if (stage < state_.stage) return;
  if (stage == Stage::kCopyingData && state_.stage < Stage::kCopyingData) {
    state_.copy_started_at = at;
    state_.tracker.restartClock(at);
  }
  if (stage > Stage::kCopyingData && state_.copy_started_at > 0 && state_.copy_ended_at <= 0) {
    state_.copy_ended_at = at;
  }
  if (stage >= Stage::kCreatingTriggers) state_.triggers_begun = true;
  if (stage != state_.stage) state_.throttled_by = {};
  state_.stage = stage;
}

bool OutputDecoder::takeEvent(std::string_view json, Timestamp now) {
  json::FieldErrors errors;
  auto parsed = json::Reader::parse(json, errors, std::size_t{64} * 1024);
  if (!parsed) return false;
  auto& r = parsed.value();
  const std::string kind = r.string("e").value_or("");
  const double at = r.number("t", 0, kLatestTime).value_or(epochSeconds(now));
  if (kind.empty()) return false;
  state_.observed = true;
  if (kind == "stage") {
    state_.cleaning_up = state_.cleaning_up || r.boolean("cleanup").value_or(false);
    const auto stage = parseStage(r.string("stage").value_or(""));
    if (stage && !state_.cleaning_up) enter(*stage, at);
  } else if (kind == "tables") {
    if (auto name = r.string("new")) state_.new_table = *name;
    if (auto name = r.string("old")) state_.old_table = *name;
    if (auto names = r.strings("triggers"); names && !names->empty()) state_.triggers = *names;
  } else if (kind == "estimate") {
    state_.tracker.estimate = r.integer("rows", 0).value_or(0);
  } else if (kind == "chunk") {
    state_.tracker.count(r.integer("rows", 0).value_or(0), at);
    state_.throttled_by = {};
  } else if (kind == "throttle") {
    state_.throttled_by = throttleFromEvent(r);
  } else if (kind == "retry") {
    state_.throttled_by = retryFromEvent(r);
  } else if (kind == "throttle_end") {
    state_.throttled_by = {};
    state_.tracker.restartClock(at);
  } else if (takeRowEvent(kind, r) || takeSwapEvent(kind, r, at)) {
    // The care for rows that a unique key may cost; the steps around the swap.
  } else if (kind == "paused") {
    state_.paused = true;
  } else if (kind == "resumed") {
    state_.paused = false;
    state_.tracker.restartClock(at);
  } else if (kind == "hold") {
    enter(Stage::kAwaitingCutover, at);
  } else if (kind == "stopping") {
    state_.stopped_by_request = true;
  }
  return true;
}

/// False for an event that is about something else.
bool OutputDecoder::takeRowEvent(const std::string& kind, json::Reader& event) {
  using Finding = RowLoss::Finding;
  RowLoss& loss = state_.row_loss;
  if (kind == "verifying_rows") {
    state_.throttled_by = {"交换之前正在核对新旧两表的行数",
                           "counting the rows of both tables before the swap"};
  } else if (kind == "rows_verified") {
    state_.throttled_by = {};
    loss.finding = Finding::kOwed;
  } else if (kind == "searching_old_table") {
    state_.throttled_by = {
        "表已交换；删除旧表之前正在其中查找新唯一键的重复值，业务写入不受影响",
        "swapped; searching the old table for values that repeat in the new unique key before it "
        "is dropped, which blocks no writes"};
    loss.finding = Finding::kOwed;
    if (auto name = event.string("old")) state_.old_table = *name;
  } else if (kind == "old_table_searched") {
    state_.throttled_by = {};
    loss.finding = Finding::kNone;
  } else if (kind == "rows_missing") {
    state_.throttled_by = {};
    if (auto name = event.string("old")) state_.old_table = *name;
    loss.values = event.integer("values", 0).value_or(0);
    loss.rows = event.integer("rows", 0).value_or(0);
    loss.keys = event.strings("keys").value_or(std::vector<std::string>{});
    loss.reason = event.string("reason").value_or("");
    loss.finding = loss.rows > 0 ? Finding::kMissing : Finding::kUnknown;
  } else {
    return false;
  }
  return true;
}

/// False for an event that is about something else.
bool OutputDecoder::takeSwapEvent(const std::string& kind, json::Reader& event, double at) {
  if (kind == "session") {
    takeSession(event.integer("id", 1).value_or(0));
  } else if (kind == "copied") {
    state_.copied = true;
    if (state_.copy_started_at > 0 && state_.copy_ended_at <= 0) state_.copy_ended_at = at;
  } else if (kind == "swapping") {
    state_.swap_attempted = true;
    state_.old_tables_before = event.strings("old_before");
    if (auto name = event.string("new")) state_.new_table = *name;
  } else if (kind == "swapped") {
    state_.swap_attempted = true;
    state_.swapped = true;
    if (auto name = event.string("old")) state_.old_table = *name;
  } else if (kind == "refused") {
    // Lines that pt-osc or the server wrote before are not why the run ended.
    state_.errors = {event.string("text").value_or("oscar: no reason given")};
    state_.refused = true;
  } else if (kind == "end") {
    if (event.boolean("ok").value_or(false)) state_.said_altered = true;
  } else {
    return false;
  }
  return true;
}

void OutputDecoder::takeSession(std::int64_t id) {
  auto& sessions = state_.sessions;
  if (id <= 0 || (!sessions.empty() && sessions.back() == id)) return;
  sessions.push_back(id);
  if (sessions.size() > OutputState::kMostSessions) sessions.erase(sessions.begin());
}

bool OutputDecoder::takeThrottle(std::string_view line) {
  Text reason = throttleFromLine(line);
  if (reason.empty()) return false;
  // The observer's reason has the limit beside the value; the line repeats it with less.
  if (!state_.observed || state_.throttled_by.empty()) state_.throttled_by = std::move(reason);
  return true;
}

void OutputDecoder::noteError(std::string_view line) {
  if (state_.refused || !looksLikeError(line)) return;
  constexpr std::size_t kMaxLength = 2000;
  if (line.starts_with("oscar: ")) {
    // The observer's verdicts come as events; what looks like one may be anybody's.
    if (state_.eventsDecide()) return;
    // Our own verdict is the reason, however many warnings the run has printed before.
    state_.errors.emplace(state_.errors.begin(), line.substr(0, kMaxLength));
    if (state_.errors.size() > kMaxErrors) state_.errors.pop_back();
  } else if (state_.errors.size() < kMaxErrors) {
    state_.errors.emplace_back(line.substr(0, kMaxLength));
  }
}

void OutputDecoder::takePlain(std::string_view line, double at) {
  if (isProgressWords(line)) {
    if (!state_.eventsDecide()) takeWords(line, at);
  } else if (state_.eventsDecide() || !takeThrottle(line)) {
    noteError(line);
  }
}

/// What pt-osc's own words tell about its progress, one of `isProgressWords`.
void OutputDecoder::takeWords(std::string_view line, double at) {
  if (isPercentLine(line)) {
    const std::size_t sign = line.rfind("% ");
    const std::size_t begin = line.rfind(' ', sign);
    state_.percent = static_cast<int>(numberAfter(line.substr(begin), " ").value_or(0));
    state_.percent_eta = parseRemaining(line.substr(sign + 2, line.size() - sign - 2 - 7));
    if (!state_.observed) state_.throttled_by = {};
  } else if (has(line, kCreatedNewTable)) {
    if (state_.new_table.empty()) state_.new_table = createdTable(line);
  } else if (line.starts_with(kCreatingNewTable)) {
    enter(Stage::kCreatingNewTable, at);
  } else if (line.starts_with(kAlteringNewTable)) {
    enter(Stage::kAlteringNewTable, at);
  } else if (line.ends_with(kCreatingTriggers)) {
    enter(Stage::kCreatingTriggers, at);
  } else if (const auto rows = numberAfter(line, kCopyingRows)) {
    enter(Stage::kCopyingData, at);
    state_.tracker.estimate = *rows;
  } else if (line.ends_with(kCopiedRows)) {
    state_.copied = true;
    // The observer says when it was; after a restart the line may be read long after that.
    if (!state_.observed && state_.copy_ended_at <= 0) state_.copy_ended_at = at;
  } else if (line.ends_with(kSwappingTables)) {
    enter(Stage::kSwappingTables, at);
  } else if (line.ends_with(kSwappedTables) || line.ends_with(kDroppedAndSwapped)) {
    state_.swapped = true;
  } else if (line.ends_with(kDroppingOldTable)) {
    enter(Stage::kDroppingOldTable, at);
  } else if (line.ends_with(kDroppingTriggers)) {
    // Also printed by the clean-up of a failed run, which is not a stage of the work.
    if (state_.swapped || (state_.observed && !state_.cleaning_up)) {
      enter(Stage::kDroppingTriggers, at);
    }
  } else if (line.starts_with(kAltered)) {
    state_.said_altered = true;
  }
}

RunProgress OutputDecoder::progress() const {
  RunProgress p;
  p.stage = state_.stage;
  p.paused = state_.paused;
  p.throttled_by = state_.throttled_by;
  p.total_rows = state_.tracker.estimate;
  p.processed_rows = state_.tracker.rows;
  p.progress_exact = state_.observed;
  if (state_.observed) {
    p.progress = state_.stage >= Stage::kCopyingData ? state_.tracker.percent() : std::nullopt;
    p.estimate_exceeded = state_.tracker.estimateExceeded();
    p.current_speed = state_.tracker.rowsPerSecond();
    if (state_.paused || !state_.throttled_by.empty()) {
      p.current_speed = 0;  // the average is of the time it copied, and it does not copy now
    } else if (state_.stage == Stage::kCopyingData) {
      p.eta_seconds = state_.tracker.etaSeconds();
    }
  } else if (state_.percent) {
    p.progress = std::min<double>(*state_.percent, ProgressTracker::kCeilingPercent);
    p.processed_rows = state_.tracker.estimate * *state_.percent / 100;
    if (state_.stage == Stage::kCopyingData) p.eta_seconds = state_.percent_eta;
  }
  if (state_.copied) {
    // The copy is over, whatever the estimate was; only the last steps are left.
    p.progress = ProgressTracker::kCeilingPercent;
    p.eta_seconds = std::nullopt;
    if (!state_.observed) p.processed_rows = state_.tracker.estimate;
  }
  if (p.stage > Stage::kCopyingData) p.current_speed = std::nullopt;
  return p;
}

}  // namespace oscar::engine
