#pragma once

#include "ports/log.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <ostream>
#include <string_view>

namespace oscar::adapters {

std::optional<ports::LogLevel> parseLogLevel(std::string_view word);  ///< debug info warn error

/// One line of text per entry, or one JSON object.
enum class LogFormat { kText = 1, kJson };
std::optional<LogFormat> parseLogFormat(std::string_view word);

/// The process log by spdlog: one line per entry on a stream (standard error by default, which
/// systemd and containers collect). Control characters, line ends included, are written as escapes,
/// so that nothing that came from outside can forge a line. Any thread.
class SpdlogLog final : public ports::Log {
 public:
  /// Entries below `level` are dropped.
  SpdlogLog(ports::LogLevel level, LogFormat format);
  /// For tests: to a stream that must outlive the log.
  SpdlogLog(ports::LogLevel level, LogFormat format, std::ostream& out);
  ~SpdlogLog();

  void write(ports::LogLevel level, std::string_view component, std::string_view text) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace oscar::adapters
