#pragma once

#include "oscar/sdk/plugin_abi.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace oscar::sdk {

/// Levels of HostApi::log; the numbers are those of plugin_abi.h.
enum class LogLevel : std::int32_t { kDebug = 1, kInfo = 2, kWarning = 3, kError = 4 };

/// The answer of a REST operation made through HostApi::call.
struct CallResult {
  /// HTTP status; 0 when the host is not serving (starting or shutting down): try again later.
  int status = 0;
  std::string body;  ///< the response envelope, JSON
};

/// What the host offers to a plugin instance: plugin_abi.h's oscar_host_api with C++ types.
///
/// The instance's constructor receives it by reference; it stays valid until the instance's
/// destructor has returned. Every method may be called from any thread. The strings that methods
/// return belong to the plugin. Methods throw std::bad_alloc only.
class HostApi {
 public:
  /// `api` is borrowed and must outlive this object.
  explicit HostApi(const oscar_host_api& api) : api_{&api} {}
  HostApi(const HostApi&) = delete;
  HostApi& operator=(const HostApi&) = delete;

  /// Writes a line to the host's log under the plugin's name. UTF-8. The host shortens a text of
  /// more than 8 KiB and drops lines beyond a rate that no person could read. Never pass a secret.
  void log(LogLevel level, std::string_view text) {
    api_->log(api_->context, static_cast<std::int32_t>(level), text.data(), text.size());
  }

  /// Milliseconds since the Unix epoch, UTC. Not monotonic.
  std::int64_t nowMs() { return api_->now_ms(api_->context); }

  /// The instance's configuration: the same JSON object that its constructor received.
  std::string configuration() {
    std::string text;
    api_->configuration(api_->context, collectInto(text));
    return text;
  }

  /// A secret of this plugin by name, from the host's secret store; nullopt when there is none.
  /// Do not keep it longer than its use needs.
  std::optional<std::string> secret(std::string_view name) {
    std::string text;
    if (api_->secret(api_->context, name.data(), name.size(), collectInto(text)) != 0) {
      return std::nullopt;
    }
    return text;
  }

  /// Publishes an event: a JSON object with a string "type". Returns false when the host did not
  /// take it (not JSON, too big, or nobody listens to plugin events).
  bool emit(std::string_view event_json) {
    return api_->emit(api_->context, event_json.data(), event_json.size()) == 0;
  }

  /// Performs a REST operation in process, under the rights of the user `principal` (a user id) and
  /// with the same validation and audit as over HTTP. `path` begins with "/api/v1/" and may carry
  /// a query; `body` is JSON or empty. Blocks as long as the operation takes.
  CallResult call(std::string_view principal, std::string_view method, std::string_view path,
                  std::string_view body) {
    CallResult result;
    result.status =
        api_->call(api_->context, principal.data(), principal.size(), method.data(), method.size(),
                   path.data(), path.size(), body.data(), body.size(), collectInto(result.body));
    return result;
  }

 private:
  static oscar_text_sink collectInto(std::string& text) {
    return {&text, [](void* context, const char* data, std::size_t size) {
              static_cast<std::string*>(context)->append(data, size);
            }};
  }

  const oscar_host_api* api_;
};

}  // namespace oscar::sdk
