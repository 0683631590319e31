#include "plugin_runtime/plugin_instance.hpp"

#include "json/utf8.hpp"
#include "plugin_runtime/text_limit.hpp"

namespace oscar::plugin_runtime {

Result<std::shared_ptr<PluginInstance>, std::string> PluginInstance::create(
    std::shared_ptr<NegotiatedPlugin> plugin, const oscar_capability& capability,
    std::shared_ptr<HostBridge> bridge) {
  LimitedText error{kMaxErrorText};
  const oscar_text_sink sink{&error, [](void* context, const char* data, std::size_t size) {
                               static_cast<LimitedText*>(context)->write({data, size});
                             }};
  const std::string& config = bridge->configuration();
  void* handle = nullptr;
  try {
    handle = capability.create(&bridge->api(), config.data(), config.size(), sink);
  } catch (const std::exception& thrown) {
    return std::string{"create threw an exception: "} + thrown.what();
  } catch (...) {
    return std::string{"create threw something that is not a std::exception"};
  }
  if (!handle) {
    return error.text().empty() ? std::string{"the plugin gave no reason"}
                                : json::toUtf8(error.text());
  }
  return std::shared_ptr<PluginInstance>{
      new PluginInstance{std::move(plugin), capability, std::move(bridge), handle}};
}

PluginInstance::PluginInstance(std::shared_ptr<NegotiatedPlugin> plugin,
                               const oscar_capability& capability,
                               std::shared_ptr<HostBridge> bridge, void* handle)
    : plugin_{std::move(plugin)},
      capability_{capability},
      type_{capability.type},
      bridge_{std::move(bridge)},
      handle_{handle} {}

PluginInstance::~PluginInstance() {
  std::string failure;
  guarded("destroy", failure, [&] {
    capability_.destroy(handle_);
    return sdk::Status::kOk;
  });
}

void PluginInstance::markFaulty(const std::string& why) {
  {
    std::lock_guard lock{mutex_};
    if (!fault_) fault_ = why;
  }
  bridge_->log(ports::LogLevel::kError, type_ + ": " + why);
}

std::optional<std::string> PluginInstance::fault() const {
  std::lock_guard lock{mutex_};
  return fault_;
}

}  // namespace oscar::plugin_runtime
