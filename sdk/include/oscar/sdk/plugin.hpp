#pragma once

#include "oscar/sdk/host_api.hpp"
#include "oscar/sdk/plugin_abi.h"
#include "oscar/sdk/toolchain.hpp"

#include <cstddef>
#include <exception>
#include <memory>
#include <new>
#include <string_view>
#include <type_traits>

/// The whole entry file of a plugin:
///
///     #include "hello_notifier.hpp"
///     #include <oscar/sdk/plugin.hpp>
///
///     constexpr const char kManifest[] =
///     #include "oscar_manifest.inc"  // written by oscar_add_plugin() from plugin.json
///         ;
///
///     OSCAR_EXPORT_PLUGIN(
///         kManifest,
///         oscar::sdk::capability<oscar::sdk::Notifier, HelloNotifier>("hello", kSchema))
///
/// `HelloNotifier` derives from the interface and is constructed as
/// `HelloNotifier(oscar::sdk::HostApi& host, std::string_view config_json)`. A constructor that
/// throws refuses the configuration: the exception's text becomes the reason that users see.

namespace oscar::sdk::detail {

/// An instance together with its HostApi, in one block: the host knows only the address of the
/// interface, from which `destroy` must find the whole block again, also when `Class` is final.
template <typename Interface, typename Class>
class InstanceBlock {
 public:
  /// The address of the interface; nullptr, with the reason in `error`, when the constructor threw.
  static void* create(const oscar_host_api* host, const char* config, std::size_t size,
                      oscar_text_sink error) noexcept {
    try {
      std::unique_ptr<void, Free> block{::operator new(kOffset + sizeof(Class), kAlignment)};
      auto* api = new (block.get()) HostApi{*host};
      auto* place = static_cast<std::byte*>(block.get()) + kOffset;
      auto* instance = new (place) Class(*api, std::string_view{config, size});
      static_cast<void>(block.release());  // `destroy` frees it
      return static_cast<Interface*>(instance);
    } catch (const std::exception& failure) {
      report(error, failure.what());
    } catch (...) {
      report(error, "the constructor threw something that is not a std::exception");
    }
    return nullptr;
  }

  /// `handle` is what create() returned; never nullptr.
  static void destroy(void* handle) noexcept {
    auto* instance = static_cast<Class*>(static_cast<Interface*>(handle));
    std::unique_ptr<void, Free> block{reinterpret_cast<std::byte*>(instance) - kOffset};
    try {
      instance->~Class();
    } catch (...) {
      // A destructor that throws has nobody to tell; the block is freed all the same.
    }
    static_cast<HostApi*>(block.get())->~HostApi();
  }

 private:
  static constexpr std::size_t kAlign = alignof(Class) > alignof(HostApi) ? alignof(Class)
                                                                          : alignof(HostApi);
  static constexpr std::align_val_t kAlignment{kAlign};
  static constexpr std::size_t kOffset = (sizeof(HostApi) + kAlign - 1) / kAlign * kAlign;

  struct Free {
    void operator()(void* block) const { ::operator delete(block, kAlignment); }
  };

  static void report(oscar_text_sink error, std::string_view text) {
    error.write(error.context, text.data(), text.size());
  }
};

}  // namespace oscar::sdk::detail

namespace oscar::sdk {

/// One capability of a plugin: `Class` implements `Interface` and users choose it under `type`.
/// `config_schema` is the JSON Schema of its configuration (sdk/README.md, "Configuration"). Both
/// texts must be static.
template <typename Interface, typename Class>
constexpr oscar_capability capability(const char* type, const char* config_schema) {
  static_assert(std::is_base_of_v<Interface, Class>, "the class must derive from the interface");
  static_assert(std::is_constructible_v<Class, HostApi&, std::string_view>,
                "the class needs a constructor (HostApi&, std::string_view config_json)");
  return {static_cast<std::uint32_t>(sizeof(oscar_capability)),
          Interface::kInterfaceId,
          type,
          config_schema,
          &detail::InstanceBlock<Interface, Class>::create,
          &detail::InstanceBlock<Interface, Class>::destroy};
}

}  // namespace oscar::sdk

/// Defines the library's one exported symbol. `manifest_text` is the text of plugin.json; the other
/// arguments are one `capability<...>(...)` or more.
#define OSCAR_EXPORT_PLUGIN(manifest_text, ...)                                      \
  extern "C" __attribute__((visibility("default"))) const oscar_plugin_descriptor*   \
  oscar_plugin_entry(std::uint32_t) noexcept {                                       \
    static const oscar_capability capabilities[] = {__VA_ARGS__};                    \
    static const oscar_plugin_descriptor descriptor = {                              \
        static_cast<std::uint32_t>(sizeof(oscar_plugin_descriptor)),                 \
        static_cast<std::uint16_t>(OSCAR_ABI_MAJOR),                                 \
        static_cast<std::uint16_t>(OSCAR_ABI_MINOR),                                 \
        OSCAR_SDK_TOOLCHAIN,                                                         \
        manifest_text,                                                               \
        capabilities,                                                                \
        static_cast<std::uint32_t>(sizeof(capabilities) / sizeof(capabilities[0]))}; \
    return &descriptor;                                                              \
  }
