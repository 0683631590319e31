#include "engine/run_launcher.hpp"

#include "ddl/ptosc_defaults_file.hpp"
#include "domain/ids.hpp"
#include "ports/launch_check.hpp"

namespace oscar::engine {

LaunchFacts inspectBeforeLaunch(ports::TargetSession& session, const Execution& execution) {
  const std::string& database = execution.database_name;
  const std::string& table = execution.table_name;
  LaunchFacts facts;
  facts.estimated_rows = session.estimateRows(database, table);
  if (facts.estimated_rows <= 1) {
    session.analyzeTable(database, table);
    facts.estimated_rows = session.estimateRows(database, table);
  }
  const auto found = session.table(database, table);
  facts.free_bytes = found ? found->free_bytes : 0;
  return facts;
}

std::string newEventMark() {
  constexpr std::size_t kLength = 32;
  std::string mark;
  while (mark.size() < kLength) {
    // Its first 12 and last 12 digits are random; version and variant stand between them.
    const std::string id = newUuid();
    mark += id.substr(0, 8) + id.substr(9, 4) + id.substr(24);
  }
  mark.resize(kLength);
  return mark;
}

ports::RunSpec makeRunSpec(const Execution& execution, const std::string& run_id,
                           const std::string& event_mark, const TargetAddress& address,
                           const EngineContext& context) {
  ports::RunSpec spec;
  spec.run_id = run_id;
  spec.argv = execution.argv;
  const bool own_authority = ddl::ptoscNeedsCaFile(address);
  spec.files.push_back({"my.cnf", ddl::ptoscDefaultsFile(address), own_authority});
  if (own_authority) spec.files.push_back({"ca.pem", address.ssl_ca});
  spec.files.push_back({"observer.pm", context.observer_text});
  spec.files.push_back({"event_mark", event_mark});
  if (ports::needsRowCheck(execution)) {
    spec.files.push_back({"row_check.pm", context.row_check_text});
  }
  return spec;
}

}  // namespace oscar::engine
