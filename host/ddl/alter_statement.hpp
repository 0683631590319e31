#pragma once

#include "ddl/column_definition.hpp"
#include "ddl/danger.hpp"
#include "ddl/table_name.hpp"
#include "domain/execution.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace oscar::ddl {

/// What a clause of ALTER TABLE does.
enum class ClauseKind {
  kAddColumn = 1,
  kModifyColumn,
  kChangeColumn,
  kRenameColumn,
  kDropColumn,
  kAddIndex,  ///< UNIQUE, FULLTEXT, SPATIAL and VECTOR too
  kDropIndex,
  kRenameIndex,
  kAddPrimaryKey,
  kDropPrimaryKey,
  kAddForeignKey,
  kDropForeignKey,
  kAddCheck,
  kDropCheck,
  kDropConstraint,
  kAddPartition,
  kDropPartition,
  kTruncatePartition,
  kCoalescePartition,
  kReorganizePartition,
  kExchangePartition,
  kAnalyzePartition,
  kCheckPartition,
  kOptimizePartition,
  kRebuildPartition,
  kRepairPartition,
  kDiscardPartition,
  kImportPartition,
  kRemovePartitioning,
  kPartitionBy,
  kEngine,
  kAutoIncrement,
  kComment,
  kCharset,  ///< default character set or collation, and CONVERT TO CHARACTER SET
  kRenameTable,
  kOther  ///< anything else; Clause::keyword says what
};

/// `add_column` and so on: the words of the interfaces.
std::string_view toString(ClauseKind kind);

/// One part of an index key.
struct KeyPart {
  std::string column;                         ///< base column; empty for an expression
  std::optional<std::int64_t> prefix_length;  ///< characters or bytes of the column that count
  std::string expression;                     ///< bytes between the parentheses of `((...))`
  bool operator==(const KeyPart&) const = default;
};

/// One change. In `ADD (a INT, b INT)` every element is a clause, and so is each table option.
struct Clause {
  ClauseKind kind = ClauseKind::kOther;
  /// Table options and kOther: the leading words in upper case with one space between them, such as
  /// `ROW_FORMAT`, `ALGORITHM`, `CONVERT TO CHARACTER SET`, `ALTER COLUMN`. Empty for the rest.
  std::string keyword;
  /// The object, unquoted: column (its old name for CHANGE), index, constraint, first partition,
  /// `PRIMARY`; the value for engine, auto_increment and charset. Empty when the text names none.
  std::string name;
  std::string new_name;                 ///< target of a rename or CHANGE; never qualified
  std::vector<std::string> columns;     ///< base columns of an index or key, or the column named
  std::vector<KeyPart> key_parts;       ///< of an index or key, in order
  std::vector<std::string> partitions;  ///< all partitions named, also defined ones
  std::optional<TableName> referenced_table;    ///< of a foreign key, EXCHANGE or RENAME
  std::vector<std::string> referenced_columns;  ///< of a foreign key, as many as `columns`
  bool unique = false;                          ///< unique index, or inline UNIQUE or PRIMARY KEY
  std::size_t start = 0;                        ///< first byte, in the original text
  std::size_t end = 0;                          ///< one past the last byte
  std::vector<Danger> dangers;                  ///< from this text alone, without duplicates
  std::optional<ColumnDefinition> column;       ///< of add, modify and change column

  bool if_exists = false;  ///< IF EXISTS or IF NOT EXISTS
  /// Of kCharset, in lower case. Empty when not written, DEFAULT, or in a version comment, which a
  /// server may skip.
  std::string charset;
  std::string collation;  ///< likewise
  bool converts = false;  ///< of kCharset: CONVERT TO CHARACTER SET, which changes the columns
  /// Of ADD CHECK, ALTER CHECK and ALTER CONSTRAINT: whether rows must satisfy the check from then
  /// on. Inline checks: column->checks.
  std::optional<bool> enforced;
  bool drops_default = false;            ///< ALTER COLUMN ... DROP DEFAULT
  bool partitions_by_value = false;      ///< PARTITION BY RANGE or LIST
  bool has_catch_all_partition = false;  ///< defines one with MAXVALUE, or a DEFAULT one (MariaDB)

  /// True for ALGORITHM, LOCK and VALIDATION: they change nothing, but say how to change.
  bool onlySaysHow() const;
  /// True when rows must satisfy a check that none had to satisfy before: it is added, or was there
  /// and not enforced.
  bool enforcesCheck() const;
  /// True for PARTITION BY when a row may have no partition to go to.
  bool mayLackPartition() const;
};

/// An ALTER TABLE that can be given to pt-osc.
struct AlterStatement {
  std::vector<Clause> clauses;  ///< in the order of the text, never empty
  /// The table of a leading `ALTER TABLE [db.]t`, which pt-osc must not get (it writes its own).
  std::optional<TableName> altered_table;
  /// What goes into --alter: the user's bytes from `alter_offset` on, without the prefix, a
  /// trailing
  /// `;` and outer white space. Quotes and backticks are never touched.
  std::string alter_text;
  std::size_t alter_offset = 0;
  bool removed_prefix = false;
  bool removed_semicolon = false;
  /// What the text says depends on the server: it has a comment like `/*!50100 */` or `/*M! */`
  /// (MySQL manual, "Comments").
  bool conditional_comment = false;
  /// A string with a backslash (which NO_BACKSLASH_ESCAPES reads otherwise).
  bool escapes_in_strings = false;
  /// A string in double quotes (which ANSI_QUOTES takes for a name).
  bool double_quoted_strings = false;

  /// Requirement document 5.2.1. Clauses that only say how do not count.
  DdlType ddlType() const;
  /// True when any clause has a danger.
  bool dangerous() const;
  /// True when any clause has a danger that pt-osc must not run.
  bool refused() const;
};

}  // namespace oscar::ddl
