#include "store/sql.hpp"

#include "store/link.hpp"

#include <array>
#include <cstdio>

namespace oscar::store {
namespace {

/// `2026-01-15 10:30:00.123`, the literal of DATETIME(3).
std::string mysqlTime(Timestamp time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  std::array<char, 64> text{};
  const int length = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02u %02d:%02d:%02d.%03d", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return std::string(text.data(), static_cast<std::size_t>(length));
}

Values bound(const Values& values, Dialect dialect) {
  Values result = values;
  for (auto& value : result) {
    if (const auto* time = std::get_if<Timestamp>(&value)) {
      if (dialect == Dialect::kMysql) {
        value = mysqlTime(*time);
      } else {
        value = toMillis(*time);
      }
    }
  }
  return result;
}

std::string expandMark(std::string_view mark, Dialect dialect) {
  const bool mysql = dialect == Dialect::kMysql;
  if (mark == "lock") return mysql ? " FOR UPDATE" : "";
  if (mark.starts_with("ms:")) {
    const std::string column{mark.substr(3)};
    return mysql ? "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', " + column + ") DIV 1000" : column;
  }
  if (mark.starts_with("index:")) {
    const std::string name{mark.substr(6)};
    return mysql ? " FORCE INDEX (" + name + ")" : " INDEXED BY " + name;
  }
  throw SqlError{SqlFailure::kStatement, "unknown mark in a statement: " + std::string{mark}};
}

std::string expand(std::string_view sql, Dialect dialect) {
  std::string result;
  result.reserve(sql.size() + 256);
  while (true) {
    const auto open = sql.find('{');
    result += sql.substr(0, open);
    if (open == std::string_view::npos) return result;
    const auto close = sql.find('}', open);
    result += expandMark(sql.substr(open + 1, close - open - 1), dialect);
    sql.remove_prefix(close + 1);
  }
}

}  // namespace

std::string Row::text() {
  auto* text = std::get_if<std::string>(&next());
  return text ? std::move(*text) : std::string{};
}

std::optional<std::int64_t> Row::optionalInteger() {
  const auto* number = std::get_if<std::int64_t>(&next());
  return number ? std::optional{*number} : std::nullopt;
}

std::optional<double> Row::optionalReal() {
  const auto* number = std::get_if<double>(&next());
  return number ? std::optional{*number} : std::nullopt;
}

std::optional<Timestamp> Row::optionalTime() {
  const auto millis = optionalInteger();
  return millis ? std::optional{fromMillis(*millis)} : std::nullopt;
}

Text Row::bilingual() {
  std::string zh = text();
  return Text{std::move(zh), text()};
}

std::vector<Row> Sql::query(const Query& query, const Values& values) {
  return link_.query(expand(query.sql, dialect_), query.columns, bound(values, dialect_));
}

std::optional<Row> Sql::one(const Query& wanted, const Values& values) {
  auto rows = query(wanted, values);
  if (rows.empty()) return std::nullopt;
  return std::move(rows.front());
}

std::int64_t Sql::execute(std::string_view sql, const Values& values) {
  return link_.execute(expand(sql, dialect_), bound(values, dialect_));
}

std::int64_t Sql::lastInsertId() {
  const Query query{
      dialect_ == Dialect::kMysql ? "SELECT LAST_INSERT_ID()" : "SELECT last_insert_rowid()", "i"};
  return one(query)->integer();
}

std::string containsPattern(std::string_view word) {
  std::string pattern = "%";
  for (const char c : word) {
    if (c == '%' || c == '_' || c == '!') pattern += '!';
    pattern += c;
  }
  return pattern + '%';
}

std::string placeholders(std::size_t count) {
  std::string list;
  for (std::size_t i = 0; i < count; ++i) list += i == 0 ? "?" : ", ?";
  return list;
}

}  // namespace oscar::store
