#include "hello_notifier.hpp"
#include <oscar/sdk/plugin.hpp>

namespace {

constexpr const char kManifest[] =
#include "oscar_manifest.inc"
    ;

constexpr const char kSchema[] = R"({
  "type": "object",
  "additionalProperties": false,
  "required": ["file"],
  "properties": {
    "file": {"type": "string", "minLength": 1, "description": "file that gets one line per message"},
    "greeting": {"type": "string", "description": "beginning of each line"}
  }
})";

}  // namespace

OSCAR_EXPORT_PLUGIN(kManifest,
                    oscar::sdk::capability<oscar::sdk::Notifier, HelloNotifier>("hello", kSchema))
