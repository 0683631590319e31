#include "adapters/mariadb_target_database.hpp"

#include "adapters/mariadb_target_session.hpp"

#include <mutex>
#include <mysql.h>

namespace oscar::adapters {

MariadbTargetDatabase::MariadbTargetDatabase(MariadbLinkPool::Limits limits)
    : pool_{std::make_shared<MariadbLinkPool>(limits)} {
  // mysql_init would do it as well, but not safely from two threads at once.
  static std::once_flag once;
  std::call_once(once, [] { mysql_server_init(0, nullptr, nullptr); });
}

std::unique_ptr<ports::TargetSession> MariadbTargetDatabase::connect(const TargetAddress& address) {
  return std::make_unique<MariadbTargetSession>(address);
}

std::unique_ptr<ports::TargetSession> MariadbTargetDatabase::borrow(const TargetAddress& address) {
  return std::make_unique<MariadbTargetSession>(address, pool_);
}

}  // namespace oscar::adapters
