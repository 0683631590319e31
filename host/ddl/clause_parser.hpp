#pragma once

#include "ddl/alter_statement.hpp"
#include "ddl/token_cursor.hpp"

#include <vector>

namespace oscar::ddl {

/// Reads one alteration that is neither an operation on partitions nor a table option, and appends
/// what it says to `clauses`: one clause, or one per element of `ADD ( ... )`. Spans are set,
/// dangers are not. False after an error, which is in the cursor.
[[nodiscard]] bool parseAlteration(TokenCursor& cursor, std::vector<Clause>& clauses);

}  // namespace oscar::ddl
