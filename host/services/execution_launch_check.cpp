#include "services/execution_launch_check.hpp"

#include "domain/error.hpp"
#include "services/field_checks.hpp"

#include <algorithm>

namespace oscar::services {
namespace {

using Severity = Finding::Severity;

constexpr std::size_t kMaxShownArguments = 300;

Text changed(const Text& what) {
  return {"提交之后情况有变，因此没有开始执行，表未作任何更改：" + what.zh +
              " 请核对后重新提交或重试。",
          "Something has changed since the submission, so the run was not started and the table is "
          "untouched: " +
              what.en + " Check it, then submit again or retry."};
}

/// A table that has grown is no risk of loss. Everything else that wants a confirmation is, and so
/// is a unique key that the run does not know it has to watch.
bool mayLose(const Finding& finding) {
  return (finding.severity == Severity::kConfirm && finding.code != kBigTable) ||
         finding.code == ports::kRowCountCheck;
}

bool isNew(const Finding& finding, const Execution& execution) {
  if (finding.severity == Severity::kRefuse) return true;
  const auto& known = execution.known_findings;
  return mayLose(finding) &&
         std::find(known.begin(), known.end(), findingKey(finding)) == known.end();
}

Text newFindings(const Preview& now, const Execution& execution) {
  Text all;
  for (const Finding& finding : now.findings) {
    if (!isNew(finding, execution)) continue;
    all.zh += (all.zh.empty() ? "" : " ") + finding.text.zh;
    all.en += (all.en.empty() ? "" : " ") + finding.text.en;
  }
  return all;
}

using Arguments = std::vector<std::string>;

std::string joined(Arguments::const_iterator begin, Arguments::const_iterator end) {
  std::string text;
  for (auto it = begin; it != end; ++it) text += (text.empty() ? "" : " ") + *it;
  return text.empty() ? "–" : truncated(text, kMaxShownArguments);
}

/// What differs between two command lines: the part between their common begin and end.
Text difference(const Arguments& before, const Arguments& now) {
  const auto [first, first_now] =
      std::mismatch(before.begin(), before.end(), now.begin(), now.end());
  const auto rest = std::min(before.end() - first, now.end() - first_now);
  auto last = before.end();
  auto last_now = now.end();
  for (auto left = rest; left > 0 && *(last - 1) == *(last_now - 1); --left) {
    --last;
    --last_now;
  }
  const std::string old_part = joined(first, last);
  const std::string new_part = joined(first_now, last_now);
  return {"命令行会与提交时不同：提交时为 " + old_part + "，现在为 " + new_part + "。",
          "The command line would differ from the one submitted: it had " + old_part +
              " and would now have " + new_part + "."};
}

/// Errors of a look that was possible: the table, a column or an option no longer fits. With the
/// others (server or tool away) nothing is known.
bool isVerdict(ErrorCode code) {
  return code == ErrorCode::kNotFound || code == ErrorCode::kBadRequest ||
         code == ErrorCode::kDdlSyntax || code == ErrorCode::kConflict;
}

}  // namespace

Text SurveyingLaunchCheck::refusal(const Execution& execution, const GoesOn& goes_on) {
  Preview now;
  try {
    now = executions_.previewAgain(execution, goes_on);
  } catch (const ServiceError& error) {
    if (!isVerdict(error.code())) throw;
    Text what = error.message();
    for (const FieldError& field : error.fields()) {
      what.zh += " " + field.field + "：" + field.reason.zh;
      what.en += " " + field.field + ": " + field.reason.en;
    }
    return changed({what.zh + "。", what.en + "."});
  }
  if (now.server_key != execution.server_key) {
    return changed(
        {"连接 " + execution.connection_name + " 现在指向另一台服务器。",
         "The connection " + execution.connection_name + " now leads to another server."});
  }
  if (const Text findings = newFindings(now, execution); !findings.empty()) {
    return changed(findings);
  }
  if (now.argv != execution.argv) return changed(difference(execution.argv, now.argv));
  return {};
}

}  // namespace oscar::services
