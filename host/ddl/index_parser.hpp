#pragma once

#include "ddl/alter_statement.hpp"
#include "ddl/token_cursor.hpp"

namespace oscar::ddl {

/// True where an index, key, table constraint or period begins, and no column: after ADD, or as an
/// element of `ADD ( )`. Notes what could begin here.
bool atIndexOrConstraint(TokenCursor& cursor);

/// Reads it into `clause` (kind, name, columns, key parts, unique, referenced table).
/// Precondition: atIndexOrConstraint. False after an error, which is in the cursor.
[[nodiscard]] bool parseIndexOrConstraint(TokenCursor& cursor, Clause& clause);

}  // namespace oscar::ddl
