#pragma once

#include "oscar/sdk/host_api.hpp"
#include "oscar/sdk/plugin_abi.h"

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace oscar::sdk::testing {

/// A host for unit tests of plugin classes: `MyBackend backend{host.api(), "{}"}`.
/// It goes through the C functions, as in oscard. Any thread.
class FakeHost {
 public:
  struct LogLine {
    LogLevel level;
    std::string text;
  };
  struct Call {
    std::string principal, method, path, body;
  };
  using CallHandler = std::function<CallResult(const Call&)>;

  FakeHost() : abi_{makeAbi(this)}, api_{abi_} {}
  FakeHost(const FakeHost&) = delete;
  FakeHost& operator=(const FakeHost&) = delete;

  HostApi& api() { return api_; }
  /// For tests that go through a capability's `create`.
  const oscar_host_api& abi() const { return abi_; }

  void setConfiguration(std::string json) {
    std::lock_guard lock{mutex_};
    configuration_ = std::move(json);
  }
  void setSecret(std::string name, std::string value) {
    std::lock_guard lock{mutex_};
    secrets_[std::move(name)] = std::move(value);
  }
  void setNowMs(std::int64_t now_ms) {
    std::lock_guard lock{mutex_};
    now_ms_ = now_ms;
  }
  /// Answers HostApi::call; without one, every call gets status 0.
  void onCall(CallHandler handler) {
    std::lock_guard lock{mutex_};
    call_handler_ = std::move(handler);
  }

  std::vector<LogLine> logs() const {
    std::lock_guard lock{mutex_};
    return logs_;
  }
  std::vector<std::string> events() const {
    std::lock_guard lock{mutex_};
    return events_;
  }

 private:
  static FakeHost& self(void* context) { return *static_cast<FakeHost*>(context); }
  static void give(oscar_text_sink out, const std::string& text) {
    out.write(out.context, text.data(), text.size());
  }

  static oscar_host_api makeAbi(FakeHost* host) {
    oscar_host_api abi{};
    abi.struct_size = sizeof(abi);
    abi.abi = OSCAR_HOST_ABI;
    abi.context = host;
    abi.log = [](void* context, std::int32_t level, const char* text, std::size_t size) {
      std::lock_guard lock{self(context).mutex_};
      self(context).logs_.push_back({static_cast<LogLevel>(level), std::string{text, size}});
    };
    abi.now_ms = [](void* context) {
      std::lock_guard lock{self(context).mutex_};
      return self(context).now_ms_;
    };
    abi.configuration = [](void* context, oscar_text_sink out) {
      std::lock_guard lock{self(context).mutex_};
      give(out, self(context).configuration_);
    };
    abi.secret = [](void* context, const char* name, std::size_t size, oscar_text_sink out) {
      std::lock_guard lock{self(context).mutex_};
      const auto found = self(context).secrets_.find(std::string{name, size});
      if (found == self(context).secrets_.end()) return 1;
      give(out, found->second);
      return 0;
    };
    abi.emit = [](void* context, const char* json, std::size_t size) {
      std::lock_guard lock{self(context).mutex_};
      self(context).events_.emplace_back(json, size);
      return 0;
    };
    abi.call = &FakeHost::call;
    return abi;
  }

  static std::int32_t call(void* context, const char* principal, std::size_t principal_size,
                           const char* method, std::size_t method_size, const char* path,
                           std::size_t path_size, const char* json, std::size_t json_size,
                           oscar_text_sink out) {
    CallHandler handler;
    {
      std::lock_guard lock{self(context).mutex_};
      handler = self(context).call_handler_;
    }
    if (!handler) return 0;
    const CallResult result = handler(
        {{principal, principal_size}, {method, method_size}, {path, path_size}, {json, json_size}});
    give(out, result.body);
    return result.status;
  }

  mutable std::mutex mutex_;
  std::string configuration_ = "{}";
  std::map<std::string, std::string> secrets_;
  std::int64_t now_ms_ = 0;
  CallHandler call_handler_;
  std::vector<LogLine> logs_;
  std::vector<std::string> events_;
  oscar_host_api abi_;
  HostApi api_;
};

}  // namespace oscar::sdk::testing
