#pragma once

#include "ddl/column_definition.hpp"
#include "ddl/parse_error.hpp"
#include "ddl/token_cursor.hpp"
#include "domain/result.hpp"

#include <string_view>

namespace oscar::ddl {

/// Reads what follows a column's name: type, attributes, generated expression, inline constraints.
/// False after an error, which is in the cursor.
[[nodiscard]] bool parseColumnBody(TokenCursor& cursor, ColumnDefinition& column);

/// Reads FIRST or AFTER name, if one of them stands here.
[[nodiscard]] bool parseColumnPlace(TokenCursor& cursor, ColumnDefinition& column);

/// Reads a literal, function call or `(expression)` behind DEFAULT; `value` gets its bytes.
[[nodiscard]] bool parseDefaultValue(TokenCursor& cursor, std::string& value);

/// Reads [NOT] ENFORCED behind a CHECK if it stands here; NOT NULL is left alone. False for NOT
/// ENFORCED, unless a version comment holds it: a server that skips the comment enforces the check.
bool readEnforced(TokenCursor& cursor);

/// Reads the table, its columns (if they are named) and the rules behind REFERENCES.
[[nodiscard]] bool parseReferences(TokenCursor& cursor, TableName& table,
                                   std::vector<std::string>& columns);

/// Reads a definition without its name, for example information_schema's COLUMN_TYPE
/// (`int(10) unsigned`) or what SHOW CREATE TABLE prints behind the name, so that a live column can
/// be compared with a wanted one.
Result<ColumnDefinition, ParseError> parseColumnDefinition(std::string_view text);

}  // namespace oscar::ddl
