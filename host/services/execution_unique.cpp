#include "ddl/narrowing.hpp"
#include "ports/launch_check.hpp"
#include "services/execution_details.hpp"
#include "services/execution_findings.hpp"
#include "services/field_checks.hpp"

#include <algorithm>
#include <optional>
#include <set>

namespace oscar::services {
namespace {

using ddl::Clause;
using ddl::ClauseKind;
using ddl::ColumnDefinition;
using Severity = Finding::Severity;

// pt-osc copies with INSERT IGNORE, so two rows that a unique key of the new table takes for equal
// become one, and the run still succeeds. Whatever cannot be proven here is refused: a direct ALTER
// fails cleanly in the same case.

/// A unique key that the statement adds.
struct NewKey {
  std::string name;
  std::vector<ddl::KeyPart> parts;
  bool primary = false;
};

std::vector<NewKey> newKeys(const ddl::AlterStatement& statement) {
  std::vector<NewKey> keys;
  for (const Clause& clause : statement.clauses) {
    const bool primary = clause.kind == ClauseKind::kAddPrimaryKey;
    if (primary || (clause.kind == ClauseKind::kAddIndex && clause.unique)) {
      // A key without a name is called after its first column.
      const bool unnamed = clause.name.empty() && !clause.key_parts.empty();
      const std::string& name = unnamed ? clause.key_parts.front().column : clause.name;
      keys.push_back({primary ? "PRIMARY" : name, clause.key_parts, primary});
    } else if (clause.column && (clause.column->unique_key || clause.column->primary_key)) {
      const std::string& column = clause.new_name.empty() ? clause.name : clause.new_name;
      keys.push_back({clause.column->primary_key ? "PRIMARY" : column,
                      {ddl::KeyPart{column, std::nullopt, {}}},
                      clause.column->primary_key});
    }
  }
  return keys;
}

/// The clause that adds or changes a column which will have this name.
const Clause* clauseOf(const ddl::AlterStatement& statement, const std::string& column,
                       bool added) {
  for (const Clause& clause : statement.clauses) {
    const bool is_add = clause.kind == ClauseKind::kAddColumn;
    const bool is_change =
        clause.kind == ClauseKind::kModifyColumn || clause.kind == ClauseKind::kChangeColumn;
    if (added ? !is_add : !is_change) continue;
    const std::string& name = clause.new_name.empty() ? clause.name : clause.new_name;
    if (lowerAscii(name) == lowerAscii(column)) return &clause;
  }
  return nullptr;
}

bool isString(const ColumnDefinition& column) {
  return column.type.ends_with("char") || column.type.ends_with("text") || column.type == "enum" ||
         column.type == "set";
}

/// `general_ci` of `utf8mb4_general_ci`; empty for `binary`.
std::string comparisonOf(const std::string& collation) {
  const auto bar = collation.find('_');
  return bar == collation.npos ? "" : collation.substr(bar + 1);
}

/// True when no two different values become equal by the change of collation.
bool keepsDistinct(const std::string& now, const std::string& wanted) {
  if (now == wanted) return true;
  if (now.empty() || wanted.empty()) return false;
  const auto charset = [](const std::string& collation) {
    return collation.substr(0, collation.find('_'));
  };
  const bool widened = (charset(now) == "utf8" || charset(now) == "utf8mb3") &&
                       (charset(wanted) == "utf8mb4" || charset(wanted) == "utf8mb3");
  // The same comparison over a larger set of characters. MariaDB's uca1400 and MySQL's 0900
  // families differ between sets, so they do not count.
  const std::string comparison = comparisonOf(now);
  const bool classic =
      comparison == "general_ci" || comparison == "unicode_ci" || comparison == "bin";
  return widened && classic && comparison == comparisonOf(wanted);
}

std::string join(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

class UniqueCheck {
 public:
  UniqueCheck(const ExecutionSurvey& survey, const ExecutionSettings& settings,
              ExecutionFindings& findings)
      : survey_{survey}, settings_{settings}, findings_{findings} {}

  void run() {
    for (const NewKey& key : newKeys(survey_.statement)) checkNewKey(key);
    for (const auto& index : survey_.described.indexes) {
      if (index.unique && !isDropped(index)) checkKeptKey(index);
    }
    if (watched_) {
      findings_.add(
          Severity::kInfo, std::string{ports::kRowCountCheck},
          {"涉及唯一键：交换表之前会核对新旧两表的行数，若新表缺行则不交换；交换之后还会在旧表中"
           "查找重复值（大表可能较久，不阻塞写入），若有则保留旧表。",
           "A unique key is concerned: before the tables are swapped the rows of both are "
           "counted, and nothing is swapped if the new table lacks any. After the swap the old "
           "table is searched for values that repeat (long for big tables, but it blocks no "
           "writes), and kept if there are any."});
    }
    const std::string text = lowerAscii(survey_.statement.alter_text);
    // pt-osc looks for these words anywhere in the text.
    findings_.checks.skip_unique_check =
        text.find("unique") != text.npos || text.find("primary") != text.npos;
  }

 private:
  void refuse(const std::string& code, const std::string& key, const Text& why) {
    findings_.add(Severity::kRefuse, code,
                  {"唯一键 " + key + "：" + why.zh + "pt-osc 会悄悄丢弃重复的行，因此拒绝。",
                   "Unique key " + key + ": " + why.en +
                       " pt-osc would silently drop rows that repeat, so it is refused."},
                  detailJson("key", key));
  }

  bool isDropped(const ports::IndexFacts& index) const {
    const std::string name = lowerAscii(index.name);
    return std::any_of(
        survey_.statement.clauses.begin(), survey_.statement.clauses.end(), [&](const Clause& c) {
          if (c.kind == ClauseKind::kDropPrimaryKey) return name == "primary";
          return (c.kind == ClauseKind::kDropIndex || c.kind == ClauseKind::kDropConstraint) &&
                 lowerAscii(c.name) == name;
        });
  }

  void checkNewKey(const NewKey& key) {
    watched_ = true;
    std::vector<std::string> columns;  // as they are called now
    for (const ddl::KeyPart& part : key.parts) {
      if (!part.expression.empty()) {
        return refuse("unique_unverifiable", key.name,
                      {"含有表达式，无法事先检查重复值。请直接执行 ALTER。",
                       "it has an expression, so duplicates cannot be looked for. Run the ALTER "
                       "directly."});
      }
      if (const Clause* added = clauseOf(survey_.statement, part.column, true)) {
        const ColumnDefinition& column = *added->column;
        const bool always_null = column.nullable && !column.default_text && !column.generated;
        const bool is_null_default = column.nullable && !column.generated && column.default_text &&
                                     lowerAscii(*column.default_text) == "null";
        if (column.auto_increment) return;
        if ((always_null || is_null_default) && !key.primary) return;  // NULLs are never equal
        return refuse("unique_new_column", key.name,
                      {"包含同一语句新增的列 " + part.column +
                           "，所有行的值可能相同。请先增加列并填好数据，再增加唯一键。",
                       "it contains the column " + part.column +
                           " that the same statement adds, where all rows may be equal. Add and "
                           "fill the column first, then add the key."});
      }
      const auto now = currentColumn(key, part);
      if (!now) return;
      columns.push_back(*now);
    }
    if (!columns.empty() && !isSubsumed(columns)) askForDuplicates(key.name, columns);
  }

  /// The present name of a key column; nullopt after a refusal.
  std::optional<std::string> currentColumn(const NewKey& key, const ddl::KeyPart& part) {
    const Clause* changed = clauseOf(survey_.statement, part.column, false);
    const std::string name = changed != nullptr ? changed->name : part.column;
    const ports::ColumnFacts* facts = findColumn(survey_, name);
    if (facts == nullptr) return std::nullopt;  // checkNames has complained
    const auto now = definitionOf(*facts);
    if (part.prefix_length &&
        !(now && now->length && isString(*now) && *part.prefix_length >= *now->length)) {
      refuse("unique_unverifiable", key.name,
             {"只取列 " + part.column + " 的前缀，无法事先检查重复值。请直接执行 ALTER。",
              "it uses only a prefix of the column " + part.column +
                  ", so duplicates cannot be looked for. Run the ALTER directly."});
      return std::nullopt;
    }
    if (changed != nullptr && mayCollide(*facts, *changed->column)) {
      refuse("unique_column_changes", key.name,
             {"同一语句还改变了列 " + part.column + " 的类型或排序规则。请分两次执行。",
              "the same statement changes the type or collation of the column " + part.column +
                  ". Do it in two steps."});
      return std::nullopt;
    }
    return facts->name;
  }

  /// A key over the columns of an existing key without NULLs and more can have no duplicates.
  bool isSubsumed(const std::vector<std::string>& columns) const {
    std::set<std::string> wanted;
    for (const auto& column : columns) wanted.insert(lowerAscii(column));
    return std::any_of(survey_.described.indexes.begin(), survey_.described.indexes.end(),
                       [&](const ports::IndexFacts& index) {
                         return index.unique && !index.columns.empty() &&
                                std::all_of(index.columns.begin(), index.columns.end(),
                                            [&](const std::string& name) {
                                              const auto* column = findColumn(survey_, name);
                                              return wanted.contains(lowerAscii(name)) &&
                                                     column != nullptr && !column->nullable;
                                            });
                       });
  }

  void askForDuplicates(const std::string& key, const std::vector<std::string>& columns) {
    survey_.requireGoingOn();
    const int limit = settings_.duplicate_check_seconds;
    const auto found =
        survey_.session->findDuplicates(survey_.database, survey_.table, columns, limit);
    if (!found) {
      findings_.changes_values = true;
      findings_.add(Severity::kConfirm, "duplicates_unknown",
                    {"唯一键 " + key + "：" + std::to_string(limit) + " 秒内没能查完列 " +
                         join(columns) + " 是否有重复值；若有重复，重复的行会丢失。",
                     "Unique key " + key + ": the search for duplicates in " + join(columns) +
                         " did not end within " + std::to_string(limit) +
                         " seconds; rows that repeat would be lost."},
                    {}, key + " (" + join(columns) + ")");
      return;
    }
    if (found->groups == 0) return;
    const std::string count = (found->groups >= 1000 ? "≥ " : "") + std::to_string(found->groups);
    findings_.add(
        Severity::kRefuse, "duplicate_values",
        {"唯一键 " + key + "：列 " + join(columns) + " 有 " + count + " 组重复值，例如 " +
             join(found->examples) + "。pt-osc 会悄悄丢弃重复的行，因此拒绝；请先处理重复值。",
         "Unique key " + key + ", " + join(columns) +
             ": values that occur more than once: " + count + ", e.g. " + join(found->examples) +
             ". pt-osc would silently drop rows that repeat, so it is refused; resolve the "
             "duplicates first."},
        json::Writer{}
            .beginObject()
            .field("key", key)
            .field("columns", columns)
            .field("count", found->groups)
            .field("examples", found->examples)
            .endObject()
            .take());
  }

  /// A key that stays while one of its columns changes: values that differ today may become equal.
  void checkKeptKey(const ports::IndexFacts& index) {
    const auto dropped =
        std::count_if(index.columns.begin(), index.columns.end(),
                      [&](const std::string& column) { return isDroppedColumn(column); });
    if (dropped > 0 && dropped < std::ssize(index.columns)) {
      return refuse("unique_column_dropped", index.name,
                    {"删除它的一列会使该键变窄。请在同一语句中删除该索引。",
                     "dropping one of its columns makes the key narrower. Drop that index in the "
                     "same statement."});
    }
    for (const std::string& column : index.columns) {
      const ports::ColumnFacts* facts = findColumn(survey_, column);
      if (facts != nullptr && isTouched(*facts)) watched_ = true;
      if (facts != nullptr && isAffected(*facts)) {
        return refuse("unique_column_changes", index.name,
                      {"列 " + column +
                           " 的类型或排序规则改变后，原来不同的值可能变得相同。请写明不变的 "
                           "COLLATE，或直接执行 ALTER。",
                       "after the change of the type or collation of " + column +
                           ", values that differ today may become equal. Name the present "
                           "collation by COLLATE, or run the ALTER directly."});
      }
    }
  }

  /// True when the statement writes the column anew, harmlessly or not.
  bool isTouched(const ports::ColumnFacts& column) const {
    return std::any_of(
        survey_.statement.clauses.begin(), survey_.statement.clauses.end(), [&](const Clause& c) {
          const bool converts = c.converts && !column.charset.empty();
          return converts ||
                 ((c.kind == ClauseKind::kModifyColumn || c.kind == ClauseKind::kChangeColumn) &&
                  lowerAscii(c.name) == lowerAscii(column.name));
        });
  }

  bool isAffected(const ports::ColumnFacts& column) const {
    return std::any_of(survey_.statement.clauses.begin(), survey_.statement.clauses.end(),
                       [&](const Clause& clause) { return affects(clause, column); });
  }

  bool isDroppedColumn(const std::string& column) const {
    return std::any_of(survey_.statement.clauses.begin(), survey_.statement.clauses.end(),
                       [&](const Clause& clause) {
                         return clause.kind == ClauseKind::kDropColumn &&
                                lowerAscii(clause.name) == lowerAscii(column);
                       });
  }

  bool affects(const Clause& clause, const ports::ColumnFacts& column) const {
    if (clause.kind == ClauseKind::kModifyColumn || clause.kind == ClauseKind::kChangeColumn) {
      return lowerAscii(clause.name) == lowerAscii(column.name) && clause.column &&
             mayCollide(column, *clause.column);
    }
    // Without a collation the server's default for the character set holds, unknown here.
    return clause.converts && !column.charset.empty() &&
           !keepsDistinct(column.collation, clause.collation);
  }

  bool mayCollide(const ports::ColumnFacts& facts, const ColumnDefinition& wanted) const {
    const auto now = definitionOf(facts);
    if (!now) return true;
    ColumnDefinition full = wanted;
    if (isString(wanted) && !facts.charset.empty()) {
      full.collation = wantedCollation(wanted);
      if (!keepsDistinct(facts.collation, full.collation)) return true;
      full.charset = full.collation.substr(0, full.collation.find('_'));
    }
    return ddl::narrows(*now, full);
  }

  /// Without words about it, a column gets the table's default; a character set alone brings the
  /// server's default collation for it, which is not known here (empty).
  std::string wantedCollation(const ColumnDefinition& wanted) const {
    if (!wanted.collation.empty()) return wanted.collation;
    if (!wanted.charset.empty()) return {};
    // A default that the same statement sets, before or behind, already holds for this column; of
    // several the last one does.
    std::string collation = survey_.described.facts.collation;
    for (const Clause& clause : survey_.statement.clauses) {
      if (setsDefaultCharset(clause)) collation = clause.collation;
    }
    return collation;
  }

  const ExecutionSurvey& survey_;
  const ExecutionSettings& settings_;
  ExecutionFindings& findings_;
  bool watched_ = false;  ///< a key is new or rests on values that are written anew
};

}  // namespace

void findUniqueLosses(const ExecutionSurvey& survey, const ExecutionSettings& settings,
                      ExecutionFindings& findings) {
  UniqueCheck{survey, settings, findings}.run();
}

}  // namespace oscar::services
