#pragma once

#include "ddl/alter_statement.hpp"

#include <vector>

namespace oscar::ddl {

/// The dangers of a parsed clause, each once, in the order of their importance to the reader: what
/// is refused first. Looks at nothing but the clause.
std::vector<Danger> dangersOf(const Clause& clause);

}  // namespace oscar::ddl
