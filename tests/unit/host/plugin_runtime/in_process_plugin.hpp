#pragma once

#include "fixtures/plugins/fixture_backend.hpp"
#include "plugin_runtime/gateway_slot.hpp"
#include "plugin_runtime/host_bridge.hpp"
#include "plugin_runtime/plugin_instance.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_log.hpp"
#include <oscar/sdk/plugin.hpp>

#include <memory>
#include <string>

namespace oscar::plugin_runtime {

/// The fixtures' backend without a library around it: everything but loading.
struct InProcessPlugin {
  static constexpr oscar_capability kCapability =
      sdk::capability<sdk::ExecutionBackend, FixtureBackend>("fixture", FixtureBackend::kSchema);

  test::FakeLog log;
  test::FakeClock clock;
  HostServices services;
  GatewaySlot gateway;
  std::shared_ptr<HostBridge> bridge;

  std::shared_ptr<PluginInstance> create(const std::string& behaviour) {
    bridge = std::make_shared<HostBridge>(HostBridge::Host{log, clock, services, gateway},
                                          "fixture", R"({"behaviour":")" + behaviour + R"("})");
    auto instance =
        PluginInstance::create(std::make_shared<NegotiatedPlugin>(), kCapability, bridge);
    if (!instance) throw std::runtime_error(instance.error());
    return instance.value();
  }
};

}  // namespace oscar::plugin_runtime
