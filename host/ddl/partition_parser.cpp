#include "ddl/partition_parser.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace oscar::ddl {
namespace {

struct Operation {
  std::string_view first;
  std::string_view second;
  ClauseKind kind;
};

constexpr std::array<Operation, 15> kOperations{{
    {"ADD", "PARTITION", ClauseKind::kAddPartition},
    {"DROP", "PARTITION", ClauseKind::kDropPartition},
    {"TRUNCATE", "PARTITION", ClauseKind::kTruncatePartition},
    {"COALESCE", "PARTITION", ClauseKind::kCoalescePartition},
    {"REORGANIZE", "PARTITION", ClauseKind::kReorganizePartition},
    {"EXCHANGE", "PARTITION", ClauseKind::kExchangePartition},
    {"ANALYZE", "PARTITION", ClauseKind::kAnalyzePartition},
    {"CHECK", "PARTITION", ClauseKind::kCheckPartition},
    {"OPTIMIZE", "PARTITION", ClauseKind::kOptimizePartition},
    {"REBUILD", "PARTITION", ClauseKind::kRebuildPartition},
    {"REPAIR", "PARTITION", ClauseKind::kRepairPartition},
    {"DISCARD", "PARTITION", ClauseKind::kDiscardPartition},
    {"IMPORT", "PARTITION", ClauseKind::kImportPartition},
    {"CONVERT", "PARTITION", ClauseKind::kOther},
    {"CONVERT", "TABLE", ClauseKind::kOther},
}};

bool parseOptionValue(TokenCursor& cursor) {
  std::string ignored;
  cursor.acceptSymbol("=");
  if (cursor.peek().kind == TokenKind::kInteger) return cursor.expectInteger(ignored);
  return cursor.expectNameOrString(ignored, "value");
}

bool parsePartitionOptions(TokenCursor& cursor) {
  while (true) {
    if (cursor.acceptWord("STORAGE")) {
      if (!cursor.expectWord("ENGINE") || !parseOptionValue(cursor)) return false;
    } else if (cursor.acceptWords("DATA", "DIRECTORY") ||
               cursor.acceptWords("INDEX", "DIRECTORY") ||
               cursor.acceptAnyOf({"ENGINE", "COMMENT", "MAX_ROWS", "MIN_ROWS", "TABLESPACE",
                                   "NODEGROUP", "CONNECTION"})) {
      if (!parseOptionValue(cursor)) return false;
    } else {
      return true;
    }
  }
}

bool parseSubpartitions(TokenCursor& cursor) {
  std::string name;
  do {
    if (!cursor.expectWord("SUBPARTITION") ||
        !cursor.expectNameOrString(name, "subpartition name") || !parsePartitionOptions(cursor)) {
      return false;
    }
  } while (cursor.acceptSymbol(","));
  return cursor.expectSymbol(")");
}

/// Notes that the word read last makes a partition take all the rest. A server may skip what stands
/// in a version comment, and the partition with it.
void noteCatchAll(const Token& word, Clause& clause) {
  if (!word.in_version_comment) clause.has_catch_all_partition = true;
}

bool parsePartitionValues(TokenCursor& cursor, Clause& clause) {
  std::string_view values;
  if (cursor.acceptWord("LESS")) {
    if (!cursor.expectWord("THAN")) return false;
    if (cursor.acceptWord("MAXVALUE")) {
      noteCatchAll(cursor.last(), clause);
      return true;
    }
    if (cursor.atSymbol("(") && cursor.atWord("MAXVALUE", 1)) noteCatchAll(cursor.peek(1), clause);
    return cursor.expectParenthesized(values, "value");
  }
  return cursor.expectWord("IN") && cursor.expectParenthesized(values, "value");
}

/// What follows the name of a partition that is being defined.
bool parsePartitionBody(TokenCursor& cursor, Clause& clause) {
  if (cursor.acceptWord("VALUES")) {
    if (!parsePartitionValues(cursor, clause)) return false;
  } else if (cursor.acceptWord("DEFAULT")) {
    noteCatchAll(cursor.last(), clause);
  } else {
    cursor.acceptAnyOf({"CURRENT", "HISTORY"});
  }
  if (!parsePartitionOptions(cursor)) return false;
  return !cursor.acceptSymbol("(") || parseSubpartitions(cursor);
}

bool parseDefinitions(TokenCursor& cursor, Clause& clause) {
  if (!cursor.expectSymbol("(")) return false;
  do {
    cursor.acceptWord("PARTITION");  // MariaDB does without it
    if (!cursor.expectName(clause.partitions.emplace_back(), "partition name") ||
        !parsePartitionBody(cursor, clause)) {
      return false;
    }
  } while (cursor.acceptSymbol(","));
  return cursor.expectSymbol(")");
}

bool parseNames(TokenCursor& cursor, Clause& clause) {
  do {
    if (!cursor.expectName(clause.partitions.emplace_back(), "partition name")) return false;
  } while (cursor.acceptSymbol(","));
  return true;
}

bool parseNamesOrAll(TokenCursor& cursor, Clause& clause) {
  return cursor.acceptWord("ALL") || parseNames(cursor, clause);
}

void acceptNoBinlog(TokenCursor& cursor) {
  if (!cursor.acceptWord("NO_WRITE_TO_BINLOG") && !cursor.atSymbol(",", 1)) {
    cursor.acceptWord("LOCAL");
  }
}

void acceptValidation(TokenCursor& cursor) {
  if (!cursor.acceptWords("WITH", "VALIDATION")) cursor.acceptWords("WITHOUT", "VALIDATION");
}

bool parseAdd(TokenCursor& cursor, Clause& clause) {
  std::string count;
  if (!cursor.optionalIfNotExists(clause.if_exists)) return false;
  acceptNoBinlog(cursor);
  if (cursor.acceptWord("PARTITIONS")) return cursor.expectInteger(count);
  return parseDefinitions(cursor, clause);
}

bool parseReorganize(TokenCursor& cursor, Clause& clause) {
  acceptNoBinlog(cursor);
  if (cursor.atStatementEnd()) return true;  // HASH and KEY: to the number of the settings
  return parseNames(cursor, clause) && cursor.expectWord("INTO") &&
         parseDefinitions(cursor, clause);
}

bool parseExchange(TokenCursor& cursor, Clause& clause) {
  if (!cursor.expectName(clause.partitions.emplace_back(), "partition name") ||
      !cursor.expectWord("WITH") || !cursor.expectWord("TABLE") ||
      !cursor.expectTableName(clause.referenced_table.emplace())) {
    return false;
  }
  acceptValidation(cursor);
  return true;
}

bool parseMaintenance(TokenCursor& cursor, Clause& clause) {
  acceptNoBinlog(cursor);
  if (!parseNamesOrAll(cursor, clause)) return false;
  while (cursor.acceptAnyOf({"QUICK", "FAST", "MEDIUM", "EXTENDED", "CHANGED", "USE_FRM"}) ||
         cursor.acceptWords("FOR", "UPGRADE")) {
  }
  return true;
}

/// MariaDB: CONVERT PARTITION p TO TABLE t, and CONVERT TABLE t TO PARTITION p VALUES ...
bool parseConvert(TokenCursor& cursor, Clause& clause, bool from_table) {
  TableName& table = clause.referenced_table.emplace();
  std::string& partition = clause.partitions.emplace_back();
  if (from_table) {
    if (!cursor.expectTableName(table) || !cursor.expectWord("TO") ||
        !cursor.expectWord("PARTITION") || !cursor.expectName(partition, "partition name") ||
        !parsePartitionBody(cursor, clause)) {
      return false;
    }
  } else if (!cursor.expectName(partition, "partition name") || !cursor.expectWord("TO") ||
             !cursor.expectWord("TABLE") || !cursor.expectTableName(table)) {
    return false;
  }
  acceptValidation(cursor);
  return true;
}

bool parseOperands(TokenCursor& cursor, const Operation& operation, Clause& clause) {
  std::string count;
  switch (operation.kind) {
    case ClauseKind::kAddPartition:
      return parseAdd(cursor, clause);
    case ClauseKind::kDropPartition:
      return cursor.optionalIfExists(clause.if_exists) && parseNames(cursor, clause);
    case ClauseKind::kTruncatePartition:
      return parseNamesOrAll(cursor, clause);
    case ClauseKind::kCoalescePartition:
      acceptNoBinlog(cursor);
      return cursor.expectInteger(count);
    case ClauseKind::kReorganizePartition:
      return parseReorganize(cursor, clause);
    case ClauseKind::kExchangePartition:
      return parseExchange(cursor, clause);
    case ClauseKind::kDiscardPartition:
    case ClauseKind::kImportPartition:
      return parseNamesOrAll(cursor, clause) && cursor.expectWord("TABLESPACE");
    case ClauseKind::kOther:
      clause.keyword = std::string{operation.first} + " " + std::string{operation.second};
      return parseConvert(cursor, clause, operation.second == "TABLE");
    default:
      return parseMaintenance(cursor, clause);
  }
}

/// `[LINEAR] HASH (expression)` or `[LINEAR] KEY [ALGORITHM = n] (columns)`.
bool parseHashOrKey(TokenCursor& cursor) {
  std::string_view inside;
  std::string algorithm;
  cursor.acceptWord("LINEAR");
  if (cursor.acceptWord("HASH")) return cursor.expectParenthesized(inside, "expression");
  if (!cursor.expectWord("KEY")) return false;
  if (cursor.acceptWord("ALGORITHM") &&
      (!cursor.expectSymbol("=") || !cursor.expectInteger(algorithm))) {
    return false;
  }
  if (cursor.atSymbol("(") && cursor.atSymbol(")", 1)) {  // the primary key's columns
    cursor.advance();
    cursor.advance();
    return true;
  }
  std::vector<std::string> columns;
  return cursor.expectNameList(columns, "column name");
}

/// MariaDB: `SYSTEM_TIME [INTERVAL 1 WEEK [STARTS value] [AUTO]] [LIMIT n [AUTO]]`.
bool parseSystemTime(TokenCursor& cursor) {
  std::string ignored;
  if (cursor.acceptWord("INTERVAL")) {
    if (cursor.peek().kind == TokenKind::kString) {
      if (!cursor.expectString(ignored)) return false;
    } else if (!cursor.expectInteger(ignored)) {
      return false;
    }
    cursor.note("time unit");
    if (cursor.peek().kind != TokenKind::kWord) return cursor.fail();
    cursor.advance();
    if (cursor.acceptWord("STARTS")) {
      cursor.acceptWord("TIMESTAMP");
      if (!cursor.expectString(ignored)) return false;
    }
  } else if (cursor.acceptWord("LIMIT") && !cursor.expectInteger(ignored)) {
    return false;
  }
  cursor.acceptWord("AUTO");
  return true;
}

bool parseMethod(TokenCursor& cursor, Clause& clause) {
  std::string_view inside;
  if (cursor.acceptAnyOf({"RANGE", "LIST"})) {
    clause.partitions_by_value = true;
    cursor.acceptWord("COLUMNS");
    return cursor.expectParenthesized(inside, "expression");
  }
  return cursor.acceptWord("SYSTEM_TIME") ? parseSystemTime(cursor) : parseHashOrKey(cursor);
}

bool parsePartitionBy(TokenCursor& cursor, Clause& clause) {
  std::string count;
  if (!parseMethod(cursor, clause)) return false;
  if (cursor.acceptWord("PARTITIONS") && !cursor.expectInteger(count)) return false;
  if (cursor.acceptWord("SUBPARTITION")) {
    if (!cursor.expectWord("BY") || !parseHashOrKey(cursor)) return false;
    if (cursor.acceptWord("SUBPARTITIONS") && !cursor.expectInteger(count)) return false;
  }
  cursor.note("(");
  return !cursor.atSymbol("(") || parseDefinitions(cursor, clause);
}

}  // namespace

bool atPartitionOperation(TokenCursor& cursor) {
  bool found = false;
  for (const Operation& operation : kOperations) {
    cursor.note(operation.first);
    found = found || (cursor.atWord(operation.first) && cursor.atWord(operation.second, 1));
  }
  return found;
}

bool parsePartitionOperation(TokenCursor& cursor, Clause& clause) {
  const auto operation =
      std::find_if(kOperations.begin(), kOperations.end(), [&cursor](const Operation& candidate) {
        return cursor.atWord(candidate.first) && cursor.atWord(candidate.second, 1);
      });
  cursor.advance();
  cursor.advance();
  clause.kind = operation->kind;
  if (!parseOperands(cursor, *operation, clause)) return false;
  if (!clause.partitions.empty()) clause.name = clause.partitions.front();
  return true;
}

bool atPartitioning(TokenCursor& cursor) {
  cursor.note("PARTITION BY");
  cursor.note("REMOVE PARTITIONING");
  return (cursor.atWord("PARTITION") && cursor.atWord("BY", 1)) ||
         (cursor.atWord("REMOVE") && cursor.atWord("PARTITIONING", 1));
}

bool parsePartitioning(TokenCursor& cursor, Clause& clause) {
  if (cursor.acceptWords("REMOVE", "PARTITIONING")) {
    clause.kind = ClauseKind::kRemovePartitioning;
    return true;
  }
  cursor.advance();
  cursor.advance();
  clause.kind = ClauseKind::kPartitionBy;
  return parsePartitionBy(cursor, clause);
}

}  // namespace oscar::ddl
