#include "ddl/danger_rules.hpp"

#include "ddl/lexer.hpp"

namespace oscar::ddl {
namespace {

/// MODIFY, CHANGE and ADD COLUMN: what the definition itself brings along.
void addColumnDangers(const Clause& clause, std::vector<Danger>& dangers) {
  if (clause.kind != ClauseKind::kAddColumn) dangers.push_back(Danger::kMayNarrow);
  if (clause.column && clause.column->primary_key) dangers.push_back(Danger::kAddPrimaryKey);
  if (clause.unique) dangers.push_back(Danger::kAddUniqueKey);
}

void addOptionDangers(const Clause& clause, std::vector<Danger>& dangers) {
  if (clause.kind == ClauseKind::kEngine && !equalsIgnoreCase(clause.name, "innodb")) {
    dangers.push_back(Danger::kOtherEngine);
  }
  if (clause.converts) dangers.push_back(Danger::kConvertCharset);
  if (clause.drops_default) dangers.push_back(Danger::kDropDefault);
  if (clause.kind == ClauseKind::kOther && clause.enforced == false) {
    dangers.push_back(Danger::kDropCheck);  // for the rows to come it is as if it were dropped
  }
  if (clause.keyword == "DROP SYSTEM VERSIONING") {
    dangers.push_back(Danger::kDropSystemVersioning);
  }
  if (clause.keyword == "DROP PERIOD") dangers.push_back(Danger::kDropPeriod);
  if (clause.keyword == "DISCARD TABLESPACE") dangers.push_back(Danger::kDiscardTablespace);
  if (clause.keyword == "IMPORT TABLESPACE") dangers.push_back(Danger::kImportTablespace);
  // MariaDB's form of an exchange: the rows of a partition or a table move away or in.
  if (clause.keyword == "CONVERT PARTITION" || clause.keyword == "CONVERT TABLE") {
    dangers.push_back(Danger::kExchangePartition);
  }
}

}  // namespace

std::vector<Danger> dangersOf(const Clause& clause) {
  switch (clause.kind) {
    case ClauseKind::kAddColumn:
    case ClauseKind::kModifyColumn: {
      std::vector<Danger> dangers;
      addColumnDangers(clause, dangers);
      return dangers;
    }
    case ClauseKind::kChangeColumn: {
      std::vector<Danger> dangers;
      // Non-ASCII letters are compared exactly: a false alarm costs less than a missed rename.
      if (!equalsIgnoreCase(clause.name, clause.new_name)) {
        dangers.push_back(Danger::kRenameColumn);
      }
      addColumnDangers(clause, dangers);
      return dangers;
    }
    case ClauseKind::kRenameColumn:
      return {Danger::kRenameColumnUnsupported};
    case ClauseKind::kDropColumn:
      return {Danger::kDropColumn};
    case ClauseKind::kAddIndex:
      return clause.unique ? std::vector{Danger::kAddUniqueKey} : std::vector<Danger>{};
    case ClauseKind::kDropIndex:
      return {Danger::kDropIndex};
    case ClauseKind::kAddPrimaryKey:
      return {Danger::kAddPrimaryKey, Danger::kAddUniqueKey};
    case ClauseKind::kDropPrimaryKey:
      return {Danger::kDropPrimaryKey};
    case ClauseKind::kDropForeignKey:
      return {Danger::kDropForeignKey};
    case ClauseKind::kDropCheck:
      return {Danger::kDropCheck};
    case ClauseKind::kDropConstraint:
      return {Danger::kDropConstraint};
    case ClauseKind::kDropPartition:
      return {Danger::kDropPartition};
    case ClauseKind::kTruncatePartition:
      return {Danger::kTruncatePartition};
    case ClauseKind::kExchangePartition:
      return {Danger::kExchangePartition};
    case ClauseKind::kDiscardPartition:
      return {Danger::kDiscardTablespace};
    case ClauseKind::kImportPartition:
      return {Danger::kImportTablespace};
    case ClauseKind::kRenameTable:
      return {Danger::kRenameTable};
    default: {
      std::vector<Danger> dangers;
      addOptionDangers(clause, dangers);
      return dangers;
    }
  }
}

}  // namespace oscar::ddl
