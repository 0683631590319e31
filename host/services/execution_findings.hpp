#pragma once

#include "ddl/ptosc_request.hpp"
#include "domain/settings.hpp"
#include "services/execution_service.hpp"
#include "services/execution_survey.hpp"

#include <vector>

namespace oscar::services {

/// What there is to say about a request, worst first, and which of pt-osc's own checks ours replace
/// because of it.
struct ExecutionFindings {
  std::vector<Finding> list;
  ddl::PtoscChecks checks;

  void add(Finding::Severity severity, std::string code, Text text, std::string details = {},
           std::string about = {}) {
    list.push_back(
        {severity, std::move(code), std::move(text), std::move(details), std::move(about)});
  }
  bool has(Finding::Severity severity) const;
};

/// Judges a survey. May ask the server more (duplicates, foreign keys); each question is bounded in
/// time. Throws kConnectionFailed when the server cannot answer, kNotFound for a foreign key that
/// is not there.
ExecutionFindings findAll(const ExecutionSurvey& survey, const ExecutionParams& params,
                          const ExecutionSettings& settings);

/// The parts of findAll, by subject; each appends.
void findStatementDangers(const ExecutionSurvey& survey, ExecutionFindings& findings);
void findRenames(const ExecutionSurvey& survey, ExecutionFindings& findings);
void findNarrowing(const ExecutionSurvey& survey, ExecutionFindings& findings);
void findUniqueLosses(const ExecutionSurvey& survey, const ExecutionSettings& settings,
                      ExecutionFindings& findings);
void findTableObstacles(const ExecutionSurvey& survey, const ExecutionParams& params,
                        const ExecutionSettings& settings, ExecutionFindings& findings);
void findForeignKeyNames(const ExecutionSurvey& survey, ExecutionFindings& findings);

/// The column as a definition, from what information_schema writes; nullopt when it cannot be read.
std::optional<ddl::ColumnDefinition> definitionOf(const ports::ColumnFacts& column);
/// By name, as MySQL compares names; nullptr when there is none.
/// True for a clause that sets another default character set or collation for the table: it holds
/// for every column definition of the statement that names none. (CONVERT TO changes the columns
/// itself.)
bool setsDefaultCharset(const ddl::Clause& clause);
const ports::ColumnFacts* findColumn(const ExecutionSurvey& survey, const std::string& name);

}  // namespace oscar::services
