#pragma once

#include "ddl/column_definition.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace oscar::ddl {

/// The column's character set in lower case, read from its collation if only that is written;
/// `utf8` is `utf8mb3`. Empty when unknown.
std::string charsetOf(const ColumnDefinition& column);

/// Most bytes that one character takes; 4 for an unknown or empty name.
std::int64_t bytesPerCharacter(std::string_view charset);

/// True when every character of character set `now` also exists in `wanted`. Names in lower case;
/// unknown names cover only themselves.
bool charsetCovers(std::string_view wanted, std::string_view now);

}  // namespace oscar::ddl
