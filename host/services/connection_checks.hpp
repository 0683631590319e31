#pragma once

#include "services/connection_service.hpp"

namespace oscar::services {

/// Every rule for the fields of a Connection as a user gives it. Throws
/// ServiceError::invalidFields with all that is wrong. `password_required`: there is no stored one
/// to fall back on. `name_required`: it is to be saved, not only tested.
void checkConnection(const ConnectionInput& input, bool password_required,
                     bool name_required = true);

/// True when a password that was stored for `stored` may be sent to `wanted`: the same server, the
/// same account, and the same care about who is listening. What differs in name, database or
/// description does not matter.
bool maySendStoredPassword(const Connection& stored, const Connection& wanted);

}  // namespace oscar::services
