#pragma once

#include "plugin_runtime/plugin_instance.hpp"
#include "ports/execution_backend.hpp"
#include <oscar/sdk/execution_backend.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace oscar::plugin_runtime {

/// One `attach` into a plugin, on a thread of its own, so that the host keeps its own thread when
/// the plugin ignores the stop token.
class AttachCall {
 public:
  using Output = ports::ExecutionBackend::Output;

  /// How long the plugin may take to return once it was asked to.
  static constexpr std::chrono::milliseconds kStopPatience{5000};

  /// Blocks until the plugin's attach returned; kInternal, with the instance marked faulty, when it
  /// did not return in time after `stop` became true. `output` is called from another thread while
  /// this one waits, never after this function returned, and not any more once a stop was asked
  /// for. What `output` throws is thrown here.
  static sdk::Status run(const std::shared_ptr<PluginInstance>& instance, const std::string& handle,
                         std::uint64_t offset, const Output& output, const std::atomic<bool>& stop,
                         std::string& error, std::chrono::milliseconds patience = kStopPatience);
};

}  // namespace oscar::plugin_runtime
