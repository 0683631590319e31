#pragma once

#include "plugin_runtime/call_pool.hpp"
#include "plugin_runtime/plugin_instance.hpp"
#include "plugin_runtime/probe_cache.hpp"
#include "plugin_runtime/text_limit.hpp"
#include "ports/clock.hpp"
#include "ports/execution_backend.hpp"
#include <oscar/sdk/execution_backend.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace oscar::plugin_runtime {

/// How long calls into a plugin may take (sdk/README.md, "Rules that every plugin keeps").
struct CallDeadlines {
  std::chrono::milliseconds quick{5'000};  ///< status, control, stop
  std::chrono::milliseconds slow{30'000};  ///< start, recover, cleanup
};

/// A plugin's execution backend as the host's port: structs become JSON documents and back, and
/// nothing that the plugin does, save crashing, gets past it. Any thread.
///
/// A call that overruns its deadline throws kUnavailable and is left to finish; until it has, the
/// backend counts as not ready.
/// When the plugin has misbehaved (thrown, ignored a stop), new starts are refused, while the calls
/// that look after runs which exist are still made: losing sight of a run would be worse.
class PluginBackend final : public ports::ExecutionBackend {
 public:
  PluginBackend(std::shared_ptr<PluginInstance> instance, const ports::Clock& clock,
                const CallDeadlines& deadlines = {});

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
  using Call = std::function<sdk::Status(sdk::ExecutionBackend& plugin, sdk::TextSink& result,
                                         sdk::TextSink& error)>;
  struct Asked;

  /// Makes one call into the plugin, which must own all that it touches. Throws kUnavailable when
  /// it does not come back in time.
  std::shared_ptr<const Asked> ask(const std::string& operation, std::chrono::milliseconds deadline,
                                   std::size_t result_limit, Call call);
  /// The same, and turns anything but kOk into a BackendError.
  LimitedText must(const std::string& operation, std::chrono::milliseconds deadline,
                   std::size_t result_limit, Call call);
  void sendControl(const std::string& handle, std::string command);
  std::shared_ptr<void> beginStart(const std::string& run_id);
  bool isStarting(const std::string& run_id);

  std::shared_ptr<PluginInstance> instance_;
  const CallDeadlines deadlines_;
  ProbeCache probes_;
  std::mutex mutex_;
  /// The starts by run id; each lives as long as its call is inside the plugin.
  std::map<std::string, std::weak_ptr<void>> starts_;
  CallPool calls_;
};

}  // namespace oscar::plugin_runtime
