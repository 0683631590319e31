#include "ddl/ptosc_renames.hpp"
#include "json/writer.hpp"
#include "services/execution_findings.hpp"
#include "services/field_checks.hpp"

#include <set>

namespace oscar::services {
namespace {

using ddl::Clause;
using ddl::ClauseKind;
using Severity = Finding::Severity;

std::set<std::string> namesGivenUp(const ExecutionSurvey& survey) {
  std::set<std::string> names;
  for (const Clause& clause : survey.statement.clauses) {
    const std::string name = lowerAscii(clause.name);
    const bool renamed =
        clause.kind == ClauseKind::kChangeColumn && name != lowerAscii(clause.new_name);
    if ((clause.kind == ClauseKind::kDropColumn || renamed) && findColumn(survey, name)) {
      names.insert(name);
    }
  }
  return names;
}

}  // namespace

void findRenames(const ExecutionSurvey& survey, ExecutionFindings& findings) {
  using Verdict = ddl::RenameReading::Verdict;
  const ddl::RenameReading reading = ddl::readRenames(survey.statement);
  switch (reading.verdict) {
    case Verdict::kNone:
      return;
    case Verdict::kSafe:
      findings.checks.skip_alter_check = true;
      findings.add(Severity::kConfirm, "rename_mapping",
                   {"列改名对应关系：" + reading.rename->from + " → " + reading.rename->to +
                        "。旧列的数据会复制到新列；请核对。",
                    "Column mapping: " + reading.rename->from + " → " + reading.rename->to +
                        ". The old column's data is copied into the new one; check it."},
                   json::Writer{}
                       .beginObject()
                       .field("from", reading.rename->from)
                       .field("to", reading.rename->to)
                       .endObject()
                       .take());
      return;
    case Verdict::kSeveral:
      findings.add(
          Severity::kRefuse, "several_renames",
          {"一次只能用 CHANGE 改名一列：同时改名多列时 pt-osc 会弄混并丢失数据。请分多次执行。",
           "Only one column may be renamed by CHANGE at a time: with several pt-osc mixes "
           "them up and loses data. Rename them one after the other."});
      return;
    case Verdict::kUncertain:
      findings.add(
          Severity::kRefuse, "rename_unseen",
          {"pt-osc 只用文本匹配来识别改名，这种写法它可能看不到，新列会全部为空。请把 CHANGE "
           "旧名 新名 单独执行或放在最前面，名称只用字母、数字和下划线，中间不要有注释或 IF "
           "EXISTS，也不要同时改动这两列。",
           "pt-osc finds renames by matching text and may miss this one; the new column would then "
           "be empty. Put CHANGE old new alone or first, with names of letters, digits and "
           "underscores, without comments or IF EXISTS, and change neither column otherwise."});
      return;
    case Verdict::kMisread:
      break;
  }
  for (const ddl::PtoscRename& words : reading.misread) {
    const bool harmful = findColumn(survey, words.from) != nullptr;
    const std::string quote = "CHANGE " + words.from + " " + words.to;
    if (harmful) {
      findings.add(Severity::kRefuse, "false_rename",
                   {"文本中的“" + quote +
                        "”会被 pt-osc 当作列改名，并把该列的数据写到别处。"
                        "请改写注释或字符串。",
                    "pt-osc takes the words \"" + quote +
                        "\" in the text for a column rename and would move that column's data. "
                        "Reword the comment or string."});
    } else {
      findings.checks.skip_alter_check = true;
      findings.add(
          Severity::kInfo, "false_rename",
          {"文本中的“" + quote + "”不是改名，但 pt-osc 会误判而拒绝；Oscar 已核对并关闭其检查。",
           "The words \"" + quote +
               "\" are no rename, but pt-osc would take them for one and refuse; Oscar has "
               "checked this and switches that check off."});
    }
  }
}

void findReusedNames(const ExecutionSurvey& survey, ExecutionFindings& findings) {
  const auto given_up = namesGivenUp(survey);
  for (const Clause& clause : survey.statement.clauses) {
    const bool renamed = clause.kind == ClauseKind::kChangeColumn &&
                         lowerAscii(clause.name) != lowerAscii(clause.new_name);
    if (clause.kind != ClauseKind::kAddColumn && !renamed) continue;
    const std::string name = clause.new_name.empty() ? clause.name : clause.new_name;
    if (!given_up.contains(lowerAscii(name))) continue;
    findings.add(
        Severity::kRefuse, "reused_column_name",
        {"列名 " + name +
             " 在同一语句中既被去掉又被重新使用：pt-osc 按列名复制，"
             "会把旧列的内容放进新列（直接 ALTER 不会）。请分两次执行。",
         "The column name " + name +
             " is given up and used again in the same statement: pt-osc copies by name and would "
             "put the old column's contents into the new one (a direct ALTER would not). Do it in "
             "two executions."},
        {}, name);
  }
}

}  // namespace oscar::services
