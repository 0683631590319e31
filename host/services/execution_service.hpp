#pragma once

#include "domain/error.hpp"
#include "domain/execution.hpp"
#include "domain/page.hpp"
#include "domain/settings.hpp"
#include "domain/user.hpp"
#include "ports/clock.hpp"
#include "ports/event_publisher.hpp"
#include "ports/execution_backend.hpp"
#include "ports/execution_store.hpp"
#include "ports/launch_check.hpp"
#include "ports/stores.hpp"
#include "ports/target_database.hpp"
#include "ports/target_directory.hpp"

#include <optional>
#include <string>
#include <vector>

namespace oscar::services {

/// Body of POST /executions and of POST /tools/ddl/preview.
struct ExecutionRequest {
  std::string connection_id;
  std::string database_name;  ///< empty = the connection's
  std::string table_name;
  bool fragment = false;     ///< ddl_type "fragment": original_ddl must be empty
  std::string original_ddl;  ///< ddl_type "custom"
  ExecutionParams params;
  std::string backend;  ///< empty = the connection's, else the default
  std::string confirm_text;
  std::string retry_of;
  Language language = Language::kZh;  ///< of the reasons in an error's details
};

/// One thing that the user should know before submitting.
struct Finding {
  enum class Severity { kInfo = 1, kConfirm, kRefuse };
  Severity severity = Severity::kInfo;
  std::string code;  ///< stable word, e.g. `drop_column`, `duplicate_values`
  Text text;
  std::string details;  ///< JSON object, may be empty (e.g. {"count":3,"examples":[...]})
  /// What it is about, when a statement may have the same finding several times: a column, a key.
  std::string about{};
};

/// Identity of a finding for a later comparison: its code and what it is about
/// (`drop_column:note`).
std::string findingKey(const Finding& finding);
/// Code of the finding that wants a confirmation only because the copy takes long.
inline constexpr std::string_view kBigTable = "big_table";

/// What would run, and what there is to say about it.
struct Preview {
  std::vector<std::string> argv;  ///< exactly what would run
  std::string command;            ///< shell-quoted, one option per line, `***` for secrets
  std::string alter_text;
  DdlType ddl_type = DdlType::kOther;
  std::vector<Finding> findings;
  std::string confirm_text;  ///< what must be typed; empty when nothing needs it
  std::int64_t estimated_rows = 0;
  std::int64_t table_bytes = 0;
  std::string server_key;
};

/// A part of an execution's log, in order.
struct LogPage {
  std::vector<LogLine> lines;
  std::int64_t last_line = 0;  ///< number of the last stored line
};

struct ExecutionSurvey;

/// Submitting, finding and controlling executions. Thread-safe.
class ExecutionService {
 public:
  ExecutionService(ports::ExecutionStore& executions, ports::ConnectionStore& connections,
                   ports::TargetDirectory& directory, ports::TargetDatabase& targets,
                   ports::BackendCatalog& backends, ports::EventPublisher& events,
                   const ports::Clock& clock, const ExecutionSettings& settings);

  /// All that is wrong with the fields of a request as far as it shows without looking anywhere;
  /// what `preview` and `submit` refuse as kBadRequest. Fields that could not be read are judged as
  /// empty.
  std::vector<FieldError> fieldErrors(const ExecutionRequest& request) const;

  /// Looks at the live table and server; starts nothing. kDdlSyntax (1002) with the position,
  /// kNotFound for connection, database, table or column, kConnectionFailed (1001) in the server's
  /// words, kUnavailable when the backend cannot run (its reason and remedy).
  Preview preview(const ExecutionRequest& request);

  /// What the execution would be if it were submitted now, by a connection that is opened for it.
  /// Counts no live execution as an obstacle, since the execution itself is one. `goes_on` is asked
  /// before every question that may take long. Throws as `preview`, and LaunchCheck::Interrupted.
  Preview previewAgain(const Execution& execution, const ports::LaunchCheck::GoesOn& goes_on);

  /// Previews, then checks: a kRefuse finding → kConflict with all findings in the details; a
  /// missing or wrong confirm_text → kBadRequest with the reasons and the text expected; a live
  /// execution on the same table → kConflict. Stores the execution as pending and wakes the
  /// scheduler.
  Execution submit(const Principal& principal, const ExecutionRequest& request);

  Page<Execution> list(const ExecutionFilter& filter, const PageRequest& page);
  ExecutionStatistics statistics(const ExecutionFilter& filter);
  /// By UUID or by number (`1247` or `#1247`); kNotFound.
  Execution get(const std::string& id_or_number);
  /// At most `limit` (1–5000) lines from `from_line` (at least 1) on; only those that contain
  /// `search` (at most 200 characters), if it is not empty. kBadRequest, kNotFound.
  LogPage log(const std::string& id_or_number, std::int64_t from_line, int limit,
              const std::string& search);

  /// Asks the run to stop; pending ones are cancelled at once. kConflict when it has ended or the
  /// swap has begun ("too late"). Returns the execution as it is afterwards.
  Execution stop(const std::string& id_or_number);
  /// Submits the same again as a new execution (checks anew, confirmation included). kConflict
  /// while the original has not ended, kNotFound when its connection is gone. `language` as in
  /// ExecutionRequest.
  Execution retry(const Principal& principal, const std::string& id_or_number,
                  const std::string& confirm_text, Language language = Language::kZh);

 private:
  ExecutionSurvey survey(const ExecutionRequest& request, bool afresh = false);
  Preview previewOf(const ExecutionSurvey& survey, const ExecutionRequest& request);
  std::optional<Execution> liveExecution(const ExecutionSurvey& survey);
  void throwIfBusy(const ExecutionSurvey& survey);

  ports::ExecutionStore& executions_;
  ports::ConnectionStore& connections_;
  ports::TargetDirectory& directory_;
  ports::TargetDatabase& targets_;
  ports::BackendCatalog& backends_;
  ports::EventPublisher& events_;
  const ports::Clock& clock_;
  ExecutionSettings settings_;
};

}  // namespace oscar::services
