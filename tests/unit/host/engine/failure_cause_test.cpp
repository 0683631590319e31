#include "engine/failure_cause.hpp"

#include <gtest/gtest.h>

namespace oscar::engine {
namespace {

std::string wordsOf(const std::string& line) {
  const Text cause = failureCause({1, std::nullopt, {line}});
  const auto at = cause.en.find(": ");
  return cause.en.substr(at + 2);
}

TEST(FailureCause, QuotesTheSentenceWithoutWhatTheToolWrapsItIn) {
  struct Case {
    std::string line;
    std::string words;
  };
  const std::vector<Case> cases{
      {"strange error", "strange error"},
      {"2026-01-02T03:04:05 strange error", "strange error"},
      {"2026-01-02T03:04:05 2026-01-02T03:04:05  strange error", "strange error"},
      {"\t(in cleanup) 2026-01-02T03:04:05 strange error", "strange error"},
      {"strange error at /usr/bin/pt-online-schema-change line 123.", "strange error"},
      {"strange error at /usr/bin/pt-online-schema-change line 123", "strange error"},
      {"strange error [for Statement \"ALTER x at y line 3.\"] at /usr/bin/pt line 9.",
       "strange error"},
      // What only looks like it stays.
      {"2026-01-02T03:04 strange error", "2026-01-02T03:04 strange error"},
      {"strange error at two words line 9.", "strange error at two words line 9."},
      {"strange error at line 9.", "strange error at line 9."},
      {"strange error in line 9.", "strange error in line 9."},
      {"strange error at /x line .", "strange error at /x line ."},
      {"error 12", "error 12"},
      {"at /x line 12", "at /x line 12"},
  };
  for (const Case& c : cases) EXPECT_EQ(wordsOf(c.line), c.words) << c.line;
}

TEST(FailureCause, CutsLongLinesBetweenCharacters) {
  std::string line = "error ";
  while (line.size() < 16'000) line += "错";
  const std::string words = wordsOf(line);
  EXPECT_LE(words.size(), 500U);
  EXPECT_TRUE(words.ends_with("错"));
}

TEST(FailureCause, SaysHowManyRowsWouldHaveBeenLost) {
  const std::string verdict = "oscar: 12 rows would be lost: the table has 100 rows";
  const Text cause = failureCause({1, std::nullopt, {"Lost connection", verdict}});
  EXPECT_TRUE(cause.en.starts_with("12 rows would have been lost")) << cause.en;
  EXPECT_TRUE(cause.zh.starts_with("若交换会丢失 12 行")) << cause.zh;
  const Text other = failureCause({1, std::nullopt, {"oscar: rows would be lost"}});
  EXPECT_TRUE(other.en.starts_with("pt-osc said: ")) << other.en;
}

}  // namespace
}  // namespace oscar::engine
