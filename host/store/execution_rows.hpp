#pragma once

#include "domain/execution.hpp"
#include "store/sql.hpp"

#include <string>
#include <string_view>

/// How an Execution becomes a row of `execution_records` and back.
namespace oscar::store {

/// The columns that executionOf reads, all of the alias `e`, and their types (see Query).
std::string_view executionColumns();
std::string_view executionTypes();
/// Reads them in that order, from the row's next column on.
Execution executionOf(Row& row);

/// INSERT INTO execution_records with every column that the caller sets.
std::string_view insertExecutionSql();
/// Its parameters, in that order.
Values insertExecutionValues(const Execution& execution);

/// `stage = ?, paused = ?, ...` for an UPDATE, and its values in that order.
std::string_view progressAssignments();
Values progressValues(const RunProgress& progress);

/// Identity of a table on a server, as MySQL compares names under any lower_case_table_names.
std::string tableKey(const std::string& server_key, const std::string& database_name,
                     const std::string& table_name);

/// What keywords are looked for in; keywords are folded by the same rule (searchFold).
std::string searchHaystack(const Execution& execution);
std::string searchFold(const std::string& text);

/// `avg_speed` is DECIMAL(10,2): two decimals, and at most what fits.
std::optional<double> storableSpeed(const std::optional<double>& speed);

}  // namespace oscar::store
