#pragma once

#include "domain/connection.hpp"

#include <string>

namespace oscar::ddl {

/// The option file that the DSN names (`F=`): account, TLS and time limit for pt-osc's driver, in
/// the syntax that both client libraries read (MariaDB Connector/C and libmysqlclient).
///
/// `{run_dir}` occurs once, before any text of the user, and only when the connection has its own
/// authority (then ca.pem must be placed in the run directory; without one the file must not be
/// expanded at all, because a password may contain that text). Contains the password: mode 0600,
/// never stored or logged. Precondition: no NUL in the account.
std::string ptoscDefaultsFile(const TargetAddress& address);

/// True when `ca.pem` with `address.ssl_ca` must stand in the run directory.
bool ptoscNeedsCaFile(const TargetAddress& address);

}  // namespace oscar::ddl
