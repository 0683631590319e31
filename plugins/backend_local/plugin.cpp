#include "local_backend.hpp"
#include <oscar/sdk/plugin.hpp>

namespace {

constexpr const char kManifest[] =
#include "oscar_manifest.inc"
    ;

constexpr const char kSchema[] = R"({
  "type": "object",
  "additionalProperties": false,
  "required": ["run_root"],
  "properties": {
    "run_root": {"type": "string", "minLength": 1,
      "description": "Absolute folder for run directories. The host gives <data>/runs."},
    "tool": {"type": "string", "minLength": 1, "default": "pt-online-schema-change",
      "description": "Absolute path of pt-online-schema-change, or its name to look for in PATH."},
    "tool_env": {"type": "object",
      "description": "Environment variables for the tool, such as PERL5LIB. Never a password."},
    "runner": {"type": "string",
      "description": "Absolute path of oscar-runner. Default: beside this plugin's library."}
  }
})";

}  // namespace

OSCAR_EXPORT_PLUGIN(kManifest,
                    oscar::sdk::capability<oscar::sdk::ExecutionBackend,
                                           oscar::backend_local::LocalBackend>("local", kSchema))
