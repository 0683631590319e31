// What is cut out of the user's text for --alter, and where each clause stands in it.

#include "ddl/alter_parser.hpp"

#include <gtest/gtest.h>

#include <string>

namespace oscar::ddl {
namespace {

struct TextCase {
  const char* text;
  const char* alter_text;
  std::size_t alter_offset;
  const char* table;  ///< `db.t` or `.t` of the prefix; empty without prefix
  bool semicolon;
};

constexpr TextCase kCases[] = {
    {"ADD a INT", "ADD a INT", 0, "", false},
    {"  ADD a INT \n", "ADD a INT", 2, "", false},
    {"ADD a INT;", "ADD a INT", 0, "", true},
    {"ADD a INT ; ;\n", "ADD a INT", 0, "", true},
    {"ADD a INT; -- done", "ADD a INT", 0, "", true},
    {"ADD a INT -- keep", "ADD a INT -- keep", 0, "", false},
    {"/* why */ ADD a INT", "/* why */ ADD a INT", 0, "", false},
    {"ALTER TABLE t ADD a INT", "ADD a INT", 14, ".t", false},
    {"alter table `d`.`t` ADD a INT;", "ADD a INT", 20, "d.t", true},
    {"ALTER TABLE .t ADD a INT", "ADD a INT", 15, ".t", false},
    {"ALTER TABLE d.select ADD a INT", "ADD a INT", 21, "d.select", false},
    {"ALTER TABLE `a``b` ADD a INT", "ADD a INT", 19, ".a`b", false},
    {"ALTER ONLINE TABLE t ADD a INT", "ADD a INT", 21, ".t", false},
    {"ALTER IGNORE TABLE t ADD a INT", "ADD a INT", 21, ".t", false},
    {"ALTER ONLINE IGNORE TABLE t ADD a INT", "ADD a INT", 28, ".t", false},
    {"ALTER TABLE IF EXISTS t ADD a INT", "ADD a INT", 24, ".t", false},
    {"ALTER TABLE t WAIT 5 ADD a INT", "ADD a INT", 21, ".t", false},
    {"ALTER TABLE t NOWAIT ADD a INT", "ADD a INT", 21, ".t", false},
    {"/* x */ ALTER TABLE t /* y */ ADD a INT", "/* y */ ADD a INT", 22, ".t", false},
    {"ALTER TABLE t /*!50100 ADD a INT */", "/*!50100 ADD a INT */", 14, ".t", false},
    {"ALTER TABLE t\n  ADD `a` INT,\n  ADD b VARCHAR(3) DEFAULT ''\n;\n",
     "ADD `a` INT,\n  ADD b VARCHAR(3) DEFAULT ''", 16, ".t", true},
    {"COMMENT=';'", "COMMENT=';'", 0, "", false},
    {"DROP COLUMN `a;`", "DROP COLUMN `a;`", 0, "", false},
};

TEST(AlterText, LosesThePrefixAndTheSemicolonOnly) {
  for (const TextCase& c : kCases) {
    SCOPED_TRACE(c.text);
    const auto result = parseAlter(c.text);
    ASSERT_TRUE(result.ok()) << result.error().message.en;
    const AlterStatement& statement = result.value();
    EXPECT_EQ(statement.alter_text, c.alter_text);
    EXPECT_EQ(statement.alter_offset, c.alter_offset);
    EXPECT_EQ(statement.removed_semicolon, c.semicolon);
    EXPECT_EQ(statement.removed_prefix, *c.table != '\0');
    ASSERT_EQ(statement.altered_table.has_value(), *c.table != '\0');
    if (statement.altered_table) {
      EXPECT_EQ(statement.altered_table->database + "." + statement.altered_table->table, c.table);
    }
  }
}

TEST(AlterText, RefusesAPrefixInsideAVersionComment) {
  const auto result = parseAlter("/*! ALTER TABLE t */ ADD a INT");
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().offset, 16U);
}

TEST(AlterText, KeepsColumnsNamedLikeThePrefixWords) {
  const auto result = parseAlter("ALTER online SET DEFAULT 1");
  ASSERT_TRUE(result.ok());
  EXPECT_FALSE(result.value().removed_prefix);
  EXPECT_EQ(result.value().clauses.front().name, "online");
}

struct SpanCase {
  const char* text;
  std::vector<const char*> spans;
};

TEST(AlterText, SpansAreTheClausesOwnBytes) {
  const SpanCase cases[] = {
      {"ADD a INT, DROP b", {"ADD a INT", "DROP b"}},
      {"ALTER TABLE t ADD a INT NOT NULL AFTER `x y` ;", {"ADD a INT NOT NULL AFTER `x y`"}},
      {"ADD (a INT, KEY k (a), b CHAR(3))", {"a INT", "KEY k (a)", "b CHAR(3)"}},
      {"ENGINE=InnoDB COMMENT 'x', FORCE", {"ENGINE=InnoDB", "COMMENT 'x'", "FORCE"}},
      {"ADD 名称 INT /* , */ , ADD b INT", {"ADD 名称 INT", "ADD b INT"}},
      {"ADD a INT PARTITION BY HASH (a) PARTITIONS 2",
       {"ADD a INT", "PARTITION BY HASH (a) PARTITIONS 2"}},
      {"ADD a INT/*!50100 , ADD b INT*/", {"ADD a INT", "ADD b INT"}},
  };
  for (const SpanCase& c : cases) {
    SCOPED_TRACE(c.text);
    const auto result = parseAlter(c.text);
    ASSERT_TRUE(result.ok()) << result.error().message.en;
    std::vector<std::string> spans;
    for (const Clause& clause : result.value().clauses) {
      spans.push_back(std::string{c.text}.substr(clause.start, clause.end - clause.start));
    }
    EXPECT_EQ(spans, std::vector<std::string>(c.spans.begin(), c.spans.end()));
  }
}

TEST(AlterText, KeepsKeyPartsForAnInspectionOfTheLiveTable) {
  const auto result =
      parseAlter("ADD UNIQUE u (a(10), (LOWER(b)) DESC), ADD FOREIGN KEY (a) REFERENCES d.p (id)");
  ASSERT_TRUE(result.ok());
  const Clause& key = result.value().clauses[0];
  EXPECT_TRUE(key.unique);
  EXPECT_EQ(key.key_parts, (std::vector<KeyPart>{{"a", 10, ""}, {"", std::nullopt, "LOWER(b)"}}));
  EXPECT_EQ(result.value().clauses[1].referenced_table, (TableName{"d", "p"}));
}

// pt-osc takes these words for a rename and stops with status 17 (trap 15).
TEST(AlterText, DoesNotSeeARenameInsideAComment) {
  const auto result = parseAlter("ADD a INT COMMENT 'please change x y', COMMENT = 'rename to z'");
  ASSERT_TRUE(result.ok());
  EXPECT_FALSE(result.value().dangerous());
  EXPECT_FALSE(result.value().refused());
}

TEST(AlterText, TellsWhatPtoscMustNotRun) {
  for (const char* text : {"RENAME COLUMN a TO b", "RENAME TO t2", "TRUNCATE PARTITION p",
                           "EXCHANGE PARTITION p WITH TABLE x", "DISCARD TABLESPACE",
                           "IMPORT PARTITION p TABLESPACE", "DROP PARTITION p"}) {
    SCOPED_TRACE(text);
    ASSERT_TRUE(parseAlter(text).ok());
    EXPECT_TRUE(parseAlter(text).value().refused());
  }
  for (const char* text : {"DROP COLUMN a", "CHANGE a b INT", "ADD UNIQUE (a)", "ENGINE=MyISAM",
                           "CONVERT TO CHARACTER SET latin1"}) {
    SCOPED_TRACE(text);
    ASSERT_TRUE(parseAlter(text).ok());
    EXPECT_TRUE(parseAlter(text).value().dangerous());
    EXPECT_FALSE(parseAlter(text).value().refused());
  }
}

TEST(Danger, EveryOneHasAWordAndBothSentences) {
  for (int i = 1; i <= static_cast<int>(Danger::kDropDefault); ++i) {
    const Danger danger = static_cast<Danger>(i);
    EXPECT_FALSE(toString(danger).empty());
    EXPECT_FALSE(explain(danger).zh.empty());
    EXPECT_FALSE(explain(danger).en.empty());
  }
}

}  // namespace
}  // namespace oscar::ddl
