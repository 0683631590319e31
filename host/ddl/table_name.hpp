#pragma once

#include <string>

namespace oscar::ddl {

/// A table as written in a statement, without quotes. `database` is empty when none was written.
struct TableName {
  std::string database;
  std::string table;
  bool operator==(const TableName&) const = default;
};

}  // namespace oscar::ddl
