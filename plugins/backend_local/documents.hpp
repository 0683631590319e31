#pragma once

#include "run_directory.hpp"
#include "tool_probe.hpp"

#include <stdexcept>
#include <string>
#include <string_view>

/// The JSON documents of oscar.ExecutionBackend/1 (sdk/README.md, "Execution backend documents")
/// and of this plugin's configuration. Everything else here works with the C++ types.
namespace oscar::backend_local {

/// A document that is not what it should be; the text says where.
class BadDocument : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The plugin's configuration (schema in plugin.cpp).
struct Configuration {
  std::string run_root;                          ///< absolute folder that holds one folder per run
  std::string tool = "pt-online-schema-change";  ///< absolute path, or a name to look for in PATH
  std::string runner;                            ///< absolute path; empty: beside the library
  Environment tool_env;                          ///< added to the tool's environment
};

/// A control of a run (host/observer/README.md, "Control files"): set to a value, or taken away.
struct ControlCommand {
  std::string name;
  bool set = false;
  std::string value;
};

/// These throw BadDocument.
Configuration parseConfiguration(std::string_view json);
RunSpec parseRunSpec(std::string_view json);
ControlCommand parseControl(std::string_view json);
/// The run id that a handle names. The directory in it is for people: it follows from run_root.
std::string parseHandle(std::string_view json);

std::string handleJson(const std::string& run_dir, const std::string& run_id,
                       const ProcessIdentity& tool);
std::string statusJson(const RunStatus& status);
std::string probeJson(const ToolReport& report);

/// Reads the runner's exit record; nullopt when it is damaged.
std::optional<RunStatus> parseExitRecord(std::string_view json);

}  // namespace oscar::backend_local
