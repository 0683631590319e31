#pragma once

#include "ports/target_database.hpp"
#include "ports/target_directory.hpp"

#include <string>
#include <vector>

namespace oscar::services {

/// Looks at a target server for the person who chooses a table. Thread-safe; kConnectionFailed
/// (1001) with the server's words, kNotFound for an unknown connection or database.
class ToolsService {
 public:
  ToolsService(ports::TargetDirectory& directory, ports::TargetDatabase& targets);

  std::vector<std::string> databases(const std::string& connection_id);
  std::vector<ports::TableFacts> tables(const std::string& connection_id,
                                        const std::string& database);

 private:
  ports::TargetDirectory& directory_;
  ports::TargetDatabase& targets_;
};

}  // namespace oscar::services
