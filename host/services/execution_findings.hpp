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
  /// The copy may cut or change values, or leave out rows that repeat: each is a warning, and many
  /// of them hide the warnings about rows that a constraint rejects. Whatever finds such a thing
  /// sets it; findHiddenWarnings, which comes last, judges by it.
  bool changes_values = false;
  /// The statement adds what may reject rows: a foreign key, a check or partitions. As above.
  bool adds_constraint = false;

  void add(Finding::Severity severity, std::string code, Text text, std::string details = {},
           std::string about = {}) {
    list.push_back(
        {severity, std::move(code), std::move(text), std::move(details), std::move(about)});
  }
  bool has(Finding::Severity severity) const;
};

/// Judges a survey. May ask the server more (duplicates, foreign keys); each question is bounded in
/// time. Throws kConnectionFailed when the server cannot answer, kNotFound for a foreign key that
/// is not there, LaunchCheck::Interrupted when the survey's `goes_on` says no.
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
/// Refuses keys by which pt-osc cannot cut the table into chunks without losing rows, or at all.
void findChunkKeyDoubts(const ExecutionSurvey& survey, const ExecutionParams& params,
                        ExecutionFindings& findings);
void findConstraintNames(const ExecutionSurvey& survey, ExecutionFindings& findings);
/// Texts that the server may read otherwise than Oscar's parser, so that what was judged would not
/// be what runs: comments for some servers only, and strings under ANSI_QUOTES or
/// NO_BACKSLASH_ESCAPES.
void findReadingDoubts(const ExecutionSurvey& survey, ExecutionFindings& findings);
/// A column name that the statement both gives up and uses again.
void findReusedNames(const ExecutionSurvey& survey, ExecutionFindings& findings);
/// Rows that the new table would not take, and values that pt-osc would not copy. Asks for NULLs
/// and for rows without a parent; expressions of the user are never executed. kNotFound when a
/// foreign key's table is not there.
void findRowLosses(const ExecutionSurvey& survey, const ExecutionParams& params,
                   const ExecutionSettings& settings, ExecutionFindings& findings);
/// Warnings about cut values that would hide the warnings about rejected rows, by which alone
/// pt-osc sees them: a server keeps only so many (measured: 50 of 200 rows gone with exit 0). Last:
/// it judges by what the others have found.
void findHiddenWarnings(const ExecutionSurvey& survey, ExecutionFindings& findings);
/// Refuses a foreign key from the table to itself, which is there or would be added. Measured:
/// after the swap such a key refers to the old table, which then cannot be dropped.
void refuseSelfReference(ExecutionFindings& findings);
/// Limits of load that the server can never reach.
void findUnreachableLimits(const ExecutionSurvey& survey, const ExecutionParams& params,
                           const ExecutionSettings& settings, ExecutionFindings& findings);
/// kBadRequest when the server does not know the character set of the parameters.
void checkCharset(const ExecutionSurvey& survey, const ExecutionParams& params,
                  const ExecutionSettings& settings);

/// kBadRequest when max_load or critical_load of the parameters name what is no status variable of
/// the server.
void checkLoadVariables(const ExecutionSurvey& survey, const ExecutionParams& params);

/// The column as a definition, from what information_schema writes; nullopt when it cannot be read.
std::optional<ddl::ColumnDefinition> definitionOf(const ports::ColumnFacts& column);
/// True for a clause that sets another default character set or collation for the table: it holds
/// for every column definition of the statement that names none. (CONVERT TO changes the columns
/// itself.)
bool setsDefaultCharset(const ddl::Clause& clause);
/// By name, as MySQL compares names; nullptr when there is none.
const ports::ColumnFacts* findColumn(const ExecutionSurvey& survey, const std::string& name);
/// True for a primary key and a unique key whose columns cannot be NULL.
bool identifiesRows(const ExecutionSurvey& survey, const ports::IndexFacts& index);

}  // namespace oscar::services
