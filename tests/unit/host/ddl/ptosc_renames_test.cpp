#include "ddl/ptosc_renames.hpp"

#include "ddl/alter_parser.hpp"
#include "ddl/lexer.hpp"
#include "support/real_ptosc.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace oscar::ddl {
namespace {

using Verdict = RenameReading::Verdict;

struct Case {
  std::string alter;
  Verdict verdict;
};

// Valid ALTER texts, and what pt-osc makes of their renames.
const std::vector<Case>& cases() {
  static const std::vector<Case> all{
      {"ADD COLUMN a INT", Verdict::kNone},
      {"CHANGE a a BIGINT", Verdict::kNone},
      {"CHANGE a A BIGINT", Verdict::kNone},
      {"ADD COLUMN a INT COMMENT 'changes'", Verdict::kNone},
      {"CHANGE a b INT", Verdict::kSafe},
      {"change column `a` `b` INT NOT NULL COMMENT 'x, y'", Verdict::kSafe},
      {"CHANGE\n a\tb INT", Verdict::kSafe},
      {"ADD COLUMN x INT, CHANGE a b INT", Verdict::kSafe},
      {"ENGINE=InnoDB, CHANGE `a` b INT COMMENT 'it''s'", Verdict::kSafe},
      // pt-osc deletes from the first COMMENT to the last quote, and the rename with it.
      {"ADD x INT COMMENT 'x', CHANGE a b VARCHAR(9) COMMENT 'y'", Verdict::kUncertain},
      {"ADD x INT comment 'x', CHANGE a b INT", Verdict::kUncertain},
      {"CHANGE /* why */ a b INT", Verdict::kUncertain},
      {"CHANGE/**/a b INT", Verdict::kUncertain},
      {"CHANGE a /* to */ b INT", Verdict::kUncertain},
      {"CHANGE a`b` INT", Verdict::kUncertain},
      {"CHANGE COLUMN IF EXISTS a b INT", Verdict::kUncertain},
      {"CHANGE `a.x` b INT", Verdict::kUncertain},
      {"CHANGE `a``x` b INT", Verdict::kUncertain},
      {"CHANGE `a b` c INT", Verdict::kUncertain},
      {"CHANGE 旧 新 INT", Verdict::kUncertain},
      {"CHANGE a b INT COMMENT 'change c d'", Verdict::kUncertain},
      {"CHANGE a b INT, DROP COLUMN c, ADD COLUMN a INT", Verdict::kUncertain},
      {"DROP COLUMN b, CHANGE a b INT", Verdict::kUncertain},
      {"CHANGE a b INT, CHANGE c d INT", Verdict::kSeveral},
      {"CHANGE a b INT, CHANGE b a INT", Verdict::kSeveral},
      {"ADD COLUMN x INT COMMENT 'change x y'", Verdict::kMisread},
      {"ADD COLUMN x INT DEFAULT 1 /* change a b */", Verdict::kMisread},
      {"CHANGE COLUMN IF EXISTS a a INT", Verdict::kMisread},
      {"ADD z VARCHAR(40) DEFAULT 'CHANGE `x.note` `status` x'", Verdict::kMisread},
      {"ADD z VARCHAR(40) DEFAULT 'CHANGE `x..note` status x'", Verdict::kMisread},
      {"ADD z VARCHAR(40) DEFAULT 'CHANGE `note.0` status x'", Verdict::kMisread},
      {"ADD z VARCHAR(40) DEFAULT 'CHANGE `a.b.c` \"d.e\" x'", Verdict::kMisread},
      {"ADD z VARCHAR(40) DEFAULT 'change x.note status'", Verdict::kNone},
      {"ADD z VARCHAR(40) DEFAULT 'CHANGE `x.note` `y.note` x'", Verdict::kNone},
      // The comment between the words is deleted, and the rest moves up.
      {"ADD z VARCHAR(40) DEFAULT 'x CHANGE COMMENT ''y'' note status'", Verdict::kUncertain},
      {"ADD z INT /* CHANGE note COMMENT 'y' status z */", Verdict::kUncertain},
      {"ADD z INT /* CHANGE COLUMN note COMMENT \"y\" status z */", Verdict::kUncertain},
  };
  return all;
}

TEST(PtoscRenames, ReadsStatements) {
  for (const auto& c : cases()) {
    const auto statement = parseAlter(c.alter);
    ASSERT_TRUE(statement.ok()) << c.alter << ": " << statement.error().message.en;
    EXPECT_EQ(readRenames(statement.value()).verdict, c.verdict) << c.alter;
  }
}

TEST(PtoscRenames, WorkBehindARemovedPrefix) {
  const auto statement = parseAlter("ALTER TABLE shop.orders CHANGE a b INT;");
  ASSERT_TRUE(statement.ok());
  const auto reading = readRenames(statement.value());
  EXPECT_EQ(reading.verdict, Verdict::kSafe);
  EXPECT_EQ(reading.rename, (PtoscRename{"a", "b", 0}));
}

TEST(PtoscRenames, PatternsAreFoundAnywhere) {
  const auto found =
      renamePatterns("ADD exchange INT COMMENT 'change x y', CHANGE `p q` \"r\" INT");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0], (PtoscRename{"x", "y", 26}));
  EXPECT_EQ(found[1], (PtoscRename{"p q", "r", 39}));
}

// The real tool: what is called safe is exactly what it sees, what is called none it does not see,
// and what is called misread is what it would rename.
TEST(PtoscRenames, AgreeWithTheRealTool) {
  if (!test::hasRealPtosc()) GTEST_SKIP() << "pt-online-schema-change is not installed";
  const std::string script = R"(
    my $parser = TableParser->new(Quoter => Quoter->new);
    for my $alter (@ARGV) {
      my $seen = pt_online_schema_change::find_renamed_cols(
        alter => $alter, TableParser => $parser);
      print join(' ', map { ($_, $seen->{$_}) } sort keys %$seen), "\0";
    }
  )";
  std::vector<std::string> texts;
  for (const auto& c : cases()) texts.push_back(c.alter);
  const auto run = test::runInsidePtosc(script, texts);
  ASSERT_EQ(run.status, 0) << run.output;
  const auto seen = test::splitAtNul(run.output);
  ASSERT_EQ(seen.size(), texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto statement = parseAlter(texts[i]);
    ASSERT_TRUE(statement.ok()) << texts[i];
    const auto reading = readRenames(statement.value());
    if (reading.verdict == Verdict::kNone) {
      EXPECT_EQ(seen[i], "") << texts[i];
    } else if (reading.verdict == Verdict::kSafe) {
      EXPECT_EQ(seen[i], reading.rename->from + " " + reading.rename->to) << texts[i];
    }
    if (reading.verdict != Verdict::kMisread) continue;
    std::string listed;
    for (const auto& rename : reading.misread) {
      listed += (listed.empty() ? "" : " ") + asciiLower(rename.from) + " " + rename.to;
    }
    EXPECT_TRUE(seen[i].empty() || seen[i] == listed) << texts[i] << ": " << seen[i];
  }
}

}  // namespace
}  // namespace oscar::ddl
