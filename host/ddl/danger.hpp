#pragma once

#include "domain/text.hpp"

#include <string_view>

namespace oscar::ddl {

/// Why a clause can destroy something, as far as its text alone tells. What needs a look at the
/// live table (its size, duplicates, whether a type really narrows) is found elsewhere.
enum class Danger {
  kDropColumn = 1,
  kDropIndex,
  kDropPrimaryKey,
  kDropForeignKey,
  kDropCheck,
  kDropConstraint,
  kDropPartition,
  kDropSystemVersioning,  ///< MariaDB: the history rows go too
  kDropPeriod,            ///< MariaDB
  kAddPrimaryKey,
  kAddUniqueKey,  ///< explicit or inline; pt-osc copies with INSERT IGNORE, duplicates vanish
  kRenameColumn,  ///< CHANGE to another name
  kMayNarrow,     ///< MODIFY or CHANGE; see narrowing.hpp for the comparison with the live column
  kOtherEngine,
  kConvertCharset,
  kRenameColumnUnsupported,  ///< RENAME COLUMN: pt-osc copies NULLs into the column
  kRenameTable,
  kTruncatePartition,  ///< this and the next three act on pt-osc's empty copy, not on the rows
  kExchangePartition,
  kDiscardTablespace,
  kImportTablespace,
  kDropDefault
};

/// `drop_column` and so on: stable words for interfaces.
std::string_view toString(Danger danger);

/// What can go wrong and why, for the person who is about to do it.
Text explain(Danger danger);

/// What the platform does about a danger.
enum class DangerSeverity {
  kConfirm = 1,  ///< runs after the user typed the table's name
  kRefuse        ///< never runs through pt-osc, which would damage or silently ignore it
};
DangerSeverity severityOf(Danger danger);

/// severityOf(danger) == kRefuse.
bool refusedByPtosc(Danger danger);

}  // namespace oscar::ddl
