#pragma once

#include "domain/error.hpp"
#include "ports/target_database.hpp"

namespace oscar::services {

/// kConnectionFailed (1001) in the server's own words; the details hold MySQL's error number.
ServiceError connectionFailed(const ports::TargetError& error);

}  // namespace oscar::services
