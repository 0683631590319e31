#include "ddl/lexer.hpp"
#include "json/writer.hpp"
#include "services/execution_findings.hpp"
#include "services/field_checks.hpp"

#include <algorithm>

namespace oscar::services {
namespace {

using ddl::Clause;
using ddl::ClauseKind;
using Severity = Finding::Severity;

constexpr std::size_t kLongestName = 64;  // characters

/// A named foreign key or check of the table.
struct Constraint {
  std::string name;
  bool foreign_key = false;
};

/// The name that pt-osc gives a constraint on its copy of the table, since such names are unique in
/// a schema: `fk` → `_fk` → `__fk` → `fk` (read in 3.2.1 and 3.7.1).
std::string nameOnCopy(const std::string& name) {
  if (name.starts_with("__")) return name.substr(2);
  std::string copy = "_" + name;
  while (ddl::codePoints(copy) > kLongestName) {
    do copy.pop_back();
    while (!copy.empty() && (static_cast<unsigned char>(copy.back()) & 0xc0U) == 0x80U);
  }
  return copy;
}

/// The named constraints of a SHOW CREATE TABLE.
std::vector<Constraint> constraintsOf(const std::string& create_table) {
  std::vector<Constraint> constraints;
  const auto read = ddl::tokenize(create_table);
  if (!read.ok()) return constraints;
  const auto& tokens = read.value();
  const auto isWord = [&](const ddl::Token& token, std::string_view word) {
    return token.kind == ddl::TokenKind::kWord &&
           ddl::equalsIgnoreCase(std::string_view{create_table}.substr(token.offset, token.length),
                                 word);
  };
  for (std::size_t i = 2; i < tokens.size(); ++i) {
    const bool foreign_key = isWord(tokens[i], "FOREIGN");
    if ((foreign_key || isWord(tokens[i], "CHECK")) && isWord(tokens[i - 2], "CONSTRAINT")) {
      constraints.push_back({ddl::nameOf(create_table, tokens[i - 1]), foreign_key});
    }
  }
  return constraints;
}

bool isSame(const std::string& a, const std::string& b) {
  return lowerAscii(a) == lowerAscii(b);
}

bool drops(const Clause& clause, const Constraint& constraint) {
  return clause.kind == ClauseKind::kDropConstraint ||
         clause.kind ==
             (constraint.foreign_key ? ClauseKind::kDropForeignKey : ClauseKind::kDropCheck);
}

[[noreturn]] void throwMissing(const ExecutionSurvey& survey, const Clause& clause) {
  const bool key = clause.kind == ClauseKind::kDropForeignKey;
  const Text what = key ? Text{"外键 ", "foreign key "} : Text{"检查约束 ", "check "};
  throw ServiceError{
      ErrorCode::kNotFound,
      {"表 " + survey.table + " 中没有" + what.zh + clause.name + "，请检查 ALTER",
       "The table " + survey.table + " has no " + what.en + clause.name + "; check the ALTER"}};
}

std::string dropWords(ClauseKind kind) {
  if (kind == ClauseKind::kDropForeignKey) return "DROP FOREIGN KEY";
  return kind == ClauseKind::kDropCheck ? "DROP CHECK" : "DROP CONSTRAINT";
}

void refuseOldName(const Clause& clause, const Constraint& constraint,
                   ExecutionFindings& findings) {
  const std::string there = nameOnCopy(constraint.name);
  const std::string drop = dropWords(clause.kind) + " `";
  findings.add(Severity::kRefuse, "constraint_name",
               {"在 pt-osc 的新表上，约束 " + constraint.name + " 名为 " + there + "。请改写为 " +
                    drop + there + "`。",
                "On pt-osc's copy of the table the constraint " + constraint.name + " is called " +
                    there + ". Write " + drop + there + "` instead."},
               {}, constraint.name);
}

void checkDrop(const ExecutionSurvey& survey, const Clause& clause,
               const std::vector<Constraint>& constraints, ExecutionFindings& findings) {
  const auto has = [&](auto name_of) {
    return std::find_if(constraints.begin(), constraints.end(), [&](const Constraint& constraint) {
      return drops(clause, constraint) && isSame(name_of(constraint), clause.name);
    });
  };
  const auto on_copy = has([](const Constraint& c) { return nameOnCopy(c.name); });
  if (on_copy != constraints.end() || clause.if_exists) return;
  const auto now = has([](const Constraint& c) { return c.name; });
  if (now != constraints.end()) {
    refuseOldName(clause, *now, findings);
  } else if (clause.kind != ClauseKind::kDropConstraint) {  // that may be a key
    throwMissing(survey, clause);
  }
}

}  // namespace

void findConstraintNames(const ExecutionSurvey& survey, ExecutionFindings& findings) {
  const auto constraints =
      constraintsOf(survey.session->showCreateTable(survey.database, survey.table));
  for (const Clause& clause : survey.statement.clauses) {
    if (clause.kind == ClauseKind::kDropForeignKey || clause.kind == ClauseKind::kDropCheck ||
        clause.kind == ClauseKind::kDropConstraint) {
      checkDrop(survey, clause, constraints, findings);
    }
  }
  if (constraints.empty()) return;
  std::string names;
  json::Writer renamed;
  renamed.beginObject().key("renamed").beginArray();
  for (const Constraint& constraint : constraints) {
    const std::string there = nameOnCopy(constraint.name);
    names += (names.empty() ? "" : ", ") + constraint.name + " → " + there;
    renamed.beginObject().field("from", constraint.name).field("to", there).endObject();
  }
  renamed.endArray().endObject();
  findings.add(
      Severity::kInfo, "constraint_names",
      {"pt-osc 会给外键和检查约束改名（约束名在库内唯一）：" + names,
       "pt-osc renames foreign keys and checks (their names are unique in a schema): " + names},
      renamed.take());
}

}  // namespace oscar::services
