#include "ddl/alter_statement.hpp"

#include "ddl/lexer.hpp"

#include <algorithm>
#include <array>

namespace oscar::ddl {
namespace {

// In the order of ClauseKind, which starts at 1.
constexpr std::array<std::string_view, 36> kKindWords{"add_column",
                                                      "modify_column",
                                                      "change_column",
                                                      "rename_column",
                                                      "drop_column",
                                                      "add_index",
                                                      "drop_index",
                                                      "rename_index",
                                                      "add_primary_key",
                                                      "drop_primary_key",
                                                      "add_foreign_key",
                                                      "drop_foreign_key",
                                                      "add_check",
                                                      "drop_check",
                                                      "drop_constraint",
                                                      "add_partition",
                                                      "drop_partition",
                                                      "truncate_partition",
                                                      "coalesce_partition",
                                                      "reorganize_partition",
                                                      "exchange_partition",
                                                      "analyze_partition",
                                                      "check_partition",
                                                      "optimize_partition",
                                                      "rebuild_partition",
                                                      "repair_partition",
                                                      "discard_partition",
                                                      "import_partition",
                                                      "remove_partitioning",
                                                      "partition_by",
                                                      "engine",
                                                      "auto_increment",
                                                      "comment",
                                                      "charset",
                                                      "rename_table",
                                                      "other"};
static_assert(kKindWords.size() == static_cast<std::size_t>(ClauseKind::kOther));

DdlType familyOf(const Clause& clause) {
  switch (clause.kind) {
    case ClauseKind::kAddColumn:
      return DdlType::kAddColumn;
    case ClauseKind::kModifyColumn:
    case ClauseKind::kChangeColumn:
    case ClauseKind::kRenameColumn:
      return DdlType::kModifyColumn;
    case ClauseKind::kDropColumn:
      return DdlType::kDropColumn;
    case ClauseKind::kAddIndex:
    case ClauseKind::kAddPrimaryKey:
      return DdlType::kAddIndex;
    case ClauseKind::kDropIndex:
    case ClauseKind::kDropPrimaryKey:
      return DdlType::kDropIndex;
    case ClauseKind::kEngine:
      // Setting the engine that a table has already rebuilds it, which is how it is defragmented.
      return equalsIgnoreCase(clause.name, "innodb") ? DdlType::kFragment : DdlType::kOther;
    default:
      return DdlType::kOther;
  }
}

}  // namespace

std::string_view toString(ClauseKind kind) {
  return kKindWords[static_cast<std::size_t>(kind) - 1];
}

bool Clause::onlySaysHow() const {
  return keyword == "ALGORITHM" || keyword == "LOCK" || keyword == "WITH VALIDATION" ||
         keyword == "WITHOUT VALIDATION";
}

bool Clause::enforcesCheck() const {
  if (enforced.value_or(false)) return true;
  return column && std::any_of(column->checks.begin(), column->checks.end(),
                               [](const InlineCheck& check) { return check.enforced; });
}

bool Clause::mayLackPartition() const {
  return partitions_by_value && !has_catch_all_partition;
}

DdlType AlterStatement::ddlType() const {
  std::optional<DdlType> type;
  for (const Clause& clause : clauses) {
    if (clause.onlySaysHow()) continue;
    const DdlType family = familyOf(clause);
    if (type && *type != family) return DdlType::kOther;
    type = family;
  }
  return type.value_or(DdlType::kOther);
}

bool AlterStatement::dangerous() const {
  return std::any_of(clauses.begin(), clauses.end(),
                     [](const Clause& clause) { return !clause.dangers.empty(); });
}

bool AlterStatement::refused() const {
  return std::any_of(clauses.begin(), clauses.end(), [](const Clause& clause) {
    return std::any_of(clause.dangers.begin(), clause.dangers.end(), refusedByPtosc);
  });
}

}  // namespace oscar::ddl
