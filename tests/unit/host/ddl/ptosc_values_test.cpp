#include "ddl/ptosc_values.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace oscar::ddl {
namespace {

TEST(PtoscLoad, ReadsBothSeparatorsAndWritesOneForm) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"Threads_running=25", "Threads_running=25"},
      {"Threads_connected:12000", "Threads_connected=12000"},
      {" Threads_running=25 , Threads_connected:100 ", "Threads_running=25,Threads_connected=100"},
      {"Threads_running", "Threads_running"},
      {"a=1.5", "a=1.5"},
  };
  for (const auto& [text, canonical] : cases) {
    const auto limits = parseLoadLimits(text);
    ASSERT_TRUE(limits.ok()) << text;
    EXPECT_EQ(toString(limits.value()), canonical) << text;
  }
}

TEST(PtoscLoad, RefusesWhatPtoscWouldReadDifferently) {
  for (const char* bad : {"", ",", "Threads_running=", "Threads_running=0", "Threads_running=50%",
                          "25", "a=-1", "a=1e3", "a b=1", "a=1=2", "a=1;b=2", "Threads_running=25,",
                          "a=1,A=2", "a$(x)=1", "a=1\n", "a1=2", "--a=1", "a=1.2.3"}) {
    EXPECT_FALSE(parseLoadLimits(bad).ok()) << bad;
  }
}

TEST(PtoscLoad, TakesTheSettingsWhereTheUserGaveNothing) {
  ExecutionSettings settings;
  settings.default_max_load = "Threads_running=50";
  settings.default_critical_load = "Threads_running=200";
  struct Case {
    std::optional<std::string> max;
    std::optional<std::string> critical;
    const char* effective;
    const char* wrong_field;
  };
  const std::vector<Case> cases{
      {std::nullopt, std::nullopt, "Threads_running=50/Threads_running=200", ""},
      {"", "", "Threads_running=50/Threads_running=200", ""},
      {"Threads_connected:90", "x=1", "Threads_connected=90/x=1", ""},
      {"Threads_running=200", std::nullopt, "", "execution_params.critical_load"},
      {std::nullopt, "threads_running=10", "", "execution_params.critical_load"},
      {"THREADS_RUNNING=300", std::nullopt, "", "execution_params.critical_load"},
      {"?", std::nullopt, "", "execution_params.max_load"},
  };
  for (const auto& c : cases) {
    ExecutionParams params;
    params.max_load = c.max;
    params.critical_load = c.critical;
    const auto limits = effectiveLoadLimits(params, settings);
    const std::string about = c.max.value_or("-") + " " + c.critical.value_or("-");
    ASSERT_EQ(limits.ok(), *c.wrong_field == '\0') << about;
    if (limits.ok()) {
      EXPECT_EQ(toString(limits.value().max) + "/" + toString(limits.value().critical),
                c.effective);
    } else {
      ASSERT_EQ(limits.error().size(), 1u) << about;
      EXPECT_EQ(limits.error()[0].field, c.wrong_field) << about;
    }
  }
  const auto limits = parseLoadLimits("a=1,Threads_Running=2");
  ASSERT_TRUE(limits.ok());
  ASSERT_NE(findLoadLimit(limits.value(), "threads_running"), nullptr);
  EXPECT_EQ(findLoadLimit(limits.value(), "threads_running")->value, 2);
  EXPECT_EQ(findLoadLimit(limits.value(), "threads"), nullptr);
}

TEST(PtoscSetVars, TakesOnlyListedVariablesWithPlainValues) {
  const auto good = parseSessionVariables("wait_timeout=100, SQL_MODE='' ,max_statement_time=0.5");
  ASSERT_TRUE(good.ok());
  EXPECT_EQ(good.value().at("sql_mode"), "''");
  EXPECT_EQ(good.value().at("wait_timeout"), "100");
  for (const char* bad :
       {"sql_log_bin=0", "foreign_key_checks=0", "explain_format=TREE", "wait_timeout",
        "wait_timeout=", "wait_timeout=1;DROP TABLE x", "wait_timeout=1 ,", "sql_mode='a\\,b'",
        "sql_mode='a''b'", "wait_timeout=(select 1)", "wait_timeout=1,wait_timeout=2",
        "GLOBAL wait_timeout=1", "sql_mode='", "wait_timeout=1\nx"}) {
    EXPECT_FALSE(parseSessionVariables(bad).ok()) << bad;
  }
}

TEST(PtoscTries, ChecksOperationTriesAndWait) {
  EXPECT_FALSE(triesProblem("swap_tables:5:0.5, copy_rows:10:1"));
  for (const char* bad : {"", "swap_tables", "swap_tables:5", "nothing:1:1", "swap_tables:0:1",
                          "swap_tables:1:0", "swap_tables:x:1", "swap_tables:1:1:1"}) {
    EXPECT_TRUE(triesProblem(bad)) << bad;
  }
}

TEST(PtoscTimes, ReadSuffixes) {
  EXPECT_EQ(parseSeconds("30"), 30);
  EXPECT_EQ(parseSeconds("2m"), 120);
  EXPECT_EQ(parseSeconds("1h"), 3600);
  EXPECT_EQ(parseSeconds("1d"), 86400);
  for (const char* bad : {"", "s", "-1", "1w", "1.5", "+3", "99999999999999999999"}) {
    EXPECT_EQ(parseSeconds(bad), std::nullopt) << bad;
  }
}

TEST(PtoscNumbers, AreShort) {
  EXPECT_EQ(formatNumber(0.5), "0.5");
  EXPECT_EQ(formatNumber(12), "12");
  EXPECT_EQ(parseDecimal("0.25"), 0.25);
  for (const char* bad : {"", ".5", "5.", "1e3", "-1", "0x10", "1 ", "nan"}) {
    EXPECT_EQ(parseDecimal(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace oscar::ddl
