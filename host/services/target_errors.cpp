#include "services/target_errors.hpp"

#include <string>

namespace oscar::services {

ServiceError connectionFailed(const ports::TargetError& error) {
  const std::string words = error.what();
  return ServiceError{ErrorCode::kConnectionFailed,
                      Text{"数据库连接失败：" + words, "The database connection failed: " + words}}
      .withDetails("{\"mysql_error\":" + std::to_string(error.code()) + "}");
}

}  // namespace oscar::services
