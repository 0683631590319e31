#pragma once

#include "ddl/alter_statement.hpp"
#include "ddl/token_cursor.hpp"

namespace oscar::ddl {

/// True where a table option begins (`ENGINE`, `COMMENT`, `DEFAULT CHARACTER SET`, ...). Options
/// may follow each other with or without a comma. Notes what could begin here.
bool atTableOption(TokenCursor& cursor);

/// Reads one option with its value into `clause`. Precondition: atTableOption.
[[nodiscard]] bool parseTableOption(TokenCursor& cursor, Clause& clause);

}  // namespace oscar::ddl
