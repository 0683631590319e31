#include "adapters/spdlog_log.hpp"

#include "json/reader.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace oscar::adapters {
namespace {

using ports::LogLevel;

TEST(SpdlogLog, WritesOneLinePerEntry) {
  std::ostringstream out;
  SpdlogLog log{LogLevel::kInfo, LogFormat::kText, out};
  log.write(LogLevel::kWarn, "engine", "lag {} %v 中文");
  const std::string line = out.str();
  EXPECT_NE(line.find("Z WARN  [engine] lag {} %v 中文\n"), std::string::npos) << line;
  EXPECT_EQ(line.find("20"), 0U) << line;
}

TEST(SpdlogLog, DropsWhatIsBelowItsLevel) {
  std::ostringstream out;
  SpdlogLog log{LogLevel::kWarn, LogFormat::kText, out};
  log.write(LogLevel::kDebug, "x", "one");
  log.write(LogLevel::kInfo, "x", "two");
  log.write(LogLevel::kError, "x", "three");
  EXPECT_EQ(out.str().find("one"), std::string::npos);
  EXPECT_EQ(out.str().find("two"), std::string::npos);
  EXPECT_NE(out.str().find("three"), std::string::npos);
}

TEST(SpdlogLog, LetsNobodyForgeALine) {
  std::ostringstream out;
  SpdlogLog log{LogLevel::kInfo, LogFormat::kText, out};
  log.write(LogLevel::kInfo, "http", "agent: x\n2026-01-01 ERROR forged\x1b[31m\r");
  const std::string text = out.str();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
  EXPECT_NE(text.find("x\\n2026-01-01 ERROR forged\\x1b[31m\\x0d"), std::string::npos) << text;
}

TEST(SpdlogLog, WritesJson) {
  std::ostringstream out;
  SpdlogLog log{LogLevel::kDebug, LogFormat::kJson, out};
  log.write(LogLevel::kDebug, "store", "say \"hi\"\n\xff");
  std::string line = out.str();
  ASSERT_TRUE(line.ends_with("\n"));
  line.pop_back();
  json::FieldErrors errors;
  auto reader = json::Reader::parse(line, errors);
  ASSERT_TRUE(reader) << line;
  EXPECT_EQ(reader.value().string("level"), "debug");
  EXPECT_EQ(reader.value().string("component"), "store");
  EXPECT_EQ(reader.value().string("message"), "say \"hi\"\n\xef\xbf\xbd");
  EXPECT_TRUE(reader.value().has("time"));
}

TEST(SpdlogLog, KnowsTheWordsOfTheSettings) {
  EXPECT_EQ(parseLogLevel("warn"), LogLevel::kWarn);
  EXPECT_EQ(parseLogLevel("warning"), std::nullopt);
  EXPECT_EQ(parseLogFormat("json"), LogFormat::kJson);
  EXPECT_EQ(parseLogFormat(""), std::nullopt);
}

}  // namespace
}  // namespace oscar::adapters
