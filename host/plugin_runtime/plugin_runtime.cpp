#include "plugin_runtime/plugin_runtime.hpp"

#include "plugin_runtime/configuration.hpp"
#include "plugin_runtime/gateway_slot.hpp"
#include "plugin_runtime/host_bridge.hpp"
#include "plugin_runtime/negotiation.hpp"
#include "plugin_runtime/plugin_backend.hpp"
#include "plugin_runtime/plugin_instance.hpp"
#include "plugin_runtime/refusals.hpp"
#include <oscar/sdk/chat_frontend.hpp>
#include <oscar/sdk/chat_transport.hpp>
#include <oscar/sdk/execution_backend.hpp>
#include <oscar/sdk/notifier.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>

namespace oscar::plugin_runtime {
namespace {

constexpr std::chrono::milliseconds kListPatience{1500};

constexpr std::array<std::string_view, 4> kInterfaces = {
    sdk::ExecutionBackend::kInterfaceId, sdk::Notifier::kInterfaceId,
    sdk::ChatTransport::kInterfaceId, sdk::ChatFrontend::kInterfaceId};

bool isKnownInterface(std::string_view interface_id) {
  return std::find(kInterfaces.begin(), kInterfaces.end(), interface_id) != kInterfaces.end();
}

/// What became of one capability.
struct CapabilityRecord {
  Manifest::Capability name;
  std::string config_schema = "{}";
  std::optional<Refusal> refusal;
  std::shared_ptr<PluginInstance> instance;  ///< null with a refusal
  std::unique_ptr<PluginBackend> backend;    ///< for execution backends

  bool isBackend(std::string_view type) const {
    return name.interface_id == sdk::ExecutionBackend::kInterfaceId && name.type == type;
  }
};

/// One element of the allow-list.
struct PluginRecord {
  std::string id;
  std::string version;
  std::string path;
  std::optional<Refusal> refusal;  ///< of the whole plugin
  std::vector<CapabilityRecord> capabilities;

  bool provides(const Manifest::Capability& wanted) const {
    return std::any_of(capabilities.begin(), capabilities.end(), [&](const CapabilityRecord& each) {
      return each.instance && each.name == wanted;
    });
  }

  /// What is to be shown as the plugin's state: its own refusal, else that of its first capability
  /// which is out of service.
  std::optional<Refusal> shownRefusal() const {
    if (refusal) return refusal;
    for (const CapabilityRecord& capability : capabilities) {
      if (capability.refusal) return capability.refusal;
      const auto fault = capability.instance->fault();
      if (fault) return refusals::faulty(capability.name.type, *fault);
    }
    return std::nullopt;
  }
};

}  // namespace

struct PluginRuntime::Impl {
  Impl(ports::Log& the_log, const ports::Clock& the_clock, HostServices the_services)
      : log{the_log}, clock{the_clock}, services{std::move(the_services)} {}

  ports::Log& log;
  const ports::Clock& clock;
  HostServices services;
  GatewaySlot gateway;
  std::string host_facts;
  std::vector<PluginRecord> plugins;  ///< not changed after the constructor
  std::vector<std::shared_ptr<HostBridge>> bridges;

  void load(const std::string& path, const PluginSettings& settings);
  std::optional<Refusal> loadLibrary(PluginRecord& record, const Manifest& manifest,
                                     const std::string& user_json);
  void create(PluginRecord& record, CapabilityRecord& capability,
              const std::shared_ptr<NegotiatedPlugin>& plugin, const oscar_capability& offered,
              const std::string& user_json);
  void listAbsent(const PluginSettings& settings);
  void report(const PluginRecord& record);
  const PluginRecord* withId(std::string_view id) const;
  const PluginRecord* providerOf(const Manifest::Capability& capability) const;
  ports::PluginInfo describe(const PluginRecord& record,
                             std::chrono::steady_clock::time_point deadline) const;
};

namespace {

std::string folderName(const std::string& path) {
  const std::filesystem::path folder{path};
  const auto name = folder.has_filename() ? folder.filename() : folder.parent_path().filename();
  return name.empty() ? path : name.string();
}

std::string configurationOf(const PluginSettings& settings, const std::string& id) {
  for (const auto& [plugin_id, json] : settings.configuration) {
    if (plugin_id == id) return json;
  }
  return "{}";
}

/// A plugin in service none of whose capabilities could work now.
void showUnready(ports::PluginInfo& info) {
  const auto& all = info.capabilities;
  if (info.state != state::kActive || all.empty() ||
      std::any_of(all.begin(), all.end(), [](const auto& each) { return each.ready; })) {
    return;
  }
  info.state = std::string{state::kNotReady};
  info.reason = all.front().reason;
}

}  // namespace

const PluginRecord* PluginRuntime::Impl::withId(std::string_view id) const {
  for (const PluginRecord& record : plugins) {
    // Without a version there was no manifest, and the id is only the folder's name.
    if (record.id == id && !record.version.empty()) return &record;
  }
  return nullptr;
}

const PluginRecord* PluginRuntime::Impl::providerOf(const Manifest::Capability& wanted) const {
  for (const PluginRecord& record : plugins) {
    if (record.provides(wanted)) return &record;
  }
  return nullptr;
}

void PluginRuntime::Impl::load(const std::string& path, const PluginSettings& settings) {
  PluginRecord record;
  record.path = path;
  record.id = folderName(path);
  const auto manifest = readPluginFolder(path);
  if (!manifest) {
    record.refusal = manifest.error();
  } else {
    record.id = manifest.value().id;
    record.version = manifest.value().version;
    for (const auto& name : manifest.value().capabilities) {
      record.capabilities.emplace_back().name = name;
    }
    const auto config = readConfiguration(configurationOf(settings, record.id));
    if (const PluginRecord* other = withId(record.id)) {
      record.refusal = refusals::duplicateId(record.id, other->path);
    } else if (!config) {
      record.refusal = refusals::configInvalid(record.id, config.error());
    } else if (!config.value().enabled) {
      record.refusal = refusals::disabled(record.id);
    } else {
      record.refusal = loadLibrary(record, manifest.value(), config.value().json);
    }
  }
  report(record);
  plugins.push_back(std::move(record));
}

std::optional<Refusal> PluginRuntime::Impl::loadLibrary(PluginRecord& record,
                                                        const Manifest& manifest,
                                                        const std::string& user_json) {
  auto negotiated = negotiate(record.path, manifest);
  if (!negotiated) return negotiated.error();
  // The descriptor lists what the manifest lists, in the same order: negotiation has seen to it.
  for (std::size_t i = 0; i < record.capabilities.size(); ++i) {
    create(record, record.capabilities[i], negotiated.value(), *negotiated.value()->capabilities[i],
           user_json);
  }
  return std::nullopt;
}

void PluginRuntime::Impl::create(PluginRecord& record, CapabilityRecord& capability,
                                 const std::shared_ptr<NegotiatedPlugin>& plugin,
                                 const oscar_capability& offered, const std::string& user_json) {
  capability.config_schema = offered.config_schema;
  const auto& [interface_id, type] = capability.name;
  if (!isKnownInterface(interface_id)) {
    capability.refusal = refusals::unknownInterface(interface_id);
    return;
  }
  const PluginRecord* other =
      record.provides(capability.name) ? &record : providerOf(capability.name);
  if (other) {
    capability.refusal = refusals::duplicateType(interface_id, type, other->id);
    return;
  }
  auto config = effectiveConfiguration(record.id, user_json, host_facts, offered.config_schema);
  if (!config) {
    capability.refusal = config.error();
    return;
  }
  auto bridge = std::make_shared<HostBridge>(HostBridge::Host{log, clock, services, gateway},
                                             record.id, config.value());
  auto instance = PluginInstance::create(plugin, offered, bridge);
  if (!instance) {
    capability.refusal = refusals::createFailed(type, instance.error());
    return;
  }
  bridges.push_back(std::move(bridge));
  capability.instance = std::move(instance).value();
  if (interface_id == sdk::ExecutionBackend::kInterfaceId) {
    capability.backend = std::make_unique<PluginBackend>(capability.instance, clock);
  }
}

/// A section whose id is misspelt would otherwise be ignored without a word.
void PluginRuntime::Impl::listAbsent(const PluginSettings& settings) {
  for (const auto& section : settings.configuration) {
    const std::string& id = section.first;
    const bool present = std::any_of(plugins.begin(), plugins.end(),
                                     [&id](const PluginRecord& each) { return each.id == id; });
    if (present) continue;
    PluginRecord record;
    record.id = id;
    record.refusal = refusals::configuredButAbsent(id);
    report(record);
    plugins.push_back(std::move(record));
  }
}

void PluginRuntime::Impl::report(const PluginRecord& record) {
  const std::string component = "plugin:" + record.id;
  const auto refusal = record.shownRefusal();
  if (!refusal) {
    log.write(ports::LogLevel::kInfo, component, "loaded, version " + record.version);
    return;
  }
  const bool meant = refusal->state == state::kDisabled;
  log.write(meant ? ports::LogLevel::kInfo : ports::LogLevel::kWarn, component,
            std::string{refusal->state} + ": " + refusal->reason.en);
}

ports::PluginInfo PluginRuntime::Impl::describe(
    const PluginRecord& record, std::chrono::steady_clock::time_point deadline) const {
  ports::PluginInfo info;
  info.id = record.id;
  info.version = record.version;
  info.path = record.path;
  info.state = std::string{state::kActive};
  if (const auto refusal = record.shownRefusal()) {
    info.state = std::string{refusal->state};
    info.reason = refusal->reason;
  }
  for (const CapabilityRecord& capability : record.capabilities) {
    auto& shown = info.capabilities.emplace_back();
    shown.interface_id = capability.name.interface_id;
    shown.type = capability.name.type;
    shown.config_schema = capability.config_schema;
    shown.detail = "{}";
    const auto& refusal = record.refusal ? record.refusal : capability.refusal;
    if (refusal) {
      shown.reason = refusal->reason;
    } else if (const auto fault = capability.instance->fault()) {
      shown.reason = refusals::faulty(shown.type, *fault).reason;
    } else if (capability.backend) {
      const auto left = deadline - std::chrono::steady_clock::now();
      const ProbeResult probe = capability.backend->probeResult(
          std::max(std::chrono::duration_cast<std::chrono::milliseconds>(left),
                   std::chrono::milliseconds{}));
      shown.ready = probe.report.ready;
      shown.reason = probe.report.reason;
      shown.detail = probe.document;
    } else {
      shown.ready = true;
    }
  }
  showUnready(info);
  return info;
}

PluginRuntime::PluginRuntime(const PluginSettings& settings, ports::Log& log,
                             const ports::Clock& clock, HostServices services,
                             const std::string& host_facts)
    : impl_{std::make_unique<Impl>(log, clock, std::move(services))} {
  impl_->host_facts = host_facts;
  for (const std::string& path : settings.paths) impl_->load(path, settings);
  impl_->listAbsent(settings);
}

PluginRuntime::~PluginRuntime() {
  impl_->gateway.close();
  while (!impl_->plugins.empty()) {
    auto& capabilities = impl_->plugins.back().capabilities;
    while (!capabilities.empty()) capabilities.pop_back();
    impl_->plugins.pop_back();
  }
  // An instance that a stuck thread still holds must not reach for the host any more.
  for (const auto& bridge : impl_->bridges) bridge->disconnect();
}

void PluginRuntime::openGateway(ports::ApiGateway& gateway) {
  impl_->gateway.open(gateway);
}

void PluginRuntime::closeGateway() {
  impl_->gateway.close();
}

ports::ExecutionBackend* PluginRuntime::find(const std::string& type) {
  for (const PluginRecord& record : impl_->plugins) {
    for (const CapabilityRecord& capability : record.capabilities) {
      if (capability.backend && capability.isBackend(type)) return capability.backend.get();
    }
  }
  return nullptr;
}

Text PluginRuntime::whyNot(const std::string& type) {
  for (const PluginRecord& record : impl_->plugins) {
    for (const CapabilityRecord& capability : record.capabilities) {
      if (!capability.isBackend(type)) continue;
      const auto& refusal = record.refusal ? record.refusal : capability.refusal;
      if (refusal) {
        return {"执行后端 " + type + " 不可用（插件 " + record.id + "）：" + refusal->reason.zh,
                "The backend " + type + " is not available (plugin " + record.id +
                    "): " + refusal->reason.en};
      }
    }
  }
  std::string list;
  for (const std::string& known : types()) list += (list.empty() ? "" : ", ") + known;
  return {"没有名为 " + type + " 的执行后端。可用的有：" + (list.empty() ? "无" : list) +
              "。请改用其中之一，或把提供它的插件目录加入 plugins.paths 后重启 oscard。",
          "There is no backend named " + type + ". Available: " + (list.empty() ? "none" : list) +
              ". Choose one of these, or add the folder of the plugin that provides it to "
              "plugins.paths and restart oscard."};
}

std::vector<std::string> PluginRuntime::types() {
  std::vector<std::string> types;
  for (const PluginRecord& record : impl_->plugins) {
    for (const CapabilityRecord& capability : record.capabilities) {
      if (capability.backend) types.push_back(capability.name.type);
    }
  }
  return types;
}

std::vector<ports::PluginInfo> PluginRuntime::plugins() {
  for (const PluginRecord& record : impl_->plugins) {
    for (const CapabilityRecord& capability : record.capabilities) {
      if (capability.backend) capability.backend->beginProbe();
    }
  }
  const auto deadline = std::chrono::steady_clock::now() + kListPatience;
  std::vector<ports::PluginInfo> list;
  for (const PluginRecord& record : impl_->plugins) {
    list.push_back(impl_->describe(record, deadline));
  }
  return list;
}

}  // namespace oscar::plugin_runtime
