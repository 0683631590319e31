#pragma once

#include "ddl/column_definition.hpp"
#include "ddl/token_cursor.hpp"

namespace oscar::ddl {

/// Reads a data type with its length, sign and character set into `column`: everything that must
/// stand directly behind a column's name. False after an error, which is in the cursor.
[[nodiscard]] bool parseDataType(TokenCursor& cursor, ColumnDefinition& column);

/// Reads the name behind CHARACTER SET or COLLATE, lower-cased.
[[nodiscard]] bool parseCharsetName(TokenCursor& cursor, std::string& name, std::string_view what);

}  // namespace oscar::ddl
