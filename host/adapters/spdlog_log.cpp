#include "adapters/spdlog_log.hpp"

#include "domain/enum_words.hpp"
#include "json/writer.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <array>
#include <string>

namespace oscar::adapters {
namespace {

constexpr EnumWords<ports::LogLevel, 4> kLevels{{"debug", "info", "warn", "error"}};
constexpr EnumWords<LogFormat, 2> kFormats{{"text", "json"}};

spdlog::level::level_enum toSpdlog(ports::LogLevel level) {
  switch (level) {
    case ports::LogLevel::kDebug:
      return spdlog::level::debug;
    case ports::LogLevel::kInfo:
      return spdlog::level::info;
    case ports::LogLevel::kWarn:
      return spdlog::level::warn;
    case ports::LogLevel::kError:
      break;
  }
  return spdlog::level::err;
}

std::string escapeControls(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || byte == 0x7f) {
      out += "\\x";
      out += kDigits[byte >> 4];
      out += kDigits[byte & 0x0f];
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

std::optional<ports::LogLevel> parseLogLevel(std::string_view word) {
  return kLevels.value(word);
}

std::optional<LogFormat> parseLogFormat(std::string_view word) {
  return kFormats.value(word);
}

struct SpdlogLog::Impl {
  Impl(ports::LogLevel level, LogFormat wanted, spdlog::sink_ptr sink)
      : format{wanted}, logger{"oscar", std::move(sink)} {
    logger.set_level(toSpdlog(level));
    logger.flush_on(spdlog::level::debug);
    if (format == LogFormat::kJson) {
      logger.set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ",%v})", spdlog::pattern_time_type::utc);
    } else {
      logger.set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %v", spdlog::pattern_time_type::utc);
    }
  }

  LogFormat format;
  spdlog::logger logger;
};

SpdlogLog::SpdlogLog(ports::LogLevel level, LogFormat format)
    : impl_{std::make_unique<Impl>(level, format,
                                   std::make_shared<spdlog::sinks::stderr_sink_mt>())} {}

SpdlogLog::SpdlogLog(ports::LogLevel level, LogFormat format, std::ostream& out)
    : impl_{std::make_unique<Impl>(level, format,
                                   std::make_shared<spdlog::sinks::ostream_sink_mt>(out))} {}

SpdlogLog::~SpdlogLog() = default;

void SpdlogLog::write(ports::LogLevel level, std::string_view component, std::string_view text) {
  if (!impl_->logger.should_log(toSpdlog(level))) return;
  std::string line;
  if (impl_->format == LogFormat::kJson) {
    json::Writer writer;
    writer.beginObject()
        .field("level", kLevels.word(level))
        .field("component", component)
        .field("message", text)
        .endObject();
    const std::string object = writer.take();
    line = object.substr(1, object.size() - 2);
  } else {
    constexpr std::array<std::string_view, 4> kColumns{"DEBUG", "INFO ", "WARN ", "ERROR"};
    line = std::string{kColumns.at(static_cast<std::size_t>(level) - 1)} + " [" +
           escapeControls(component) + "] " + escapeControls(text);
  }
  impl_->logger.log(toSpdlog(level), spdlog::string_view_t{line.data(), line.size()});
}

}  // namespace oscar::adapters
