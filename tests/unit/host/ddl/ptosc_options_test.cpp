#include "ddl/ptosc_options.hpp"

#include "support/real_ptosc.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace oscar::ddl {
namespace {

struct ValueCase {
  const char* option;
  const char* value;
  const char* argument;  ///< nullptr: refused; "": accepted and left out
};

TEST(PtoscOptions, CheckTypesAndRanges) {
  const std::vector<ValueCase> cases{
      {"preserve-triggers", "", "--preserve-triggers"},
      {"preserve-triggers", "true", "--preserve-triggers"},
      {"preserve-triggers", "false", ""},
      {"preserve-triggers", "1", nullptr},
      {"analyze-before-swap", "false", "--no-analyze-before-swap"},
      {"analyze-before-swap", "true", "--analyze-before-swap"},
      {"chunk-index-columns", "2", "--chunk-index-columns=2"},
      {"chunk-index-columns", "0", nullptr},
      {"chunk-index-columns", "1.0", nullptr},
      {"sleep", "0.25", "--sleep=0.25"},
      {"sleep", "61", nullptr},
      {"sleep", "1 --print", nullptr},
      {"max-lag", "5m", "--max-lag=5m"},
      {"max-lag", "0", nullptr},
      {"recursion-method", "processlist, hosts", "--recursion-method=processlist,hosts"},
      {"recursion-method", "dsn=h=x,p=secret", nullptr},
      {"alter-foreign-keys-method", "none", nullptr},
      {"alter-foreign-keys-method", "rebuild_constraints",
       "--alter-foreign-keys-method=rebuild_constraints"},
      {"chunk-index", "idx_a", "--chunk-index=idx_a"},
      {"chunk-index", "索引", "--chunk-index=索引"},
      {"chunk-index", "--execute", nullptr},
      {"chunk-index", "a`b", nullptr},
      {"tries", "swap_tables:5:0.5", "--tries=swap_tables:5:0.5"},
      {"tries", "swap_tables:5", nullptr},
  };
  for (const auto& c : cases) {
    const PtoscOption* option = findPtoscOption(c.option);
    ASSERT_NE(option, nullptr) << c.option;
    const bool refused = optionValueProblem(*option, c.value).has_value();
    EXPECT_EQ(refused, c.argument == nullptr) << c.option << "=" << c.value;
    if (!refused && c.argument != nullptr) {
      EXPECT_EQ(optionArgument(*option, c.value).value_or(""), c.argument);
    }
  }
}

TEST(PtoscOptions, AreSortedAndExplained) {
  std::string_view last;
  for (const PtoscOption& option : ptoscOptions()) {
    EXPECT_LT(last, option.name);
    EXPECT_FALSE(option.help.zh.empty());
    EXPECT_FALSE(option.help.en.empty());
    last = option.name;
  }
}

TEST(PtoscOptions, RefuseTheRestWithAReason) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"password", "connection"},
      {"ask-pass", "connection"},
      {"plugin", "set by Oscar"},
      {"execute", "set by Oscar"},
      {"config", "set by Oscar"},
      {"pid", "files"},
      {"pause-file", "files"},
      {"dry-run", "changing the table"},
      {"no-drop-triggers", "cleaning"},
      {"no-check-alter", "protection"},
      {"check-alter", "protection"},
      {"where", "protection"},
      {"chunk-size", "field of its own"},
      {"max_lag", "max-lag"},
      {"--max-lag", "max-lag"},
      {"max-lg", "max-lag"},
      {"slave-password", "replicas"},
      {"$(x)", "is not an allowed option of pt-osc"},
      {"no-drop-old-table", "written as drop-old-table with the value false"},
  };
  for (const auto& [name, words] : cases) {
    EXPECT_EQ(findPtoscOption(name), nullptr) << name;
    EXPECT_NE(whyOptionRefused(name).en.find(words), std::string::npos)
        << name << ": " << whyOptionRefused(name).en;
  }
}

TEST(PtoscOptions, SuggestOnlyWhatMayHaveBeenMeant) {
  for (const char* name : {"log", "nonsense", "drop-swap", "x"}) {
    EXPECT_EQ(whyOptionRefused(name).en.find("nearest"), std::string::npos)
        << whyOptionRefused(name).en;
  }
}

// Every option of the installed tool is either allowed or refused for a reason of its own, so that
// nothing is forgotten, and everything allowed exists there.
TEST(PtoscOptions, CoverTheInstalledTool) {
  if (!test::hasRealPtosc()) GTEST_SKIP() << "pt-online-schema-change is not installed";
  const auto help = test::runProgram({test::kRealPtosc, "--help"});
  ASSERT_EQ(help.status, 0) << help.output;
  std::vector<std::string> names;
  const auto end = help.output.find("Option types:");
  for (std::size_t at = 0; (at = help.output.find("\n  --", at)) < end; ++at) {
    std::string name =
        help.output.substr(at + 5, help.output.find_first_of("= \n", at + 5) - at - 5);
    if (name.starts_with("[no]")) name.erase(0, 4);
    names.push_back(name);
  }
  ASSERT_GT(names.size(), 50U);
  for (const auto& name : names) {
    if (findPtoscOption(name) != nullptr) continue;
    EXPECT_EQ(whyOptionRefused(name).en.find("not an allowed option"), std::string::npos) << name;
  }
  for (const PtoscOption& option : ptoscOptions()) {
    EXPECT_NE(std::find(names.begin(), names.end(), option.name), names.end()) << option.name;
  }
}

}  // namespace
}  // namespace oscar::ddl
