#pragma once

#include "plugin_runtime/gate.hpp"
#include "plugin_runtime/gateway_slot.hpp"
#include "plugin_runtime/host_services.hpp"
#include "plugin_runtime/log_limiter.hpp"
#include "ports/clock.hpp"
#include "ports/log.hpp"
#include <oscar/sdk/plugin_abi.h>

#include <string>
#include <string_view>

namespace oscar::plugin_runtime {

/// One plugin instance's side of the host: the C functions of oscar_host_api over the ports.
/// Nothing that a plugin passes can make it throw or write without bound. Any thread.
class HostBridge {
 public:
  struct Host {
    ports::Log& log;
    const ports::Clock& clock;
    HostServices& services;
    GatewaySlot& gateway;
  };

  /// What `host` refers to must live until `disconnect` returned. `configuration` is JSON.
  HostBridge(Host host, std::string plugin_id, std::string configuration);
  HostBridge(const HostBridge&) = delete;
  HostBridge& operator=(const HostBridge&) = delete;

  const oscar_host_api& api() const { return api_; }
  const std::string& configuration() const { return configuration_; }
  const std::string& pluginId() const { return plugin_id_; }

  /// A line of the host itself about this plugin.
  void log(ports::LogLevel level, std::string_view text);

  /// From now on every function does nothing and says "not available". For an instance that is left
  /// behind because one of its threads never came back. Returns when no call is under way.
  void disconnect();

 private:
  static HostBridge& self(void* context) { return *static_cast<HostBridge*>(context); }
  /// Runs `use(host)` unless disconnected; gives `otherwise` then, and when it throws.
  template <typename R, typename Use>
  R withHost(R otherwise, Use&& use) noexcept;

  void logFromPlugin(std::int32_t level, std::string_view text) noexcept;
  std::int32_t secret(std::string_view name, oscar_text_sink out) noexcept;
  std::int32_t emit(std::string_view json) noexcept;
  std::int32_t call(const std::string& principal, const std::string& method,
                    const std::string& path, const std::string& json, oscar_text_sink out) noexcept;

  std::string plugin_id_;
  std::string component_;  ///< `plugin:<id>`
  std::string configuration_;
  Gate gate_;  ///< open while connected
  Host host_;
  LogLimiter limiter_;
  oscar_host_api api_{};
};

}  // namespace oscar::plugin_runtime
