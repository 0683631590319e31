#include "ddl/lexer.hpp"
#include "services/execution_findings.hpp"
#include "services/field_checks.hpp"

#include <algorithm>

namespace oscar::services {
namespace {

using ddl::Clause;
using ddl::ClauseKind;

/// The name that pt-osc gives a constraint on its copy of the table (constraint names are unique in
/// a schema): `fk` → `_fk` → `__fk` → `fk`.
std::string nameOnCopy(const std::string& name) {
  if (name.starts_with("__")) return name.substr(2);
  return "_" + name;
}

/// Names of the foreign keys in SHOW CREATE TABLE.
std::vector<std::string> foreignKeys(const std::string& create_table) {
  std::vector<std::string> names;
  const auto read = ddl::tokenize(create_table);
  if (!read.ok()) return names;
  const auto& tokens = read.value();
  const auto isWord = [&](const ddl::Token& token, std::string_view word) {
    return token.kind == ddl::TokenKind::kWord &&
           ddl::equalsIgnoreCase(std::string_view{create_table}.substr(token.offset, token.length),
                                 word);
  };
  for (std::size_t i = 2; i < tokens.size(); ++i) {
    if (isWord(tokens[i], "FOREIGN") && isWord(tokens[i - 2], "CONSTRAINT")) {
      names.push_back(ddl::nameOf(create_table, tokens[i - 1]));
    }
  }
  return names;
}

bool hasName(const std::vector<std::string>& names, const std::string& wanted) {
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    return lowerAscii(name) == lowerAscii(wanted);
  });
}

}  // namespace

void findForeignKeyNames(const ExecutionSurvey& survey, ExecutionFindings& findings) {
  std::vector<const Clause*> drops;
  for (const Clause& clause : survey.statement.clauses) {
    if (clause.kind == ClauseKind::kDropForeignKey || clause.kind == ClauseKind::kDropConstraint) {
      drops.push_back(&clause);
    }
  }
  if (drops.empty()) return;
  const auto names = foreignKeys(survey.session->showCreateTable(survey.database, survey.table));
  std::vector<std::string> on_copy;
  on_copy.reserve(names.size());
  for (const auto& name : names) on_copy.push_back(nameOnCopy(name));
  for (const Clause* clause : drops) {
    if (hasName(on_copy, clause->name)) continue;
    if (hasName(names, clause->name)) {
      const std::string there = nameOnCopy(clause->name);
      findings.add(
          Finding::Severity::kRefuse, "foreign_key_name",
          {"在 pt-osc 的新表上，外键 " + clause->name + " 名为 " + there +
               "。请改写为 DROP FOREIGN KEY `" + there + "`。",
           "On pt-osc's copy of the table the foreign key " + clause->name + " is called " + there +
               ". Write DROP FOREIGN KEY `" + there + "` instead."});
    } else if (clause->kind == ClauseKind::kDropForeignKey) {
      throw ServiceError{ErrorCode::kNotFound,
                         {"表 " + survey.table + " 中没有外键 " + clause->name + "，请检查 ALTER",
                          "The table " + survey.table + " has no foreign key " + clause->name +
                              "; check the ALTER"}};
    }
  }
}

}  // namespace oscar::services
