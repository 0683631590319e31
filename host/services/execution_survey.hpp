#pragma once

#include "ddl/alter_statement.hpp"
#include "ddl/ptosc_request.hpp"
#include "domain/connection.hpp"
#include "ports/execution_backend.hpp"
#include "ports/launch_check.hpp"
#include "ports/stores.hpp"
#include "ports/target_database.hpp"
#include "ports/target_directory.hpp"
#include "services/execution_service.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace oscar::services {

/// Everything that is known about a request before it is judged: the parsed statement, the live
/// table and server, and the tool that would run. `session` stays open for questions that only some
/// statements need.
struct ExecutionSurvey {
  Connection connection;
  std::string database;
  std::string table;
  ddl::AlterStatement statement;
  ddl::PtoscEndpoint endpoint;

  std::unique_ptr<ports::TargetSession> session;
  ports::ServerFacts server;
  ports::TableDescription described;
  std::vector<std::string> referenced_by;  ///< `database.table.constraint`, its own included
  std::int64_t estimated_rows = 0;

  std::string backend;
  ports::ToolFacts tool;

  ports::LaunchCheck::GoesOn goes_on;  ///< empty: nobody interrupts
  /// Called before a question that may take long. Throws LaunchCheck::Interrupted.
  void requireGoingOn() const {
    if (goes_on && !goes_on()) throw ports::LaunchCheck::Interrupted{};
  }

  /// True for MariaDB, false for MySQL and its other relatives.
  bool mariadb() const { return server.flavour == "MariaDB"; }
};

/// What is wrong with the fields, parameters included, as far as it shows without looking anywhere.
std::vector<FieldError> requestErrors(const ExecutionRequest& request,
                                      const ExecutionSettings& settings);

/// The statement of a request; kDdlSyntax with the position.
ddl::AlterStatement parseExecutionDdl(const ExecutionRequest& request);

/// The backend's tool; kUnavailable with the reason and the remedy.
ports::ToolFacts backendTool(ports::BackendCatalog& backends, const std::string& type);

/// Fills what the server knows. kConnectionFailed in the server's words, kNotFound for database and
/// table, kBadRequest for a view or a system table. `afresh`: by a new connection, since a borrowed
/// one may know the server and the account's rights as they were a few seconds ago.
void surveyTarget(ports::TargetDatabase& targets, const TargetAddress& address,
                  ExecutionSurvey& survey, bool afresh);

/// Names in the statement against the live table: kNotFound for columns and indexes that are not
/// there (unless IF EXISTS), kBadRequest for additions that are there already.
void checkNames(const ExecutionSurvey& survey);

}  // namespace oscar::services
