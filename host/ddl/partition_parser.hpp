#pragma once

#include "ddl/alter_statement.hpp"
#include "ddl/token_cursor.hpp"

namespace oscar::ddl {

/// True at an operation on partitions, which servers take only as a statement's single change:
/// ADD PARTITION, TRUNCATE PARTITION, CONVERT TABLE ... and so on. Notes what could begin here.
bool atPartitionOperation(TokenCursor& cursor);

/// Reads it into `clause`. Precondition: atPartitionOperation.
[[nodiscard]] bool parsePartitionOperation(TokenCursor& cursor, Clause& clause);

/// True at PARTITION BY or REMOVE PARTITIONING, which stand last and without a comma.
bool atPartitioning(TokenCursor& cursor);

/// Reads it into `clause`. Precondition: atPartitioning.
[[nodiscard]] bool parsePartitioning(TokenCursor& cursor, Clause& clause);

}  // namespace oscar::ddl
