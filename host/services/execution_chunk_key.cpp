// Keys by which pt-osc cannot cut a table into chunks without losing rows, or at all. Measured with
// pt-osc 3.2.1 on MariaDB 10.11 and MySQL 9.7.
#include "services/execution_details.hpp"
#include "services/execution_findings.hpp"
#include "services/field_checks.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <vector>

namespace oscar::services {
namespace {

using Severity = Finding::Severity;
using Indexes = std::vector<const ports::IndexFacts*>;

/// The index that pt-osc will cut by, or those of which it may take any: the one asked for, else
/// the primary key, else the unique keys without NULLs that have the fewest columns.
Indexes chunkIndexes(const ExecutionSurvey& survey, const ExecutionParams& params) {
  std::string wanted = "primary";
  const auto asked = params.extra.find("chunk-index");
  const bool is_asked = asked != params.extra.end();
  if (is_asked) wanted = lowerAscii(asked->second);
  Indexes found;
  for (const auto& index : survey.described.indexes) {
    if (lowerAscii(index.name) == wanted) return {&index};
    if (is_asked || !identifiesRows(survey, index)) continue;
    if (!found.empty() && index.columns.size() < found.front()->columns.size()) found.clear();
    if (found.empty() || index.columns.size() == found.front()->columns.size()) {
      found.push_back(&index);
    }
  }
  return found;
}

/// `bit(8)` → `bit`, `double unsigned` → `double`.
std::string_view typeWord(std::string_view column_type) {
  return column_type.substr(0, column_type.find_first_of("( "));
}

/// Why rows may be lost, or nothing be copied, when chunks are bounded by values of this column.
std::optional<Text> whyUnfit(const ExecutionSurvey& survey, const ports::ColumnFacts& column,
                             bool is_first) {
  constexpr std::array<std::string_view, 3> kInexact{"float", "double", "real"};
  const std::string type = lowerAscii(column.column_type);
  const std::string_view word = typeWord(type);
  if (std::find(kInexact.begin(), kInexact.end(), word) != kInexact.end()) {
    return Text{"浮点值写成文本后不再精确，块与块之间的行会丢失",
                "values of a floating-point type are not exact as text, so rows between two chunks "
                "get lost"};
  }
  if (word == "set") {
    return Text{"SET 的值按文本比较，却按编号排序，块与块之间的行会丢失",
                "values of a SET are compared as text but ordered by number, so rows between two "
                "chunks get lost"};
  }
  if (word == "bit") {
    return Text{"BIT 的值无法作为块的边界传递，复制会失败",
                "values of a BIT column cannot be passed as a chunk's bounds, so the copy fails"};
  }
  if (column.nullable) {
    return Text{"含有 NULL 的行不在任何块中", "rows with NULL are in none of the chunks"};
  }
  if (word == "enum" && is_first && survey.mariadb()) {
    return Text{"以 ENUM 列开头的索引不会被用于分块，复制会失败",
                "an index that begins with an ENUM is not used for the chunks, so the copy fails"};
  }
  if (word == "timestamp" && survey.server.shifts_clock) {
    return Text{"服务器的时区有夏令时：回拨的那一小时里时间会重复，块与块之间的行会丢失",
                "the server's time zone has daylight saving: local times repeat in the hour that "
                "is set back, so rows between two chunks get lost"};
  }
  return std::nullopt;
}

}  // namespace

void findChunkKeyDoubts(const ExecutionSurvey& survey, const ExecutionParams& params,
                        ExecutionFindings& findings) {
  for (const auto* index : chunkIndexes(survey, params)) {
    for (const auto& name : index->columns) {
      const auto* column = findColumn(survey, name);
      if (column == nullptr) continue;  // a part that is an expression
      const auto why = whyUnfit(survey, *column, name == index->columns.front());
      if (!why) continue;
      findings.add(
          Severity::kRefuse, "chunk_key",
          {"pt-osc 按索引 " + index->name + " 分块复制，其中的列 " + name + "（" +
               column->column_type + "）不适合：" + why->zh +
               "。请用 chunk-index 指定另一个唯一索引，或直接执行 ALTER。",
           "pt-osc cuts the table into chunks by the index " + index->name + ", and its column " +
               name + " (" + column->column_type + ") is unfit for that: " + why->en +
               ". Name another unique index by chunk-index, or run the ALTER directly."},
          detailJson("column", name));
    }
  }
  for (const auto& column : survey.described.columns) {
    if (column.name.find('`') == std::string::npos) continue;
    findings.add(Severity::kRefuse, "backtick_in_name",
                 {"列名 " + column.name + " 含有反引号，pt-osc 无法创建触发器。请直接执行 ALTER。",
                  "The name of the column " + column.name +
                      " has a backtick, with which pt-osc cannot create its triggers. Run the "
                      "ALTER directly."},
                 detailJson("column", column.name));
  }
}

}  // namespace oscar::services
