#pragma once

#include "plugin_runtime/gate.hpp"
#include "ports/api_gateway.hpp"

#include <atomic>
#include <optional>
#include <string>

namespace oscar::plugin_runtime {

/// The place where the REST operations appear once the HTTP layer is built, and from which they
/// disappear before it is destroyed. Any thread.
class GatewaySlot {
 public:
  /// Once, before anybody is served.
  void open(ports::ApiGateway& gateway) { gateway_.store(&gateway); }

  /// For good. Returns when no call is inside the gateway any more.
  void close() { gate_.close(); }

  /// nullopt while there is no gateway.
  std::optional<ports::ApiGateway::Response> call(const std::string& user_id,
                                                  const std::string& method,
                                                  const std::string& path,
                                                  const std::string& json_body) {
    const Gate::Pass pass{gate_};
    ports::ApiGateway* gateway = gateway_.load();
    if (!pass || !gateway) return std::nullopt;
    return gateway->call(user_id, method, path, json_body);
  }

 private:
  Gate gate_;
  std::atomic<ports::ApiGateway*> gateway_{nullptr};
};

}  // namespace oscar::plugin_runtime
