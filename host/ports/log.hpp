#pragma once

#include <string_view>

namespace oscar::ports {

/// How much an entry matters; entries below the configured level are dropped.
enum class LogLevel { kDebug = 1, kInfo, kWarn, kError };

/// The process log, for layers that may not know spdlog. Any thread. Never pass a secret.
class Log {
 public:
  /// `component` is the layer or plugin (`engine`, `plugin:local`).
  virtual void write(LogLevel level, std::string_view component, std::string_view text) = 0;

 protected:
  ~Log() = default;
};

}  // namespace oscar::ports
