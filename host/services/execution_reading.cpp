#include "services/execution_findings.hpp"
#include "services/field_checks.hpp"

namespace oscar::services {
namespace {

using Severity = Finding::Severity;

/// True when a session of the tool may begin with this SQL mode.
bool mayHaveMode(const ports::ServerFacts& server, std::string_view mode) {
  return lowerAscii(server.sql_mode).find(mode) != std::string::npos ||
         lowerAscii(server.init_connect).find("sql_mode") != std::string::npos;
}

}  // namespace

void findReadingDoubts(const ExecutionSurvey& survey, ExecutionFindings& findings) {
  const ddl::AlterStatement& statement = survey.statement;
  if (statement.conditional_comment) {
    findings.add(
        Severity::kRefuse, "version_comment",
        {"语句含有只对部分服务器有效的注释（/*!50100 … */ 或 /*M! … "
         "*/），无法确定服务器会执行什么。"
         "请直接写出需要的内容，去掉这样的注释。",
         "The statement has a comment that only some servers execute (/*!50100 ... */ or /*M! ... "
         "*/), so it is not certain what would run. Write plainly what is wanted, without it."});
  }
  if (statement.escapes_in_strings && mayHaveMode(survey.server, "no_backslash_escapes")) {
    findings.add(Severity::kRefuse, "backslash_in_string",
                 {"服务器的 sql_mode 可能含有 NO_BACKSLASH_ESCAPES，字符串中的反斜杠含义不同。"
                  "请改写字符串，不用反斜杠（引号可写两遍）。",
                  "The server's sql_mode may have NO_BACKSLASH_ESCAPES, which changes what a "
                  "backslash in a string means. Write the strings without it (a quote can be "
                  "doubled)."});
  }
  if (statement.double_quoted_strings && mayHaveMode(survey.server, "ansi_quotes")) {
    findings.add(Severity::kRefuse, "double_quoted_string",
                 {"服务器的 sql_mode 可能含有 ANSI_QUOTES，双引号中的内容会被当作名称。"
                  "请改用单引号。",
                  "The server's sql_mode may have ANSI_QUOTES, which takes text in double quotes "
                  "for a name. Take single quotes."});
  }
}

}  // namespace oscar::services
