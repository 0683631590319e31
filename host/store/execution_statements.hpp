#pragma once

#include "domain/execution.hpp"
#include "store/sql.hpp"

#include <cstdint>
#include <optional>
#include <string>

/// What several operations of SqlExecutionStore share inside their transactions.
namespace oscar::store {

/// The first statement of every transaction that inserts an execution or changes a status.
void lockQueue(Sql& sql);

/// Keeps execution_counters: an execution came into `status` (with its duration, if known).
void countEntered(Sql& sql, ExecutionStatus status,
                  const std::optional<std::int64_t>& duration_seconds = std::nullopt);
/// An execution without a known duration left `status`.
void countLeft(Sql& sql, ExecutionStatus status);

/// Gives the execution its number. Under lockQueue. Throws ServiceError kNotFound when its
/// connection has been removed.
std::int64_t insertExecution(Sql& sql, const Execution& execution);
std::optional<Execution> selectExecution(Sql& sql, const std::string& id);

}  // namespace oscar::store
