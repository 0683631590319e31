#pragma once

#include "plugin_runtime/plugin_instance.hpp"
#include "plugin_runtime/probe_cache.hpp"
#include "ports/clock.hpp"
#include "ports/execution_backend.hpp"
#include <oscar/sdk/execution_backend.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace oscar::plugin_runtime {

/// A plugin's execution backend as the host's port: structs become JSON documents and back, and
/// nothing that the plugin does, save crashing, gets past it. Any thread.
///
/// When the plugin has misbehaved (thrown, ignored a stop), new starts are refused, while the calls
/// that look after runs which exist are still made: losing sight of a run would be worse.
class PluginBackend final : public ports::ExecutionBackend {
 public:
  PluginBackend(std::shared_ptr<PluginInstance> instance, const ports::Clock& clock);

  ports::BackendReport probe() override;
  std::string start(const ports::RunSpec& spec) override;
  std::optional<std::string> recover(const std::string& run_id) override;
  void attach(const std::string& handle, std::uint64_t offset, const Output& output,
              const std::atomic<bool>& stop) override;
  ports::RunEnd status(const std::string& handle) override;
  void set(const std::string& handle, ports::Control control, const std::string& value) override;
  void clear(const std::string& handle, ports::Control control) override;
  void stop(const std::string& handle, bool force) override;
  void cleanup(const std::string& handle) override;

  /// For lists: starts a probe without waiting for it.
  void beginProbe() { probes_.begin(); }
  /// The newest result that is to be had within `patience`.
  ProbeResult probeResult(std::chrono::milliseconds patience);
  /// Why the plugin is faulty; nullopt while it is not.
  std::optional<std::string> fault() const { return instance_->fault(); }

 private:
  /// Makes one call into the plugin and turns anything but kOk into a BackendError.
  template <typename Call>
  void must(std::string_view operation, Call&& call);
  template <typename Call>
  sdk::Status tryCall(std::string_view operation, std::string& error, Call&& call);
  sdk::ExecutionBackend& plugin() { return instance_->as<sdk::ExecutionBackend>(); }

  std::shared_ptr<PluginInstance> instance_;
  ProbeCache probes_;
};

}  // namespace oscar::plugin_runtime
