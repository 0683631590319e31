#include "store/execution_mirror.hpp"

#include "store/execution_counters.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <string_view>
#include <variant>

namespace oscar::store {
namespace {

using Id = TextPool::Id;

constexpr Id kNoText = std::numeric_limits<Id>::max();
constexpr std::int64_t kRowsPerFetch = 1000;
constexpr std::size_t kNumbersPerFetch = 100;
/// So many texts are looked at one by one; beyond, the store looks through all between them.
constexpr std::size_t kFewInStore = 1000;
constexpr std::size_t kMaxKeywords = 64;
/// Other processes may write faster than an update reads; what it has then is true for a moment
/// after it began, which is all that a reader can ask for.
constexpr int kUpdateAttempts = 4;

constexpr Query kSelectSums{"SELECT SUM(changes), SUM(executions) FROM execution_counters", "ii"};
constexpr std::string_view kSelectNew =
    "SELECT r.number, r.status, {ms:r.created_at}, r.duration_seconds,"
    " CASE WHEN LENGTH(s.haystack) <= ? THEN s.haystack END";
constexpr std::string_view kFromNew =
    " FROM execution_records r{index:idx_filter}"
    " LEFT JOIN execution_search s ON s.number = r.number"
    " WHERE r.number > ? ORDER BY r.number LIMIT ?";
constexpr std::string_view kSelectStates =
    "SELECT number, status, duration_seconds FROM execution_records WHERE number IN (";
constexpr Query kSearchBetween{
    "SELECT number FROM execution_search WHERE number >= ? AND number <= ?"
    " AND haystack LIKE ? ESCAPE '!' ORDER BY number",
    "i"};
constexpr std::string_view kSearchAmong =
    "SELECT number FROM execution_search WHERE haystack LIKE ? ESCAPE '!' AND number IN (";

/// Numbers for a list of kNumbersPerFetch marks, the last one repeated, so that the statement's
/// text is always the same.
void addNumbers(Values& values, const std::vector<std::int64_t>& numbers, std::size_t from) {
  for (std::size_t i = 0; i < kNumbersPerFetch; ++i) {
    values.emplace_back(numbers[std::min(from + i, numbers.size() - 1)]);
  }
}

/// Runs of more than 68 years do not happen; -1 stands for an unknown duration.
std::int32_t secondsOf(const std::optional<std::int64_t>& seconds) {
  if (!seconds) return -1;
  return static_cast<std::int32_t>(
      std::clamp<std::int64_t>(*seconds, 0, std::numeric_limits<std::int32_t>::max()));
}

unsigned bitOf(ExecutionStatus status) {
  return 1U << static_cast<unsigned>(status);
}

}  // namespace

struct ExecutionMirror::Record {
  std::int64_t number = 0;
  std::int64_t created_at_ms = 0;
  std::int32_t seconds = -1;
  ExecutionStatus status = ExecutionStatus::kPending;
  std::array<Id, kExactColumns.size()> exact{};
  Id name = 0;
  Id text = 0;  ///< kNoText: in the store
};

std::size_t ExecutionMirror::Columns::size() const {
  return number.size();
}

void ExecutionMirror::Columns::reserveFor(std::size_t more) {
  const std::size_t needed = size() + more;
  if (needed <= number.capacity()) return;
  // By little instead of doubling: the memory is there for good.
  const std::size_t wanted = needed + needed / 8;
  for (auto* column : {&number, &created_at_ms}) column->reserve(wanted);
  for (auto& column : exact) column.reserve(wanted);
  for (auto* column : {&name, &text}) column->reserve(wanted);
  seconds.reserve(wanted);
  status.reserve(wanted);
}

void ExecutionMirror::Columns::add(const Record& record) {
  number.push_back(record.number);
  created_at_ms.push_back(record.created_at_ms);
  seconds.push_back(record.seconds);
  status.push_back(static_cast<std::uint8_t>(record.status));
  for (std::size_t i = 0; i < exact.size(); ++i) exact[i].push_back(record.exact[i]);
  name.push_back(record.name);
  text.push_back(record.text);
}

ExecutionStatus ExecutionMirror::Columns::statusAt(std::size_t at) const {
  return static_cast<ExecutionStatus>(status[at]);
}

/// Which names and texts contain a keyword. Texts never change, so this only ever grows.
struct ExecutionMirror::KeywordMatches {
  std::string folded;
  std::vector<bool> names;
  std::vector<bool> texts;
  std::vector<std::int64_t> in_store;  ///< numbers, ascending
  std::size_t searched = 0;            ///< how many were looked at in the store
};

/// Places in the columns.
using Places = std::array<std::uint32_t, 1024>;

/// Criteria with their words looked up. While it is there, the mirror must not change.
class ExecutionMirror::Matcher {
 public:
  Matcher(ExecutionMirror& mirror, Sql& sql, const ExecutionFilter& filter)
      : mirror_{mirror}, sql_{sql}, criteria_{criteriaOf(filter)} {
    for (const auto& criterion : criteria_) {
      std::visit([this](const auto& each) { steps_.emplace_back(stepOf(each)); }, criterion);
    }
  }

  bool nothing() const { return nothing_; }
  bool everything() const { return criteria_.empty(); }
  bool onlyStatuses() const { return store::onlyStatuses(criteria_); }
  bool hasStatus(ExecutionStatus status) const { return allowsStatus(criteria_, status); }

  /// The places of those that match among `count` from `begin` on, ascending. One criterion after
  /// the other narrows them down, without branches that depend on the data.
  std::size_t select(std::size_t begin, std::size_t count, Places& places) const {
    std::iota(places.begin(), places.begin() + count, static_cast<std::uint32_t>(begin));
    // By value: else what is written to `places` might change it, for all the compiler knows.
    const auto narrow = [&](auto matches) {
      std::size_t kept = 0;
      for (std::size_t i = 0; i < count; ++i) {
        const std::uint32_t at = places[i];
        places[kept] = at;
        kept += matches(at) ? 1 : 0;
      }
      count = kept;
    };
    for (const auto& step : steps_) std::visit(narrow, step);
    return count;
  }

 private:
  // What each kind of criterion asks of the execution at a place.
  struct SameText {
    const Id* column;
    Id wanted;
    bool operator()(std::size_t at) const { return column[at] == wanted; }
  };
  struct CreatedWithin {
    const std::int64_t* column;
    std::int64_t from;
    std::int64_t to;
    bool operator()(std::size_t at) const { return column[at] >= from && column[at] < to; }
  };
  struct StatusAmong {
    const std::uint8_t* column;
    unsigned bits;
    bool operator()(std::size_t at) const { return (bits & (1U << column[at])) != 0; }
  };
  struct Keyword {
    const Columns* columns;
    std::optional<std::int64_t> number;
    std::shared_ptr<const KeywordMatches> matches;
    bool operator()(std::size_t at) const;
  };

  SameText stepOf(const IsExactly& exactly) {
    const std::size_t place = placeOf(exactly.column);
    const auto id = mirror_.exact_.at(place).find(exactly.text);
    if (!id) nothing_ = true;
    return {mirror_.columns_.exact[place].data(), id.value_or(kNoText)};
  }
  CreatedWithin stepOf(const IsCreatedWithin& created) const {
    using Millis = std::numeric_limits<std::int64_t>;
    return {mirror_.columns_.created_at_ms.data(),
            created.from ? toMillis(*created.from) : Millis::min(),
            created.to ? toMillis(*created.to) : Millis::max()};
  }
  StatusAmong stepOf(const HasStatus& statuses) const {
    unsigned bits = 0;
    for (const auto status : statuses.any_of) bits |= bitOf(status);
    return {mirror_.columns_.status.data(), bits};
  }
  Keyword stepOf(const HasKeyword& has) const {
    const auto& [number, text] = has.keyword;
    return {&mirror_.columns_, number, text.empty() ? nullptr : mirror_.matchesOf(sql_, text)};
  }

  ExecutionMirror& mirror_;
  Sql& sql_;
  ExecutionCriteria criteria_;
  std::vector<std::variant<SameText, CreatedWithin, StatusAmong, Keyword>> steps_;
  bool nothing_ = false;
};

bool ExecutionMirror::Matcher::Keyword::operator()(std::size_t at) const {
  if (number && columns->number[at] == *number) return true;
  if (!matches) return false;
  if (matches->names[columns->name[at]]) return true;
  const Id text = columns->text[at];
  if (text != kNoText && matches->texts[text]) return true;
  const auto& in_store = matches->in_store;
  return std::binary_search(in_store.begin(), in_store.end(), columns->number[at]);
}

ExecutionMirror::ExecutionMirror(const Limits& limits) : limits_{limits} {}
ExecutionMirror::~ExecutionMirror() = default;

bool ExecutionMirror::follow(Sql& sql, std::int64_t changes_before) {
  auto sums = sql.one(kSelectSums);
  const std::int64_t changes = sums->integer();
  const std::int64_t executions = sums->integer();
  if (names_overflow_.load()) return false;
  if (executions > static_cast<std::int64_t>(limits_.executions)) {
    if (changes_ == -1) return false;
    const std::unique_lock lock{mutex_, std::try_to_lock};
    if (lock) clear();
    return false;
  }
  // This transaction may be older than what another thread has read meanwhile, but not older than
  // what was known before it began: then the store was replaced by an older one.
  const auto upToDate = [&] {
    return changes_ == changes || (changes_ > changes && changes >= changes_before);
  };
  {
    const std::shared_lock lock{mutex_, std::try_to_lock};
    if (!lock) return false;
    if (upToDate()) return true;
  }
  const std::unique_lock lock{mutex_, std::try_to_lock};
  if (!lock) return false;
  if (upToDate()) return true;
  if (changes < changes_) clear();
  update(sql);
  if (nameBytes() <= limits_.name_bytes) return true;
  names_overflow_ = true;
  clear();
  return false;
}

std::size_t ExecutionMirror::nameBytes() const {
  std::size_t sum = names_.bytes();
  for (const auto& pool : exact_) sum += pool.bytes();
  return sum;
}

void ExecutionMirror::clear() {
  changes_ = -1;
  columns_ = {};
  unfinished_.clear();
  text_in_store_ = {};
  totals_ = drift_ = {};
  for (auto& pool : exact_) pool = {};
  for (auto* pool : {&names_, &texts_}) *pool = {};
  const std::lock_guard lock{keywords_mutex_};
  keywords_.clear();
}

void ExecutionMirror::update(Sql& sql) {
  ExecutionCounters counters = readCounters(sql);
  bool all_read = columns_.size() == 0;
  for (int attempt = 1;; ++attempt) {
    readUnfinished(sql);
    readNew(sql);
    if (totals_ - counters.totals == drift_ || attempt == kUpdateAttempts) break;
    const ExecutionCounters now = readCounters(sql);
    if (now.changes != counters.changes) {
      // Something was committed between the statements; it may be what makes them disagree.
      counters = now;
      continue;
    }
    if (all_read) {
      drift_ = totals_ - counters.totals;
      break;
    }
    clear();
    all_read = true;
  }
  changes_ = counters.changes;
}

void ExecutionMirror::readUnfinished(Sql& sql) {
  std::vector<std::int64_t> numbers;
  numbers.reserve(unfinished_.size());
  for (const auto position : unfinished_) numbers.push_back(columns_.number[position]);
  const std::string select =
      std::string{kSelectStates} + placeholders(kNumbersPerFetch) + ") ORDER BY number";
  for (std::size_t from = 0; from < numbers.size(); from += kNumbersPerFetch) {
    Values values;
    addNumbers(values, numbers, from);
    for (auto& row : sql.query({select, "isi"}, values)) {
      const std::int64_t number = row.integer();
      const auto status = parseExecutionStatus(row.text());
      const auto found = std::lower_bound(columns_.number.begin(), columns_.number.end(), number);
      if (!status) continue;
      const auto at = static_cast<std::size_t>(found - columns_.number.begin());
      totals_.count(columns_.statusAt(at), columns_.seconds[at], -1);
      columns_.status[at] = static_cast<std::uint8_t>(*status);
      columns_.seconds[at] = secondsOf(row.optionalInteger());
      totals_.count(*status, columns_.seconds[at], 1);
    }
  }
  std::erase_if(unfinished_, [&](std::uint32_t at) { return isFinal(columns_.statusAt(at)); });
}

void ExecutionMirror::readNew(Sql& sql) {
  std::string select{kSelectNew};
  std::string types = "isiis";
  for (const auto column : kExactColumns) {
    select += ", r." + std::string{nameOf(column)};
    types += 's';
  }
  select += kFromNew;
  while (true) {
    const std::int64_t after = columns_.number.empty() ? 0 : columns_.number.back();
    auto rows = sql.query({select, types},
                          {static_cast<std::int64_t>(limits_.longest_text), after, kRowsPerFetch});
    columns_.reserveFor(rows.size());
    for (auto& row : rows) append(row);
    if (static_cast<std::int64_t>(rows.size()) < kRowsPerFetch) return;
  }
}

void ExecutionMirror::append(Row& row) {
  Record record;
  record.number = row.integer();
  record.status = parseExecutionStatus(row.text()).value_or(ExecutionStatus::kFailed);
  record.created_at_ms = row.integer();
  record.seconds = secondsOf(row.optionalInteger());
  const std::string haystack = row.text();
  for (std::size_t i = 0; i < exact_.size(); ++i) record.exact[i] = exact_[i].add(row.text());
  const std::string_view whole{haystack};
  const auto line = whole.find('\n');
  record.name = names_.add(whole.substr(0, line));
  const auto text = line == std::string_view::npos ? std::string_view{} : whole.substr(line + 1);
  const auto known = haystack.empty() ? std::nullopt : texts_.find(text);
  if (known) {
    record.text = *known;
  } else if (!haystack.empty() && texts_.bytes() < limits_.text_bytes) {
    record.text = texts_.add(text);
  } else {
    record.text = kNoText;
    text_in_store_.push_back(record.number);
  }
  totals_.count(record.status, record.seconds, 1);
  if (!isFinal(record.status)) unfinished_.push_back(static_cast<std::uint32_t>(columns_.size()));
  columns_.add(record);
}

std::shared_ptr<const ExecutionMirror::KeywordMatches> ExecutionMirror::matchesOf(
    Sql& sql, const std::string& folded) {
  std::shared_ptr<const KeywordMatches> known;
  {
    const std::lock_guard lock{keywords_mutex_};
    const auto found = std::find_if(keywords_.begin(), keywords_.end(),
                                    [&](const auto& each) { return each->folded == folded; });
    if (found != keywords_.end()) {
      known = *found;
      keywords_.splice(keywords_.begin(), keywords_, found);
    }
  }
  // Names and texts are split at the first line's end, so such a keyword could match across.
  const bool spans = folded.find('\n') != std::string::npos;
  const std::size_t in_store = spans ? columns_.size() : text_in_store_.size();
  if (known && known->names.size() == names_.size() && known->texts.size() == texts_.size() &&
      known->searched == in_store) {
    return known;
  }
  auto matches =
      known ? std::make_shared<KeywordMatches>(*known) : std::make_shared<KeywordMatches>();
  matches->folded = folded;
  names_.markContaining(folded, matches->names);
  texts_.markContaining(folded, matches->texts);
  for (const auto number : searchInStore(sql, folded, matches->searched, spans)) {
    matches->in_store.push_back(number);
  }
  matches->searched = in_store;
  const std::lock_guard lock{keywords_mutex_};
  keywords_.remove(known);
  keywords_.push_front(matches);
  if (keywords_.size() > kMaxKeywords) keywords_.pop_back();
  return matches;
}

std::vector<std::int64_t> ExecutionMirror::searchInStore(Sql& sql, const std::string& folded,
                                                         std::size_t from, bool everything) const {
  const std::size_t count = (everything ? columns_.size() : text_in_store_.size()) - from;
  if (count == 0) return {};
  std::vector<std::int64_t> result;
  const auto collect = [&](std::vector<Row> rows) {
    for (auto& row : rows) result.push_back(row.integer());
  };
  const std::string pattern = containsPattern(folded);
  if (everything || count > kFewInStore) {
    const std::int64_t first = everything ? columns_.number[from] : text_in_store_[from];
    const std::int64_t last = everything ? columns_.number.back() : text_in_store_.back();
    collect(sql.query(kSearchBetween, {first, last, pattern}));
    return result;
  }
  const std::string select =
      std::string{kSearchAmong} + placeholders(kNumbersPerFetch) + ") ORDER BY number";
  for (std::size_t at = from; at < text_in_store_.size(); at += kNumbersPerFetch) {
    Values values{pattern};
    addNumbers(values, text_in_store_, at);
    collect(sql.query({select, "i"}, values));
  }
  return result;
}

std::optional<ExecutionMirror::Found> ExecutionMirror::page(Sql& sql, const ExecutionFilter& filter,
                                                            const PageRequest& page) {
  const std::shared_lock lock{mutex_, std::try_to_lock};
  if (!lock || changes_ == -1) return std::nullopt;
  const Matcher matches{*this, sql, filter};
  Found found;
  if (matches.nothing()) return found;
  const std::int64_t below =
      page.before_number > 0 ? page.before_number : std::numeric_limits<std::int64_t>::max();
  std::int64_t skip = page.before_number > 0 ? 0 : std::int64_t{page.page - 1} * page.page_size;
  const auto limit = static_cast<std::size_t>(page.page_size);
  const bool total_known = matches.onlyStatuses();
  if (total_known) found.total = sumOf(matches).all();

  std::size_t end = columns_.size();
  if (matches.everything() && page.before_number <= 0) {
    end -= static_cast<std::size_t>(std::min<std::int64_t>(skip, found.total));
    skip = 0;
  }
  Places places;
  while (end > 0 && !(total_known && found.numbers.size() == limit)) {
    const std::size_t begin = end - std::min(end, places.size());
    const std::size_t count = matches.select(begin, end - begin, places);
    end = begin;
    if (!total_known) found.total += static_cast<std::int64_t>(count);
    if (found.numbers.size() == limit) continue;
    for (std::size_t i = count; i-- > 0 && found.numbers.size() < limit;) {
      const std::int64_t number = columns_.number[places[i]];
      if (number < below && skip-- <= 0) found.numbers.push_back(number);
    }
  }
  return found;
}

ExecutionTotals ExecutionMirror::sumOf(const Matcher& matches) const {
  ExecutionTotals sum = totals_;
  for (std::size_t i = 1; i < sum.executions.size(); ++i) {
    const auto status = static_cast<ExecutionStatus>(i);
    if (matches.hasStatus(status)) continue;
    sum.of(status) = 0;
    if (status == ExecutionStatus::kCompleted) sum.durations = sum.duration_seconds = 0;
  }
  return sum;
}

std::optional<ExecutionTotals> ExecutionMirror::totals(Sql& sql, const ExecutionFilter& filter) {
  const std::shared_lock lock{mutex_, std::try_to_lock};
  if (!lock || changes_ == -1) return std::nullopt;
  const Matcher matches{*this, sql, filter};
  if (matches.nothing()) return ExecutionTotals{};
  if (matches.onlyStatuses()) return sumOf(matches);
  ExecutionTotals sum;
  Places places;
  for (std::size_t begin = 0; begin < columns_.size(); begin += places.size()) {
    const std::size_t all = std::min(places.size(), columns_.size() - begin);
    const std::size_t count = matches.select(begin, all, places);
    for (std::size_t i = 0; i < count; ++i) {
      sum.count(columns_.statusAt(places[i]), columns_.seconds[places[i]], 1);
    }
  }
  return sum;
}

}  // namespace oscar::store
