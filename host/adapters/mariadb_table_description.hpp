#pragma once

#include "adapters/mariadb_link.hpp"
#include "ports/target_database.hpp"

#include <optional>
#include <string>
#include <vector>

namespace oscar::adapters {

/// SELECT of what TableFacts hold, to be followed by more conditions; one `?` for the database. Its
/// rows are for readTableFacts.
std::string selectTables();
/// Precondition: a row of selectTables.
ports::TableFacts readTableFacts(const MariadbLink::Row& row);

/// Asks for a whole TableDescription at once, since a preview waits for each round trip. Takes
/// describeTableValues; its rows, in any order, are for readTableDescription.
const std::string& describeTableQuery();
/// What is bound in it.
std::vector<std::string> describeTableValues(const std::string& database, const std::string& table);
/// nullopt when there is no such table.
std::optional<ports::TableDescription> readTableDescription(MariadbLink::Rows found);

}  // namespace oscar::adapters
