#include "ddl/lexer.hpp"
#include "services/execution_findings.hpp"
#include "services/field_checks.hpp"

namespace oscar::services {
namespace {

using Severity = Finding::Severity;

/// The words and symbols of SQL text in lower case with one space around each, `?` for names in
/// backticks, strings and numbers. Empty when the text cannot be read.
std::string plainWords(std::string_view sql) {
  const auto tokens = ddl::tokenize(sql);
  if (!tokens.ok()) return {};
  std::string words = " ";
  for (const ddl::Token& token : tokens.value()) {
    const bool plain = token.kind == ddl::TokenKind::kWord || token.kind == ddl::TokenKind::kSymbol;
    words += (plain ? lowerAscii(sql.substr(token.offset, token.length)) : "?") + " ";
  }
  return words;
}

/// True when the table has what may reject a row: it sees a definition that cannot be read as one
/// that may.
bool tableMayReject(const ExecutionSurvey& survey) {
  const std::string words =
      plainWords(survey.session->showCreateTable(survey.database, survey.table));
  if (words.empty()) return true;
  const auto has = [&](std::string_view phrase) { return words.find(phrase) != words.npos; };
  return has(" foreign key ( ") || has(" check ( ") || has(" partition by range ") ||
         has(" partition by list ");
}

}  // namespace

void findHiddenWarnings(const ExecutionSurvey& survey, ExecutionFindings& findings) {
  const ports::ServerFacts& server = survey.server;
  if (!server.sets_error_count && server.max_error_count == 0) {
    findings.add(
        Severity::kRefuse, "warnings_off",
        {"服务器的 max_error_count 为 0，pt-osc 看不到没能复制的行，会悄悄丢失数据。请在服务器上"
         "调大它，或授予账号 SESSION_VARIABLES_ADMIN。",
         "The server's max_error_count is 0, so pt-osc cannot see which rows were not copied "
         "and would lose them silently. Raise it, or grant the account "
         "SESSION_VARIABLES_ADMIN."});
    return;
  }
  if (!findings.changes_values) return;
  if (findings.adds_constraint) {
    findings.add(
        Severity::kRefuse, "constraint_with_lossy_change",
        {"同一语句既会截断或改变值，又增加了约束或分区：截断产生的警告会掩盖被约束拒绝的行，"
         "这些行会悄悄丢失。请分两次执行。",
         "The statement cuts or changes values and also adds a constraint or partitions: the "
         "warnings about cut values hide the rows that the constraint rejects, which would be "
         "lost silently. Do it in two executions."});
  } else if (!server.sets_error_count && tableMayReject(survey)) {
    findings.add(
        Severity::kRefuse, "warnings_limited",
        {"值可能被截断，而表上有约束或分区；账号不能调大 "
         "max_error_count，被拒绝的行可能悄悄丢失。"
         "请授予 SESSION_VARIABLES_ADMIN，或直接执行 ALTER。",
         "Values may be cut, and the table has constraints or partitions. The account may not "
         "raise max_error_count, so rows that they reject could be lost silently. Grant "
         "SESSION_VARIABLES_ADMIN, or run the ALTER directly."});
  }
}

}  // namespace oscar::services
