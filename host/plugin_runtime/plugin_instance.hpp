#pragma once

#include "domain/result.hpp"
#include "plugin_runtime/host_bridge.hpp"
#include "plugin_runtime/negotiation.hpp"
#include <oscar/sdk/plugin_abi.h>
#include <oscar/sdk/status.hpp>

#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace oscar::plugin_runtime {

/// A living object of a plugin, with its library and its bridge. Shared by whoever may still be
/// inside one of its methods; destroyed (by the plugin's own `destroy`) when the last one left.
class PluginInstance {
 public:
  /// Calls the capability's `create`. The error is the plugin's own reason.
  static Result<std::shared_ptr<PluginInstance>, std::string> create(
      std::shared_ptr<NegotiatedPlugin> plugin, const oscar_capability& capability,
      std::shared_ptr<HostBridge> bridge);
  ~PluginInstance();
  PluginInstance(const PluginInstance&) = delete;
  PluginInstance& operator=(const PluginInstance&) = delete;

  /// The instance as its interface's C++ class. `Interface` must be the one of the capability.
  template <typename Interface>
  Interface& as() const {
    return *static_cast<Interface*>(handle_);
  }
  const std::string& type() const { return type_; }
  HostBridge& bridge() { return *bridge_; }

  /// Runs a call into the plugin. An exception that leaves it is caught while the library is
  /// certainly mapped, written to `failure` and remembered: the instance is faulty from then on.
  template <typename Call>
  sdk::Status guarded(std::string_view operation, std::string& failure, Call&& call) {
    try {
      return call();
    } catch (const std::exception& thrown) {
      failure = std::string{operation} + " threw an exception: " + thrown.what();
    } catch (...) {
      failure = std::string{operation} + " threw something that is not a std::exception";
    }
    markFaulty(failure);
    return sdk::Status::kInternal;
  }

  void markFaulty(const std::string& why);
  /// Why the instance is faulty (the first reason); nullopt while it is not. Any thread.
  std::optional<std::string> fault() const;

 private:
  PluginInstance(std::shared_ptr<NegotiatedPlugin> plugin, const oscar_capability& capability,
                 std::shared_ptr<HostBridge> bridge, void* handle);

  std::shared_ptr<NegotiatedPlugin> plugin_;
  const oscar_capability& capability_;
  std::string type_;
  std::shared_ptr<HostBridge> bridge_;
  void* handle_;
  mutable std::mutex mutex_;
  std::optional<std::string> fault_;
};

}  // namespace oscar::plugin_runtime
