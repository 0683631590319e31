#pragma once

#include "ddl/alter_statement.hpp"
#include "ddl/parse_error.hpp"
#include "domain/result.hpp"

#include <cstddef>
#include <string_view>

namespace oscar::ddl {

/// Longest text that is parsed, in bytes. It becomes one program argument, of which Linux takes
/// 128 KiB at most.
inline constexpr std::size_t kMaxAlterBytes = std::size_t{64} * 1024;

/// Reads the clauses of one ALTER TABLE as MySQL 5.7–9.x and MariaDB 10.x write them, with or
/// without `ALTER TABLE name` in front and `;` behind. What only one of these servers accepts is
/// accepted; a name that is reserved in all of them needs backticks.
///
/// Expressions (defaults, generated columns, checks, partition values) are only checked for balance
/// and dangling operators: the server judges the rest. Text only, no I/O, linear in time, no
/// recursion, safe from any thread, never throws for bad text.
Result<AlterStatement, ParseError> parseAlter(std::string_view text);

}  // namespace oscar::ddl
