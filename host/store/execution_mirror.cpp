#include "store/execution_mirror.hpp"

#include "store/execution_counters.hpp"
#include "store/execution_keyword.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <string_view>

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
constexpr Query kSelectNew{
    "SELECT r.number, r.status, {ms:r.created_at}, r.ddl_type, r.duration_seconds,"
    " r.connection_id, r.created_by, r.database_name, r.table_name,"
    " CASE WHEN LENGTH(s.haystack) <= ? THEN s.haystack END"
    " FROM execution_records r{index:idx_filter}"
    " LEFT JOIN execution_search s ON s.number = r.number"
    " WHERE r.number > ? ORDER BY r.number LIMIT ?",
    "isisisssss"};
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
  DdlType ddl_type = DdlType::kOther;
  Id database = 0;
  Id table = 0;
  Id name = 0;
  Id connection = 0;
  Id user = 0;
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
  for (auto* column : {&database, &table, &name, &connection, &user, &text}) {
    column->reserve(wanted);
  }
  seconds.reserve(wanted);
  status.reserve(wanted);
  ddl_type.reserve(wanted);
}

void ExecutionMirror::Columns::add(const Record& record) {
  number.push_back(record.number);
  created_at_ms.push_back(record.created_at_ms);
  seconds.push_back(record.seconds);
  status.push_back(static_cast<std::uint8_t>(record.status));
  ddl_type.push_back(static_cast<std::uint8_t>(record.ddl_type));
  database.push_back(record.database);
  table.push_back(record.table);
  name.push_back(record.name);
  connection.push_back(record.connection);
  user.push_back(record.user);
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

/// A filter with its words looked up. A new filter goes into Matcher AND conditionOf
/// (execution_scan.cpp) AND matches (execution_search_test.cpp).
class ExecutionMirror::Matcher {
 public:
  Matcher(ExecutionMirror& mirror, Sql& sql, const ExecutionFilter& filter)
      : columns_{mirror.columns_} {
    lookUp(mirror.databases_, filter.database_name, database_);
    lookUp(mirror.tables_, filter.table_name, table_);
    lookUp(mirror.connections_, filter.connection_id, connection_);
    lookUp(mirror.users_, filter.created_by, user_);
    if (filter.ddl_type) {
      ddl_type_ = static_cast<std::uint8_t>(*filter.ddl_type);
      only_statuses_ = false;
    }
    if (filter.from) from_ = toMillis(*filter.from);
    if (filter.to) to_ = toMillis(*filter.to);
    if (filter.from || filter.to) {
      has_time_ = true;
      only_statuses_ = false;
    }
    for (const auto status : filter.statuses) statuses_ |= bitOf(status);
    if (filter.statuses.empty()) statuses_ = ~0U;
    if (filter.keyword.empty()) return;
    only_statuses_ = false;
    has_keyword_ = true;
    const ExecutionKeyword keyword{filter.keyword};
    number_ = keyword.number;
    if (!keyword.text.empty()) matches_ = mirror.matchesOf(sql, keyword.text);
  }

  bool nothing() const { return nothing_; }
  bool everything() const { return only_statuses_ && statuses_ == ~0U; }
  bool onlyStatuses() const { return only_statuses_; }
  bool hasStatus(ExecutionStatus status) const { return (statuses_ & bitOf(status)) != 0; }

  /// The places of those that match among `count` from `begin` on, ascending. One filter after the
  /// other narrows them down, without branches that depend on the data.
  std::size_t select(std::size_t begin, std::size_t count, Places& places) const {
    std::iota(places.begin(), places.begin() + count, static_cast<std::uint32_t>(begin));
    const auto narrow = [&](bool wanted, auto&& matches) {
      if (!wanted) return;
      std::size_t kept = 0;
      for (std::size_t i = 0; i < count; ++i) {
        const std::uint32_t at = places[i];
        places[kept] = at;
        kept += matches(at) ? 1 : 0;
      }
      count = kept;
    };
    const auto narrowTo = [&](const std::optional<Id>& id, const std::vector<Id>& column) {
      narrow(id.has_value(),
             [&, wanted = id.value_or(0)](auto at) { return column[at] == wanted; });
    };
    narrowTo(table_, columns_.table);
    narrowTo(database_, columns_.database);
    narrowTo(user_, columns_.user);
    narrowTo(connection_, columns_.connection);
    narrow(ddl_type_ != 0, [&](auto at) { return columns_.ddl_type[at] == ddl_type_; });
    narrow(has_time_, [&](auto at) {
      return columns_.created_at_ms[at] >= from_ && columns_.created_at_ms[at] < to_;
    });
    narrow(statuses_ != ~0U, [&](auto at) { return hasStatus(columns_.statusAt(at)); });
    narrow(has_keyword_, [&](auto at) { return hasKeyword(at); });
    return count;
  }

 private:
  void lookUp(const TextPool& pool, const std::string& wanted, std::optional<Id>& id) {
    if (wanted.empty()) return;
    only_statuses_ = false;
    id = pool.find(wanted);
    if (!id) nothing_ = true;
  }
  bool hasKeyword(std::size_t at) const {
    if (number_ && columns_.number[at] == *number_) return true;
    if (!matches_) return false;
    if (matches_->names[columns_.name[at]]) return true;
    const Id text = columns_.text[at];
    if (text != kNoText && matches_->texts[text]) return true;
    const auto& in_store = matches_->in_store;
    return std::binary_search(in_store.begin(), in_store.end(), columns_.number[at]);
  }

  const Columns& columns_;
  bool nothing_ = false;
  bool only_statuses_ = true;
  bool has_time_ = false;
  bool has_keyword_ = false;
  unsigned statuses_ = 0;
  std::uint8_t ddl_type_ = 0;
  std::int64_t from_ = std::numeric_limits<std::int64_t>::min();
  std::int64_t to_ = std::numeric_limits<std::int64_t>::max();
  std::optional<Id> database_;
  std::optional<Id> table_;
  std::optional<Id> connection_;
  std::optional<Id> user_;
  std::optional<std::int64_t> number_;
  std::shared_ptr<const KeywordMatches> matches_;
};

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
  return databases_.bytes() + tables_.bytes() + names_.bytes() + connections_.bytes() +
         users_.bytes();
}

void ExecutionMirror::clear() {
  changes_ = -1;
  columns_ = {};
  unfinished_.clear();
  text_in_store_ = {};
  totals_ = drift_ = {};
  for (auto* pool : {&databases_, &tables_, &names_, &connections_, &users_, &texts_}) *pool = {};
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
  while (true) {
    const std::int64_t after = columns_.number.empty() ? 0 : columns_.number.back();
    auto rows = sql.query(kSelectNew,
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
  record.ddl_type = parseDdlType(row.text()).value_or(DdlType::kOther);
  record.seconds = secondsOf(row.optionalInteger());
  record.connection = connections_.add(row.text());
  record.user = users_.add(row.text());
  record.database = databases_.add(row.text());
  record.table = tables_.add(row.text());
  const std::string haystack = row.text();
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
