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

std::string causeOf(const std::vector<std::string>& lines) {
  std::vector<std::string> errors;
  for (const auto& line : lines) {
    if (looksLikeError(line)) errors.push_back(line);
  }
  return failureCause({1, std::nullopt, errors}).en;
}

TEST(FailureCause, JoinsTheLinesOfOneError) {
  EXPECT_EQ(causeOf({"2026-01-02T03:04:05 Copying rows caused a MySQL error 1366:",
                     "    Level: Warning", "     Code: 1366",
                     "  Message: Incorrect integer value: 'x' for column `t`.`note` at row 1",
                     "    Query: INSERT LOW_PRIORITY IGNORE INTO ..."}),
            "pt-osc said: Copying rows caused a MySQL error 1366: Incorrect integer value: 'x' for "
            "column `t`.`note` at row 1");
}

TEST(FailureCause, StatisticsAndSummariesAreNoReason) {
  EXPECT_EQ(causeOf({"`t` was odd, error 7", "# Event          Count", "# unknown_error     1"}),
            "pt-osc said: `t` was odd, error 7");
  EXPECT_EQ(causeOf({"Error updating foreign key constraints: odd",
                     "Altered `shop`.`t` but there were errors or warnings."}),
            "pt-osc said: Error updating foreign key constraints: odd");
  EXPECT_EQ(causeOf({"Altered `shop`.`t` but there were errors or warnings."}),
            "pt-osc said: Altered `shop`.`t` but there were errors or warnings.");
  EXPECT_NE(causeOf({"# unknown_error     1"}).find("gave no reason"), std::string::npos);
  EXPECT_NE(causeOf({"# Exiting on SIGTERM."}).find("signal from outside"), std::string::npos);
}

TEST(FailureCause, KnowsWhatDoesNotExist) {
  EXPECT_TRUE(causeOf({"Variable Foo does not exist or its value is undefined"})
                  .starts_with("A status variable"));
  EXPECT_TRUE(causeOf({"The original table `a`.`b` does not exist."})
                  .starts_with("The table does not exist"));
  EXPECT_TRUE(causeOf({"Index 'x' does not exist in table"}).starts_with("pt-osc said: Index"));
}

}  // namespace
}  // namespace oscar::engine
