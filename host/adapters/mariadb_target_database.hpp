#pragma once

#include "adapters/mariadb_link_pool.hpp"
#include "ports/target_database.hpp"

#include <memory>

namespace oscar::adapters {

/// Target servers by libmariadb: MySQL 5.7 to 9.x and MariaDB 10.x to 11.x. The raw C library is
/// used because it alone gives TLS verification modes, time bounds for each direction, and MySQL's
/// error numbers. Any thread; the sessions it gives are for one thread at a time.
///
/// Time bounds: the connect takes at most the address's timeout for each address of the host name,
/// a query 30 s, ANALYZE TABLE and drops 10 min, findDuplicates what the caller says. A statement
/// waits at most 20 s for a metadata lock.
class MariadbTargetDatabase final : public ports::TargetDatabase {
 public:
  /// `limits` of the links that wait for the next borrow(); the default is for production.
  explicit MariadbTargetDatabase(MariadbLinkPool::Limits limits = {});

  std::unique_ptr<ports::TargetSession> connect(const TargetAddress& address) override;
  std::unique_ptr<ports::TargetSession> borrow(const TargetAddress& address) override;

 private:
  std::shared_ptr<MariadbLinkPool> pool_;  ///< shared with the sessions that will give back to it
};

}  // namespace oscar::adapters
