#include "ddl/narrowing.hpp"
#include "json/writer.hpp"
#include "services/execution_findings.hpp"
#include "services/field_checks.hpp"

#include <optional>

namespace oscar::services {
namespace {

using ddl::Clause;
using ddl::ClauseKind;
using ddl::ColumnDefinition;
using ports::RowQuestion;
using Severity = Finding::Severity;

// What the new table does not take, pt-osc's INSERT IGNORE leaves out. pt-osc notices by the
// warnings of the statement and gives up (measured with 3.2.1: CHECK, foreign key, partition, NULL,
// missing default), so such a run ends in the middle of the copy. Meanwhile its triggers refuse the
// application's own writes of such rows. Where the warnings may be cut off, rows are lost.

constexpr int kAccessDenied = 1142;
constexpr int kColumnDenied = 1143;

bool redefines(const Clause& clause) {
  return clause.kind == ClauseKind::kModifyColumn || clause.kind == ClauseKind::kChangeColumn;
}

std::string named(const Clause& clause) {
  return clause.new_name.empty() ? clause.name : clause.new_name;
}

std::string join(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

class RowLosses {
 public:
  RowLosses(const ExecutionSurvey& survey, const ExecutionParams& params,
            const ExecutionSettings& settings, ExecutionFindings& findings)
      : survey_{survey},
        settings_{settings},
        fills_nulls_{params.extra.contains("null-to-not-null") &&
                     params.extra.at("null-to-not-null") != "false"},
        findings_{findings} {}

  void run() {
    for (const Clause& clause : survey_.statement.clauses) {
      if (clause.kind == ClauseKind::kAddColumn && clause.column) checkAddedColumn(clause);
      if (redefines(clause) && clause.column) checkRedefinition(clause);
      if (clause.kind == ClauseKind::kAddPrimaryKey) checkNulls(clause.columns);
      if (clause.kind == ClauseKind::kAddForeignKey) checkParents(clause);
      if (clause.enforcesCheck()) checkUnproven(clause);
      if (clause.mayLackPartition()) partitionUnproven();
    }
  }

 private:
  static std::string details(const std::vector<std::string>& columns,
                             const ports::FoundRows& found) {
    return json::Writer{}
        .beginObject()
        .field("columns", columns)
        .field("count", found.count)
        .field("examples", found.examples)
        .endObject()
        .take();
  }

  /// nullopt when it cannot be known: too slow, or the account may not read that table.
  std::optional<ports::FoundRows> ask(const RowQuestion& question) {
    survey_.requireGoingOn();
    try {
      return survey_.session->findRows(survey_.database, survey_.table, question,
                                       settings_.duplicate_check_seconds);
    } catch (const ports::TargetError& error) {
      if (error.code() != kAccessDenied && error.code() != kColumnDenied) throw;
      return std::nullopt;
    }
  }

  void checkAddedColumn(const Clause& clause) {
    const ColumnDefinition& column = *clause.column;
    if (column.generated && column.stored) {
      findings_.changes_values = true;
      findings_.add(Severity::kConfirm, "generated_may_be_cut",
                    {clause.name + "：计算结果放不进该列类型时会被截断（直接 ALTER 会报错）。",
                     clause.name + ": computed values that do not fit the column's type are cut "
                                   "(a direct ALTER would fail)."},
                    {}, clause.name);
    }
    if (column.referenced_table && column.default_text &&
        lowerAscii(*column.default_text) != "null") {
      unproven("foreign_key_unverified", clause.name,
               {"外键列 " + clause.name + " 的默认值",
                "the default of the foreign key column " + clause.name});
    }
    const bool filled = column.nullable || column.default_text || column.auto_increment ||
                        column.generated || column.type == "enum" || defaultsToNow(column);
    if (filled) return;
    findings_.add(
        Severity::kRefuse, "no_default",
        {clause.name + "：NOT NULL 列没有 DEFAULT，pt-osc 的复制会失败（直接 ALTER "
                       "会填入 0 或空值），执行期间应用的写入也会报错。请写明 DEFAULT。",
         clause.name + ": a NOT NULL column without DEFAULT makes pt-osc's copy fail (a direct "
                       "ALTER would fill in 0 or an empty value), and the application's inserts "
                       "too while it runs. Write a DEFAULT."},
        {}, clause.name);
  }

  /// Without explicit_defaults_for_timestamp such columns have a default of their own.
  bool defaultsToNow(const ColumnDefinition& column) {
    if (column.type != "timestamp") return false;
    const std::string name = "explicit_defaults_for_timestamp";
    return survey_.session->variables({name})[name] == "OFF";
  }

  void checkRedefinition(const Clause& clause) {
    const ports::ColumnFacts* facts = findColumn(survey_, clause.name);
    if (facts == nullptr) return;
    if (facts->generated && !clause.column->generated) {
      findings_.add(Severity::kRefuse, "generated_to_plain",
                    {clause.name + "：现在是生成列。pt-osc 不复制生成列的值，改为普通列后会全部"
                                   "变成 NULL，因此拒绝。请直接执行 ALTER。",
                     clause.name + ": is a generated column now. pt-osc does not copy such "
                                   "columns, so as a plain one it would be NULL in every row; "
                                   "it is refused. Run the ALTER directly."},
                    {}, clause.name);
    }
    if (cutsValues(*facts, *clause.column)) findings_.changes_values = true;
    if (!clause.column->nullable) checkNulls({clause.name});
    if (clause.column->referenced_table) {
      unproven("foreign_key_unverified", clause.name,
               {"外键列 " + clause.name + " 的值",
                "the values of the foreign key column " + clause.name});
    }
  }

  /// The columns become NOT NULL: is there a NULL in them?
  void checkNulls(const std::vector<std::string>& columns) {
    std::vector<std::string> nullable;
    for (const std::string& column : columns) {
      const ports::ColumnFacts* facts = findColumn(survey_, column);
      if (facts != nullptr && facts->nullable && !facts->generated) {
        nullable.push_back(facts->name);
      }
    }
    if (nullable.empty() || fills_nulls_) return;
    RowQuestion question;
    question.columns = nullable;
    const auto found = ask(question);
    const std::string list = join(nullable);
    if (!found) {
      return unproven("nulls_unknown", list,
                      {"列 " + list + " 中是否有 NULL", "whether there are NULLs in " + list});
    }
    if (found->count == 0) return;
    const std::string count = countText(*found);
    findings_.add(Severity::kRefuse, "null_values",
                  {"列 " + list + " 有 " + count +
                       " 行为 NULL，pt-osc 会在复制途中失败。请先更新这些行"
                       "（或设置 null-to-not-null，由 pt-osc 填入 0 或空值）。",
                   count + " rows have NULL in " + list +
                       ", on which pt-osc fails in the middle of the "
                       "copy. Update those rows first (or set "
                       "null-to-not-null, which fills in 0 or an empty "
                       "value)."},
                  details(nullable, *found), list);
  }

  void checkParents(const Clause& clause) {
    findings_.adds_constraint = true;
    RowQuestion question;
    question.kind = RowQuestion::Kind::kNoParent;
    question.parent_database = clause.referenced_table->database.empty()
                                   ? survey_.database
                                   : clause.referenced_table->database;
    question.parent_table = clause.referenced_table->table;
    question.parent_columns = clause.referenced_columns;
    if (lowerAscii(question.parent_table) == lowerAscii(survey_.table) &&
        lowerAscii(question.parent_database) == lowerAscii(survey_.database)) {
      return refuseSelfReference(findings_);
    }
    const std::string columns = join(clause.columns);
    const std::string parent = question.parent_database + "." + question.parent_table;
    if (!survey_.session->table(question.parent_database, question.parent_table)) {
      throw ServiceError{ErrorCode::kNotFound,
                         {"外键引用的表 " + parent + " 不存在，或者该账号无权查看",
                          "The foreign key refers to the table " + parent +
                              ", which is not there or which the account may not see"}};
    }
    for (const std::string& column : clause.columns) {
      const Clause* source = definitionClause(column);
      if (source == nullptr) {
        question.columns.push_back(column);
      } else if (source->kind == ClauseKind::kAddColumn && isNullDefault(*source->column)) {
        return;  // NULL refers to nothing
      } else if (source->kind == ClauseKind::kAddColumn) {
        return parentsUnproven(columns, parent);
      } else {
        question.columns.push_back(source->name);
      }
    }
    const bool comparable = question.parent_columns.size() == question.columns.size();
    const auto found = comparable ? ask(question) : std::nullopt;
    if (!found) return parentsUnproven(columns, parent);
    if (found->count == 0) return;
    const std::string count = countText(*found);
    findings_.add(
        Severity::kRefuse, "orphan_rows",
        {"外键（" + columns + "）：" + count + " 行在 " + parent + " 中没有对应的行，例如 " +
             join(found->examples) + "。pt-osc 会在复制途中失败；请先处理这些行。",
         "Foreign key (" + columns + "): " + count + " rows have no row in " + parent + ", e.g. " +
             join(found->examples) +
             ". pt-osc fails on them in the middle of the copy; resolve them first."},
        details(question.columns, *found), columns);
  }

  void parentsUnproven(const std::string& columns, const std::string& parent) {
    unproven("foreign_key_unverified", columns,
             {"外键（" + columns + "）的值是否都在 " + parent + " 中",
              "whether all values of the foreign key (" + columns + ") are in " + parent});
  }

  static bool isNullDefault(const ColumnDefinition& column) {
    return column.nullable && !column.generated &&
           (!column.default_text || lowerAscii(*column.default_text) == "null");
  }

  /// The clause that adds or redefines what will be the column of this name.
  const Clause* definitionClause(const std::string& column) const {
    for (const Clause& clause : survey_.statement.clauses) {
      const bool defines = clause.kind == ClauseKind::kAddColumn || redefines(clause);
      if (defines && lowerAscii(named(clause)) == lowerAscii(column)) return &clause;
    }
    return nullptr;
  }

  void checkUnproven(const Clause& clause) {
    findings_.adds_constraint = true;
    const std::string name = clause.name.empty() ? "CHECK" : clause.name;
    unproven("check_unverified", name,
             {"现有的行是否都满足检查约束 " + name +
                  "（可用 SELECT COUNT(*) ... WHERE NOT (条件) "
                  "自行核对）",
              "whether all rows satisfy the check " + name +
                  " (SELECT COUNT(*) ... WHERE NOT (condition) tells)"});
  }

  void partitionUnproven() {
    findings_.adds_constraint = true;
    unproven("partition_unverified", "PARTITION BY",
             {"是否每一行都有分区可放（没有 MAXVALUE 或 DEFAULT 分区）",
              "whether every row has a partition (there is none with MAXVALUE or DEFAULT)"});
  }

  void unproven(const std::string& code, const std::string& what, const Text& question) {
    findings_.add(
        Severity::kConfirm, code,
        {"没有核对" + question.zh +
             "。若有一行不满足，执行会在复制途中失败（原表不变）；"
             "执行期间，应用写入这样的行也会报错。",
         "It was not verified " + question.en +
             ". A single row that does not fit ends the run in the middle of the copy (the table "
             "stays as it is), and meanwhile the application cannot write such rows."},
        {}, what);
  }

  static std::string countText(const ports::FoundRows& found) {
    return (found.count >= 1000 ? "≥ " : "") + std::to_string(found.count);
  }

  /// Values of other types or sizes are cut with a warning that pt-osc takes for harmless. What a
  /// new character set lacks, and NULL, are warnings that end the run, so they hide nothing.
  static bool cutsValues(const ports::ColumnFacts& facts, ColumnDefinition wanted) {
    const auto now = definitionOf(facts);
    if (!now) return true;
    wanted.nullable = now->nullable;
    if (wanted.charset.empty()) wanted.charset = now->charset;
    return ddl::narrows(*now, wanted);
  }

  const ExecutionSurvey& survey_;
  const ExecutionSettings& settings_;
  const bool fills_nulls_;
  ExecutionFindings& findings_;
};

}  // namespace

void findRowLosses(const ExecutionSurvey& survey, const ExecutionParams& params,
                   const ExecutionSettings& settings, ExecutionFindings& findings) {
  RowLosses{survey, params, settings, findings}.run();
}

}  // namespace oscar::services
