#pragma once

#include "domain/settings.hpp"
#include "plugin_runtime/host_services.hpp"
#include "ports/api_gateway.hpp"
#include "ports/clock.hpp"
#include "ports/execution_backend.hpp"
#include "ports/log.hpp"

#include <memory>
#include <string>
#include <vector>

namespace oscar::plugin_runtime {

/// Loads the plugins of the allow-list and lends their capabilities to the host. A plugin that
/// cannot be used stays listed with its state and reason; nothing that a plugin's files contain
/// makes the constructor throw. Methods: any thread.
///
/// Destroy it after everything that uses its backends and before the ports given to it. Instances
/// are destroyed in reverse order of creation; libraries stay mapped until the process ends.
class PluginRuntime final : public ports::BackendCatalog, public ports::PluginCatalog {
 public:
  /// `settings.paths` are the folders of the plugins, one each, absolute. `host_facts` is a JSON
  /// object of values that the host knows ({"run_root": "/var/lib/oscar/runs"}): a capability whose
  /// schema has a property of that name receives it unless the user configured one.
  PluginRuntime(const PluginSettings& settings, ports::Log& log, const ports::Clock& clock,
                HostServices services, const std::string& host_facts);
  ~PluginRuntime();
  PluginRuntime(const PluginRuntime&) = delete;
  PluginRuntime& operator=(const PluginRuntime&) = delete;

  /// Offers the REST operations to plugins (HostApi::call), which before get "not serving". Once,
  /// when the HTTP layer is built and before it serves.
  void openGateway(ports::ApiGateway& gateway);
  /// Takes them back for good. Returns when no plugin is inside; call it before the HTTP layer is
  /// destroyed, and not from within a call.
  void closeGateway();

  ports::ExecutionBackend* find(const std::string& type) override;
  Text whyNot(const std::string& type) override;
  std::vector<std::string> types() override;
  /// In the order of the allow-list, then those that are configured but not there. Waits at
  /// most 1.5 s in all for slow probes.
  std::vector<ports::PluginInfo> plugins() override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace oscar::plugin_runtime
