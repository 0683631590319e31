#pragma once

#include "ddl/column_definition.hpp"
#include "domain/text.hpp"

#include <vector>

namespace oscar::ddl {

/// Why values that `now` can hold might not survive in `wanted`: one sentence for each reason,
/// none when every value fits. pt-osc copies with INSERT IGNORE, which cuts or replaces silently
/// what does not fit. Doubt counts as narrowing: pairs of types that are not known to be safe do.
///
/// A character set or collation that is not written (empty) is unknown and never a reason, so the
/// caller fills in the table's default where it knows it.
std::vector<Text> narrowingReasons(const ColumnDefinition& now, const ColumnDefinition& wanted);

/// True when narrowingReasons has any.
bool narrows(const ColumnDefinition& now, const ColumnDefinition& wanted);

}  // namespace oscar::ddl
