#pragma once

#include "domain/error.hpp"
#include "domain/execution.hpp"
#include "domain/settings.hpp"
#include "domain/text.hpp"

#include <string>
#include <vector>

namespace oscar::ddl {

/// The pt-online-schema-change that would run.
struct PtoscTool {
  std::string path;
  int version_number = 0;            ///< 30201; 0 = unknown
  std::vector<std::string> options;  ///< long option names it knows; empty = could not be asked
};

/// What the command line depends on in the target server.
struct PtoscServer {
  bool mariadb = false;
  int version_number = 0;  ///< 101119, 90700
  bool has_explain_format = false;
  bool sees_processes = true;       ///< the account has PROCESS
  bool sees_replica_hosts = true;   ///< SHOW SLAVE HOSTS / SHOW REPLICAS work
  bool sees_replica_status = true;  ///< SHOW SLAVE STATUS / SHOW REPLICA STATUS work
  bool sets_error_count = true;     ///< the account may set max_error_count for its session

  /// pt-osc refuses `drop_swap` there, but only after it has copied the whole table.
  bool refusesDropSwap() const { return version_number >= (mariadb ? 100000 : 80000); }
};

/// Where pt-osc connects to; the account is in the defaults file.
struct PtoscEndpoint {
  std::string host;
  int port = 3306;
  std::string charset = "utf8mb4";  ///< the connection's; pt-osc always gets utf8mb4
};

/// Which of pt-osc's own checks Oscar's stand in for. Set only after those checks have been made:
/// pt-osc would otherwise lose rows or columns in silence.
struct PtoscChecks {
  bool skip_alter_check = false;   ///< --no-check-alter: a confirmed rename or primary key change
  bool skip_unique_check = false;  ///< --no-check-unique-key-change
  Text reason;                     ///< what was checked instead, shown in the preview
};

/// Everything that a command line of pt-osc is made of.
struct PtoscRequest {
  std::string database;
  std::string table;
  std::string alter_text;  ///< becomes --alter, byte for byte
  ExecutionParams params;
  ExecutionSettings defaults;
  PtoscTool tool;
  PtoscServer server;
  PtoscEndpoint endpoint;
  PtoscChecks checks;
};

/// Something that was added, left out or replaced, and why. `code` is a stable word.
struct PtoscNote {
  std::string code;
  Text text;
};

/// What would run, word by word, and what there is to say about it.
struct PtoscCommand {
  /// argv[0] is the tool. `{run_dir}` stands for the run directory. No secret and no user name.
  std::vector<std::string> argv;
  std::vector<PtoscNote> notes;
};

/// `execution_params.extra.<option>`.
inline std::string extraField(const std::string& option) {
  return "execution_params.extra." + option;
}

}  // namespace oscar::ddl
