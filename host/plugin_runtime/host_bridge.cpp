#include "plugin_runtime/host_bridge.hpp"

#include "json/reader.hpp"
#include "json/utf8.hpp"

#include <algorithm>
#include <utility>

namespace oscar::plugin_runtime {
namespace {

constexpr std::size_t kMaxLogText = 8 << 10;
constexpr std::size_t kMaxEvent = 64 << 10;
constexpr std::string_view kShortened = " … (shortened by the host)";

void give(oscar_text_sink out, std::string_view text) {
  if (out.write) out.write(out.context, text.data(), text.size());
}

std::string_view view(const char* data, std::size_t size) {
  return data ? std::string_view{data, size} : std::string_view{};
}

ports::LogLevel toLevel(std::int32_t level) {
  return static_cast<ports::LogLevel>(std::clamp(level, 1, 4));
}

}  // namespace

HostBridge::HostBridge(Host host, std::string plugin_id, std::string configuration)
    : plugin_id_{std::move(plugin_id)},
      component_{"plugin:" + plugin_id_},
      configuration_{std::move(configuration)},
      host_{host} {
  api_.struct_size = sizeof(api_);
  api_.abi = OSCAR_HOST_ABI;
  api_.context = this;
  api_.log = [](void* context, std::int32_t level, const char* text, std::size_t size) {
    self(context).logFromPlugin(level, view(text, size));
  };
  api_.now_ms = [](void* context) {
    return self(context).withHost<std::int64_t>(0,
                                                [](Host& to) { return toMillis(to.clock.now()); });
  };
  api_.configuration = [](void* context, oscar_text_sink out) {
    give(out, self(context).configuration_);
  };
  api_.secret = [](void* context, const char* name, std::size_t size, oscar_text_sink out) {
    return self(context).secret(view(name, size), out);
  };
  api_.emit = [](void* context, const char* json, std::size_t size) {
    return self(context).emit(view(json, size));
  };
  api_.call = [](void* context, const char* principal, std::size_t principal_size,
                 const char* method, std::size_t method_size, const char* path,
                 std::size_t path_size, const char* json, std::size_t json_size,
                 oscar_text_sink out) {
    return self(context).call(
        std::string{view(principal, principal_size)}, std::string{view(method, method_size)},
        std::string{view(path, path_size)}, std::string{view(json, json_size)}, out);
  };
}

template <typename R, typename Use>
R HostBridge::withHost(R otherwise, Use&& use) noexcept {
  const Gate::Pass connected{gate_};
  if (!connected) return otherwise;
  try {
    return use(host_);
  } catch (const std::exception& failure) {
    try {
      host_.log.write(ports::LogLevel::kError, component_,
                      std::string{"a call from the plugin failed in the host: "} + failure.what());
    } catch (...) {
      // Logging failed as well (no memory): the plugin still gets its answer.
    }
    return otherwise;
  }
}

void HostBridge::log(ports::LogLevel level, std::string_view text) {
  const Gate::Pass connected{gate_};
  if (connected) host_.log.write(level, component_, text);
}

void HostBridge::disconnect() {
  gate_.close();
}

void HostBridge::logFromPlugin(std::int32_t level, std::string_view text) noexcept {
  withHost<int>(0, [&](Host& to) {
    const auto dropped = limiter_.admit(to.clock.steady());
    if (!dropped) return 0;
    if (*dropped > 0) {
      to.log.write(ports::LogLevel::kWarn, component_,
                   std::to_string(*dropped) + " log lines of this plugin were dropped: too many");
    }
    std::string line = json::toUtf8(text.substr(0, kMaxLogText));
    if (text.size() > kMaxLogText) line += kShortened;
    to.log.write(toLevel(level), component_, line);
    return 0;
  });
}

std::int32_t HostBridge::secret(std::string_view name, oscar_text_sink out) noexcept {
  return withHost<std::int32_t>(1, [&](Host& to) {
    if (!to.services.secret) return 1;
    const auto found = to.services.secret(plugin_id_, std::string{name});
    if (!found) return 1;
    give(out, found->reveal());
    return 0;
  });
}

std::int32_t HostBridge::emit(std::string_view json) noexcept {
  return withHost<std::int32_t>(1, [&](Host& to) {
    if (!to.services.emit) return 1;
    json::FieldErrors errors;
    auto event = json::Reader::parse(json, errors, kMaxEvent);
    if (!event || !event.value().string("type", 1, 128)) return 1;
    return to.services.emit(plugin_id_, std::string{json}) ? 0 : 1;
  });
}

std::int32_t HostBridge::call(const std::string& principal, const std::string& method,
                              const std::string& path, const std::string& json,
                              oscar_text_sink out) noexcept {
  return withHost<std::int32_t>(0, [&](Host& to) {
    const auto response = to.gateway.call(principal, method, path, json);
    if (!response) return 0;
    give(out, response->body);
    return response->status;
  });
}

}  // namespace oscar::plugin_runtime
