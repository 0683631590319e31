// What the parser says about a clause so that no rule has to read its text again.

#include "ddl/alter_parser.hpp"

#include <gtest/gtest.h>

#include <string>

namespace oscar::ddl {
namespace {

/// `if-exists convert charset/collation enforced {check enforced} lacks-partition`, absent parts
/// left out; clauses separated by ` | `.
std::string facts(const AlterStatement& statement) {
  std::string line;
  const auto say = [&line](const std::string& word) {
    if (!line.empty() && !line.ends_with("| ")) line += " ";
    line += word;
  };
  for (const Clause& clause : statement.clauses) {
    if (&clause != &statement.clauses.front()) line += " | ";
    if (clause.if_exists) say("if-exists");
    if (clause.converts) say("converts");
    if (clause.kind == ClauseKind::kCharset) say(clause.charset + "/" + clause.collation);
    if (clause.enforced) say(*clause.enforced ? "enforced" : "not-enforced");
    if (clause.column) {
      for (const InlineCheck& check : clause.column->checks) {
        say("{" + check.expression + (check.enforced ? "}" : " not-enforced}"));
      }
    }
    if (clause.enforcesCheck()) say("enforces");
    if (clause.mayLackPartition()) say("may-lack-partition");
  }
  return line;
}

struct FactCase {
  const char* text;
  const char* facts;
};

void expectFacts(const FactCase& c) {
  SCOPED_TRACE(c.text);
  const auto statement = parseAlter(c.text);
  ASSERT_TRUE(statement.ok()) << statement.error().message.en;
  EXPECT_EQ(facts(statement.value()), c.facts);
}

constexpr FactCase kChecks[] = {
    {"ADD CHECK (a > 0)", "enforced enforces"},
    {"ADD CHECK (a > 0) ENFORCED", "enforced enforces"},
    {"ADD CHECK (a > 0) NOT ENFORCED", "not-enforced"},
    {"ADD CONSTRAINT c CHECK (a > 0) not /* */ enforced", "not-enforced"},
    {"ADD CONSTRAINT c CHECK (a > 0)", "enforced enforces"},
    {"ADD CHECK (a > 0 AND NOT enforced)", "enforced enforces"},
    {"ADD CHECK (a > 0) /* NOT ENFORCED */", "enforced enforces"},
    {"ADD CHECK (a > 0) /*!80016 NOT ENFORCED */", "enforced enforces"},
    {"ADD (a INT, CHECK (a > 0) NOT ENFORCED, CHECK (a < 9))",
     " | not-enforced | enforced enforces"},
    {"ADD a INT CHECK (a > 0)", "{a > 0} enforces"},
    {"ADD a INT CHECK (a > 0) NOT ENFORCED", "{a > 0 not-enforced}"},
    {"ADD a INT CHECK (a > 0) NOT NULL", "{a > 0} enforces"},
    {"ADD a INT CHECK (a > 0) CHECK (a < 9) NOT ENFORCED", "{a > 0} {a < 9 not-enforced} enforces"},
    {"MODIFY a INT CHECK (a > 0) NOT ENFORCED CONSTRAINT c CHECK (a < 9) ENFORCED",
     "{a > 0 not-enforced} {a < 9} enforces"},
    {"CHANGE a b INT CONSTRAINT c CHECK (b > 0) NOT ENFORCED", "{b > 0 not-enforced}"},
    {"MODIFY a INT CHECK (a > 0) NOT /*!80016 ENFORCED */ NULL", "{a > 0} enforces"},
    {"ALTER CHECK c ENFORCED", "enforced enforces"},
    {"ALTER CHECK c NOT ENFORCED", "not-enforced"},
    {"ALTER CONSTRAINT c ENFORCED", "enforced enforces"},
    {"ALTER CONSTRAINT c NOT ENFORCED", "not-enforced"},
    {"ALTER CONSTRAINT c /*!99999 NOT */ ENFORCED", "enforced enforces"},
    {"DROP CHECK c", ""},
    {"ADD a INT COMMENT 'check (a > 0)'", ""},
};

TEST(AlterFacts, ChecksSayWhetherTheyAreEnforced) {
  for (const FactCase& c : kChecks) expectFacts(c);
}

constexpr FactCase kCharsets[] = {
    {"CONVERT TO CHARACTER SET UTF8MB4", "converts utf8mb4/"},
    {"CONVERT TO CHARSET 'utf8mb4' COLLATE 'UTF8MB4_bin'", "converts utf8mb4/utf8mb4_bin"},
    {"CONVERT TO CHARACTER SET DEFAULT", "converts /"},
    {"CONVERT TO CHARACTER SET DEFAULT COLLATE `utf8mb4_bin`", "converts /utf8mb4_bin"},
    {"CONVERT TO CHARACTER SET utf8mb4 COLLATE DEFAULT", "converts utf8mb4/"},
    {"CONVERT TO CHARACTER SET binary", "converts binary/"},
    {"CONVERT TO CHARACTER SET utf8mb4 COLLATE /* collate utf8mb4_general_ci */ utf8mb4_unicode_ci",
     "converts utf8mb4/utf8mb4_unicode_ci"},
    {"CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci /* collate utf8mb4_general_ci */",
     "converts utf8mb4/utf8mb4_unicode_ci"},
    {"CONVERT TO CHARACTER SET utf8mb4 /*!99999 COLLATE utf8mb4_general_ci */",
     "converts utf8mb4/"},
    {"CHARACTER SET = Latin1", "latin1/"},
    {"DEFAULT CHARSET latin1 COLLATE latin1_bin", "latin1/ | /latin1_bin"},
    {"DEFAULT COLLATE = 'LATIN1_bin'", "/latin1_bin"},
    {"COLLATE DEFAULT", "/"},
    {"/*!99999 COLLATE latin1_bin */", "/"},
    {"COMMENT 'convert to character set utf8mb4'", ""},
};

TEST(AlterFacts, CharacterSetClausesSayWhatTheyName) {
  for (const FactCase& c : kCharsets) expectFacts(c);
}

constexpr FactCase kIfExists[] = {
    {"ADD a INT", ""},
    {"ADD COLUMN IF NOT EXISTS a INT", "if-exists"},
    {"ADD IF NOT EXISTS (a INT, b INT)", "if-exists | if-exists"},
    {"ADD IF NOT EXISTS (a INT, KEY k (a), KEY IF NOT EXISTS l (a))", "if-exists |  | if-exists"},
    {"ADD INDEX IF NOT EXISTS i (a)", "if-exists"},
    {"ADD UNIQUE KEY IF NOT EXISTS i (a)", "if-exists"},
    {"ADD PRIMARY KEY IF NOT EXISTS (a)", "if-exists"},
    {"ADD FOREIGN KEY IF NOT EXISTS (a) REFERENCES t (id)", "if-exists"},
    {"ADD CONSTRAINT IF NOT EXISTS c UNIQUE (a)", "if-exists"},
    {"ADD PERIOD IF NOT EXISTS FOR p (a, b)", "if-exists"},
    {"ADD PARTITION IF NOT EXISTS (PARTITION p VALUES LESS THAN (1))", "if-exists"},
    {"MODIFY IF EXISTS a INT", "if-exists"},
    {"CHANGE COLUMN IF EXISTS a b INT", "if-exists"},
    {"DROP IF EXISTS a", "if-exists"},
    {"DROP INDEX IF EXISTS i", "if-exists"},
    {"DROP FOREIGN KEY IF EXISTS f", "if-exists"},
    {"DROP CHECK IF EXISTS c", "if-exists"},
    {"DROP CONSTRAINT IF EXISTS c", "if-exists"},
    {"DROP PERIOD IF EXISTS FOR p", "if-exists"},
    {"DROP PARTITION IF EXISTS p", "if-exists"},
    {"RENAME COLUMN IF EXISTS a TO b", "if-exists"},
    {"RENAME INDEX IF EXISTS a TO b", "if-exists"},
    {"ALTER COLUMN IF EXISTS a DROP DEFAULT", "if-exists"},
    {"ALTER INDEX IF EXISTS i IGNORED", "if-exists"},
    {"ALTER TABLE IF EXISTS t DROP a", ""},
    {"DROP /* if exists */ a", ""},
    {"DROP COLUMN /* ' */ IF /* */ EXISTS a", "if-exists"},
    {"ADD a INT COMMENT 'if not exists', DROP b", " | "},
};

TEST(AlterFacts, IfExistsIsKept) {
  for (const FactCase& c : kIfExists) expectFacts(c);
}

constexpr FactCase kPartitionings[] = {
    {"PARTITION BY RANGE (a) (PARTITION p VALUES LESS THAN (9))", "may-lack-partition"},
    {"PARTITION BY RANGE (a)", "may-lack-partition"},
    {"PARTITION BY RANGE (a) (PARTITION p VALUES LESS THAN (9), PARTITION q VALUES LESS THAN "
     "MAXVALUE)",
     ""},
    {"PARTITION BY RANGE COLUMNS (a, b) (PARTITION p VALUES LESS THAN (MAXVALUE, 5))", ""},
    {"PARTITION BY RANGE COLUMNS (a, b) (PARTITION p VALUES LESS THAN (5, MAXVALUE))",
     "may-lack-partition"},
    {"PARTITION BY RANGE (a) (PARTITION p VALUES LESS THAN (9) COMMENT 'less than maxvalue')",
     "may-lack-partition"},
    {"PARTITION BY RANGE (a) (PARTITION p VALUES LESS THAN (9) /*!99999 , PARTITION q VALUES LESS "
     "THAN MAXVALUE */)",
     "may-lack-partition"},
    {"PARTITION BY LIST (a) (PARTITION p VALUES IN (9))", "may-lack-partition"},
    {"PARTITION BY LIST (a + DEFAULT(a)) (PARTITION p VALUES IN (9))", "may-lack-partition"},
    {"PARTITION BY LIST (a) (PARTITION p VALUES IN (9), PARTITION q DEFAULT)", ""},
    {"PARTITION BY HASH (a) PARTITIONS 4", ""},
    {"PARTITION BY KEY (a)", ""},
    {"REMOVE PARTITIONING", ""},
};

TEST(AlterFacts, PartitioningSaysWhetherARowMayHaveNoPlace) {
  for (const FactCase& c : kPartitionings) expectFacts(c);
}

}  // namespace
}  // namespace oscar::ddl
