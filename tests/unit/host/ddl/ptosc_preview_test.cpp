#include "ddl/ptosc_preview.hpp"

#include "support/run_program.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace oscar::ddl {
namespace {

TEST(PtoscPreview, QuotesOnlyWhatNeedsIt) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"--execute", "--execute"},
      {"--alter=ENGINE=InnoDB", "--alter=ENGINE=InnoDB"},
      {"--alter=ADD a INT", "--alter='ADD a INT'"},
      {"--alter=it's", "--alter='it'\\''s'"},
      {"--alter=", "--alter="},
      {"F={run_dir}/my.cnf", "'F={run_dir}/my.cnf'"},
      {"", "''"},
      {"*", "'*'"},
      {"中", "'中'"},
  };
  for (const auto& [argument, text] : cases) EXPECT_EQ(shellQuote(argument), text);
}

TEST(PtoscPreview, ShowsOneOptionPerLineAndHidesTheAccount) {
  EXPECT_EQ(renderCommand({"/usr/bin/pt-online-schema-change", "--execute", "--alter=ADD a INT",
                           "F={run_dir}/my.cnf,h=db"}),
            "/usr/bin/pt-online-schema-change \\\n"
            "  --user=*** --password=*** \\\n"
            "  --execute \\\n"
            "  --alter='ADD a INT' \\\n"
            "  'F={run_dir}/my.cnf,h=db'");
}

TEST(PtoscPreview, ShellReadsTheSameArgumentsBack) {
  const std::vector<std::string> argv{
      "/opt/my tools/pt-osc",
      "--alter=ADD a INT COMMENT 'x $(id) `id` \"q\" \\ ! * ? ~ # & | ; < > ( ) { }'",
      "--alter=line\nbreak\n\n",
      "--set-vars=explain_format='TRADITIONAL',lock_wait_timeout=60,max_error_count=65535",
      "--weird name=x y",
      "''",
      "-x",
      "$HOME",
      "订单\t表",
      "F={run_dir}/my.cnf,h=[::1],t=a\\,b",
  };
  // The shell must not expand `***` where the test happens to run.
  const std::string command =
      "set -f; show() { printf '%s\\0' \"$@\"; }; show " + renderCommand(argv);
  const auto run = test::runProgram({"sh", "-c", command});
  ASSERT_EQ(run.status, 0) << run.output;
  auto expected = argv;
  expected.insert(expected.begin() + 1, {"--user=***", "--password=***"});
  EXPECT_EQ(test::splitAtNul(run.output), expected);
}

}  // namespace
}  // namespace oscar::ddl
