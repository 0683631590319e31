#pragma once

#include <string>
#include <string_view>

namespace oscar::adapters {

/// Names as InnoDB keeps them in its own tables: ASCII letters, digits and `_` as they are, most
/// others as `@8ba2`, some letters as `@` and two characters ("Mapping of Identifiers to File
/// Names" in the MySQL manual). Newer servers keep some of them plainly.

/// A LIKE pattern for a name in either form. It may fit other names too.
std::string innodbNamePattern(const std::string& name);
/// With every `@8ba2` as its character; what it does not know stays as it is.
std::string plainInnodbName(std::string_view name);
/// Whether `name`, `database/table` in either form, is or may be that table: the letters that
/// plainInnodbName does not know could be any.
bool isInnodbName(std::string_view name, const std::string& database, const std::string& table);

}  // namespace oscar::adapters
