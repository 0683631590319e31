#pragma once

#include "ddl/table_name.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace oscar::ddl {

/// A CHECK that is written at a column.
struct InlineCheck {
  std::string expression;  ///< bytes between the parentheses
  bool enforced = true;    ///< false: NOT ENFORCED (MySQL), no row has to satisfy it
  bool operator==(const InlineCheck&) const = default;
};

/// A column as a definition describes it: what a check needs to compare it with another one.
struct ColumnDefinition {
  /// Canonical lower-case type: synonyms are resolved (`integer` is `int`, `dec` is `decimal`,
  /// `bool` is `tinyint` with length 1, `serial` is `bigint` unsigned, `nchar` is `char`).
  std::string type;
  /// As written: characters, bytes, bits, digits (precision), fraction digits of a time, display
  /// width or vector entries. Absent when not written.
  std::optional<std::int64_t> length;
  std::optional<std::int64_t> scale;  ///< digits after the point
  bool is_unsigned = false;
  bool zerofill = false;
  std::vector<std::string> members;  ///< of ENUM and SET, unescaped
  std::string charset;    ///< lower case; empty when not written (then the table's default holds)
  std::string collation;  ///< lower case; empty when not written

  bool nullable = true;                       ///< false after NOT NULL, PRIMARY KEY or SERIAL
  std::optional<std::string> default_text;    ///< bytes of the default as written, NULL included
  std::optional<std::string> on_update_text;  ///< bytes of the ON UPDATE value as written
  bool auto_increment = false;
  bool primary_key = false;  ///< inline [PRIMARY] KEY
  bool unique_key = false;   ///< inline UNIQUE [KEY], or SERIAL
  bool invisible = false;
  std::string comment;  ///< unescaped

  bool generated = false;
  bool stored = false;               ///< generated and STORED or PERSISTENT
  std::string generated_expression;  ///< bytes between the parentheses; empty for ROW START/END

  std::vector<InlineCheck> checks;
  std::optional<TableName> referenced_table;  ///< inline REFERENCES

  bool first = false;  ///< FIRST
  std::string after;   ///< column named by AFTER; empty when absent
};

}  // namespace oscar::ddl
