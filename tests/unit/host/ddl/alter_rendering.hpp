#pragma once

#include "ddl/alter_parser.hpp"

#include <string>

namespace oscar::ddl {

/// A row of the statement tables: what a text must be read as. See `render` for the form.
struct StatementCase {
  const char* text;
  const char* rendering;
  const char* ddl_type;
};

/// One line for a statement: `kind <KEYWORD> name>new_name (columns) [partitions] !danger`, clauses
/// separated by ` | `, absent parts left out.
inline std::string render(const AlterStatement& statement) {
  const auto list = [](const std::vector<std::string>& names) {
    std::string joined;
    for (const std::string& name : names) joined += (joined.empty() ? "" : ",") + name;
    return joined;
  };
  std::string line;
  for (const Clause& clause : statement.clauses) {
    if (!line.empty()) line += " | ";
    line += toString(clause.kind);
    if (!clause.keyword.empty()) line += " <" + clause.keyword + ">";
    if (!clause.name.empty()) line += " " + clause.name;
    if (!clause.new_name.empty()) line += ">" + clause.new_name;
    if (!clause.columns.empty()) line += " (" + list(clause.columns) + ")";
    if (!clause.partitions.empty()) line += " [" + list(clause.partitions) + "]";
    for (Danger danger : clause.dangers) line += " !" + std::string{toString(danger)};
  }
  return line;
}

}  // namespace oscar::ddl
