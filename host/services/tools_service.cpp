#include "services/tools_service.hpp"

#include "domain/error.hpp"
#include "services/target_errors.hpp"

#include <algorithm>

namespace oscar::services {
namespace {

std::unique_ptr<ports::TargetSession> open(ports::TargetDirectory& directory,
                                           ports::TargetDatabase& targets,
                                           const std::string& connection_id) {
  TargetAddress address = directory.addressOf(connection_id);
  // The connection's default database may have been dropped; the list of the others is wanted all
  // the more then.
  address.database.clear();
  return targets.borrow(address);
}

}  // namespace

ToolsService::ToolsService(ports::TargetDirectory& directory, ports::TargetDatabase& targets)
    : directory_{directory}, targets_{targets} {}

std::vector<std::string> ToolsService::databases(const std::string& connection_id) {
  try {
    return open(directory_, targets_, connection_id)->databases();
  } catch (const ports::TargetError& error) {
    throw connectionFailed(error);
  }
}

std::vector<ports::TableFacts> ToolsService::tables(const std::string& connection_id,
                                                    const std::string& database) {
  try {
    const auto session = open(directory_, targets_, connection_id);
    const auto known = session->databases();
    if (std::find(known.begin(), known.end(), database) == known.end()) {
      throw ServiceError{ErrorCode::kNotFound,
                         Text{"数据库不存在，或该账号无权查看",
                              "There is no such database, or the account may not see it"}};
    }
    return session->tables(database);
  } catch (const ports::TargetError& error) {
    throw connectionFailed(error);
  }
}

}  // namespace oscar::services
