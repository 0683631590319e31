#pragma once

#include <string_view>

namespace oscar::ddl {

/// True for a word that no supported server takes as a name without backticks: it is reserved in
/// MySQL 5.7, in MySQL 8.0–9.x and in MariaDB 10.x. A word reserved in only some of them (`rank`,
/// `groups`, `system`, `offset`) is a name here, since the parser does not know the server.
bool isReservedWord(std::string_view word);

}  // namespace oscar::ddl
