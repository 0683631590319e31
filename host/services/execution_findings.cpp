#include "services/execution_findings.hpp"

#include "ddl/alter_parser.hpp"
#include "ddl/narrowing.hpp"
#include "services/execution_details.hpp"
#include "services/field_checks.hpp"
#include "services/target_errors.hpp"

#include <algorithm>

namespace oscar::services {
namespace {

using ddl::Clause;
using ddl::Danger;
using Severity = Finding::Severity;

std::string clauseDetails(const Clause& clause) {
  return json::Writer{}
      .beginObject()
      .field("clause", ddl::toString(clause.kind))
      .field("name", clause.name)
      .field("start", clause.start)
      .field("end", clause.end)
      .endObject()
      .take();
}

Text about(const std::string& name, const Text& text) {
  return name.empty() ? text : Text{name + "：" + text.zh, name + ": " + text.en};
}

bool contains(const std::vector<Danger>& dangers, Danger danger) {
  return std::find(dangers.begin(), dangers.end(), danger) != dangers.end();
}

std::string charsetOf(const std::string& collation) {
  return collation.substr(0, collation.find('_'));
}

void addNarrowing(const ExecutionSurvey& survey, const Clause& clause,
                  ExecutionFindings& findings) {
  const ports::ColumnFacts* facts = findColumn(survey, clause.name);
  const auto now = facts != nullptr ? definitionOf(*facts) : std::nullopt;
  if (facts == nullptr || !clause.column) return;
  std::vector<Text> reasons;
  const bool default_moves = clause.column->charset.empty() && clause.column->collation.empty() &&
                             std::any_of(survey.statement.clauses.begin(),
                                         survey.statement.clauses.end(), setsDefaultCharset);
  if (now && !(default_moves && !facts->charset.empty())) {
    ddl::ColumnDefinition wanted = *clause.column;
    // What the clause does not write comes from the table's default, not from the column of today.
    if (wanted.charset.empty()) {
      wanted.charset =
          charsetOf(wanted.collation.empty() ? survey.described.facts.collation : wanted.collation);
    }
    reasons = ddl::narrowingReasons(*now, wanted);
    if (reasons.empty()) return;
  } else {
    reasons = {ddl::explain(Danger::kMayNarrow)};
  }
  Text all = about(clause.name, {});
  for (const Text& reason : reasons) {
    all.zh += reason.zh;
    all.en += (all.en.ends_with(' ') ? "" : " ") + reason.en;
  }
  // With the column of today: a confirmation does not cover a narrowing from something else.
  findings.add(Severity::kConfirm, "narrowing", all, clauseDetails(clause),
               clause.name + " " + facts->column_type + (facts->nullable ? "" : " NOT NULL") +
                   (facts->collation.empty() ? "" : " " + facts->collation));
}

int rank(Severity severity) {
  return -static_cast<int>(severity);
}

}  // namespace

bool ExecutionFindings::has(Finding::Severity severity) const {
  return std::any_of(list.begin(), list.end(),
                     [&](const Finding& finding) { return finding.severity == severity; });
}

bool setsDefaultCharset(const ddl::Clause& clause) {
  return clause.kind == ddl::ClauseKind::kCharset && !clause.converts;
}

const ports::ColumnFacts* findColumn(const ExecutionSurvey& survey, const std::string& name) {
  const std::string wanted = lowerAscii(name);
  for (const auto& column : survey.described.columns) {
    if (lowerAscii(column.name) == wanted) return &column;
  }
  return nullptr;
}

std::optional<ddl::ColumnDefinition> definitionOf(const ports::ColumnFacts& column) {
  const auto parsed =
      ddl::parseAlter("MODIFY c " + column.column_type + (column.nullable ? "" : " NOT NULL"));
  if (!parsed.ok() || parsed.value().clauses.size() != 1) return std::nullopt;
  auto definition = parsed.value().clauses.front().column;
  if (definition) {
    definition->charset = column.charset;
    definition->collation = column.collation;
    definition->generated = column.generated;
  }
  return definition;
}

void findStatementDangers(const ExecutionSurvey& survey, ExecutionFindings& findings) {
  for (const Clause& clause : survey.statement.clauses) {
    for (const Danger danger : clause.dangers) {
      if (danger == Danger::kMayNarrow) continue;  // compared with the live column instead
      const bool refuse = ddl::severityOf(danger) == ddl::DangerSeverity::kRefuse;
      findings.add(refuse ? Severity::kRefuse : Severity::kConfirm,
                   std::string{ddl::toString(danger)}, about(clause.name, ddl::explain(danger)),
                   clauseDetails(clause), clause.name);
    }
    // pt-osc refuses DROP PRIMARY KEY without this; the new table's keys are checked here instead.
    if (contains(clause.dangers, Danger::kDropPrimaryKey)) {
      findings.checks.skip_alter_check = true;
    }
  }
}

void findNarrowing(const ExecutionSurvey& survey, ExecutionFindings& findings) {
  for (const Clause& clause : survey.statement.clauses) {
    if (contains(clause.dangers, Danger::kMayNarrow)) addNarrowing(survey, clause, findings);
  }
}

ExecutionFindings findAll(const ExecutionSurvey& survey, const ExecutionParams& params,
                          const ExecutionSettings& settings) {
  ExecutionFindings findings;
  try {
    findStatementDangers(survey, findings);
    findRenames(survey, findings);
    findNarrowing(survey, findings);
    findReusedNames(survey, findings);
    findReadingDoubts(survey, findings);
    findUnreachableLimits(survey, params, settings, findings);
    findTableObstacles(survey, params, settings, findings);
    findChunkKeyDoubts(survey, params, findings);
    findConstraintNames(survey, findings);
    // Last, because they may take long; needless when the statement is refused already.
    if (!findings.has(Severity::kRefuse)) {
      findUniqueLosses(survey, settings, findings);
      findRowLosses(survey, params, settings, findings);
      findHiddenWarnings(survey, findings);
    }
  } catch (const ports::TargetError& error) {
    throw connectionFailed(error);
  }
  findings.checks.reason = {
      "pt-osc 自己的检查只匹配文本，这里由 Oscar 的解析和对真实表的检查代替（改名、主键、重复值）",
      "pt-osc's own checks only match text; Oscar's parser and its look at the live table "
      "(renames, "
      "primary key, duplicates) stand in for them"};
  std::stable_sort(
      findings.list.begin(), findings.list.end(),
      [](const Finding& a, const Finding& b) { return rank(a.severity) < rank(b.severity); });
  return findings;
}

}  // namespace oscar::services
