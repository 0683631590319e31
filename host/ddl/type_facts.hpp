#pragma once

#include "ddl/column_definition.hpp"

namespace oscar::ddl {

/// True when the type of `wanted` can hold every value of the type of `now` unchanged. Looks at
/// type, sign, length, scale, and at character sets as far as they decide how many bytes a text
/// takes; not at which members an ENUM has, nor at NULL.
bool typeHolds(const ColumnDefinition& now, const ColumnDefinition& wanted);

}  // namespace oscar::ddl
