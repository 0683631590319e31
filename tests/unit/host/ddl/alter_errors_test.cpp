// Texts that no server accepts (or that must not reach pt-osc): where the error is put and what it
// says was expected.

#include "ddl/alter_parser.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace oscar::ddl {
namespace {

struct ErrorCase {
  const char* text;
  std::size_t offset;
  const char* expected;  ///< one of ParseError::expected; or, after a `~`, part of the message
};

// clang-format off
constexpr ErrorCase kCases[] = {
    {"", 0, "ADD"},
    {"   ", 3, "ADD"},
    {";", 0, "ADD"},
    {"-- only a comment", 17, "ADD"},
    {"ALTER TABLE t", 13, "ADD"},
    {"ALTER TABLE t;", 13, "ADD"},
    {"ALTER TABLE", 11, "table name"},
    {"ALTER t ADD a INT", 8, "DROP"},
    {"FOO a INT", 0, "ADD"},
    {"CREATE TABLE t (a INT)", 0, "ADD"},
    {"ADD", 3, "column name"},
    {"ADD COLUMN", 10, "column name"},
    {"ADD COLUMN a", 12, "data type"},
    {"ADD COLUMN a,", 12, "data type"},
    {"ADD COLUMN a INT,", 17, "ADD"},
    {"ADD COLUMN a INT b", 17, "("},
    {"ADD COLUMN a INT,, ADD b INT", 17, "ADD"},
    {"ADD COLUMN INT", 11, R"sql(~"INT" is a reserved word and cannot stand here as column name)sql"},
    {"ADD COLUMN order INT", 11, R"sql(~"order" is a reserved word and cannot stand here as column name)sql"},
    {"ADD COLUMN key INT", 11, R"sql(~"key" is a reserved word and cannot stand here as column name)sql"},
    {"ADD COLUMN 'a' INT", 11, "column name"},
    {R"sql(ADD COLUMN "a" INT)sql", 11, "column name"},
    {"ADD COLUMN 1 INT", 11, "column name"},
    {"ADD COLUMN 1e5 INT", 11, "column name"},
    {"ADD COLUMN `` INT", 11, "~The name is empty"},
    {"ADD COLUMN `a  ` INT", 11, "~A name cannot end with a space"},
    {"ADD COLUMN a STRING", 13, "data type"},
    {"ADD COLUMN a VARCHAR", 20, "("},
    {"ADD COLUMN a VARCHAR()", 21, "number"},
    {"ADD COLUMN a VARCHAR(x)", 21, "number"},
    {"ADD COLUMN a VARCHAR(10", 23, ")"},
    {"ADD COLUMN a INT()", 17, "number"},
    {"ADD COLUMN a DOUBLE(5)", 21, ","},
    {"ADD COLUMN a DECIMAL(10,)", 24, "number"},
    {"ADD COLUMN a ENUM", 17, "("},
    {"ADD COLUMN a ENUM()", 18, "string"},
    {"ADD COLUMN a ENUM('a',)", 22, "string"},
    {"ADD COLUMN a ENUM(a)", 18, "string"},
    {"ADD COLUMN a DATE(3)", 17, "end of statement"},
    {"ADD COLUMN a INT NOT", 20, "NULL"},
    {"ADD COLUMN a INT NOT DEFAULT 0", 21, "NULL"},
    {"ADD COLUMN a INT NOT NULL UNSIGNED", 26, "end of statement"},
    {"ADD COLUMN a VARCHAR(10) NOT NULL CHARACTER SET utf8", 34, "end of statement"},
    {"ADD COLUMN a INT DEFAULT", 24, "column name"},
    {"ADD COLUMN a INT DEFAULT 1+1", 26, "end of statement"},
    {"ADD COLUMN a INT DEFAULT ()", 26, "expression"},
    {"ADD COLUMN a INT DEFAULT (1 +)", 29, "expression"},
    {"ADD COLUMN a INT DEFAULT (1", 27, ")"},
    {"ADD COLUMN a INT DEFAULT -'x'", 26, "number"},
    {"ADD COLUMN a INT DEFAULT ON", 25, R"sql(~"ON" is a reserved word and cannot stand here as column name)sql"},
    {"ADD COLUMN a DATETIME DEFAULT CURRENT_TIMESTAMP(", 48, "number"},
    {"ADD COLUMN a DATETIME ON UPDATE 5", 32, "CURRENT_TIMESTAMP"},
    {"ADD COLUMN a INT COMMENT x", 25, "string"},
    {"ADD COLUMN a INT COMMENT 'a' 'b'", 29, "end of statement"},
    {"ADD COLUMN a INT COMMENT = 'a'", 25, "string"},
    {"ADD COLUMN a INT AFTER", 22, "column name"},
    {"ADD COLUMN a INT AFTER b FIRST", 25, "end of statement"},
    {"ADD COLUMN a INT BEFORE b", 17, "("},
    {"ADD COLUMN a INT PRIMARY", 24, "KEY"},
    {"ADD COLUMN a INT CHECK", 22, "("},
    {"ADD COLUMN a INT CHECK ()", 24, "expression"},
    {"ADD COLUMN a INT CHECK (a > 0", 29, ")"},
    {"ADD COLUMN a INT CHECK (a AND)", 29, "expression"},
    {"ADD COLUMN a INT CHECK (a, )", 27, "expression"},
    {"ADD COLUMN a INT AS", 19, "("},
    {"ADD COLUMN a INT GENERATED AS (b)", 27, "ALWAYS"},
    {"ADD COLUMN a INT REFERENCES", 27, "table name"},
    {"ADD COLUMN a INT REFERENCES p (id) ON DELETE", 44, "RESTRICT"},
    {"ADD COLUMN a INT foo=1", 17, "("},
    {"ADD COLUMN IF EXISTS a INT", 14, "NOT"},
    {"ADD IF a INT", 7, "NOT"},
    {"ADD (a INT", 10, ")"},
    {"ADD (a INT,)", 11, "column name"},
    {"ADD ()", 5, "column name"},
    {"ADD (a INT FIRST)", 11, ")"},
    {"ADD (a INT))", 11, "end of statement"},
    {"ADD INDEX", 9, "index name"},
    {"ADD INDEX i", 11, "("},
    {"ADD INDEX i ()", 13, "column name"},
    {"ADD INDEX i (a,)", 15, "column name"},
    {"ADD INDEX i (a", 14, ")"},
    {"ADD INDEX i (a())", 15, "number"},
    {"ADD INDEX i a", 12, "("},
    {"ADD INDEX i (a) COMMENT = 'x'", 24, "string"},
    {"ADD INDEX i (a) USING", 21, "BTREE"},
    {"ADD UNIQUE COLUMN a", 11, R"sql(~"COLUMN" is a reserved word and cannot stand here as index name)sql"},
    {"ADD PRIMARY (a)", 12, "KEY"},
    {"ADD PRIMARY KEY", 15, "index name"},
    {"ADD FOREIGN (a) REFERENCES p (id)", 12, "KEY"},
    {"ADD FOREIGN KEY (a)", 19, "REFERENCES"},
    {"ADD FOREIGN KEY (a) REFERENCES", 30, "table name"},
    {"ADD FOREIGN KEY (a) REFERENCES p (id) ON DELETE SET", 51, "NULL"},
    {"ADD CONSTRAINT", 14, "constraint name"},
    {"ADD CONSTRAINT c", 16, "PRIMARY"},
    {"ADD CONSTRAINT c INDEX (a)", 17, "PRIMARY"},
    {"ADD CHECK", 9, "("},
    {"ADD CHECK a > 0", 10, "("},
    {"MODIFY", 6, "column name"},
    {"MODIFY a", 8, "data type"},
    {"MODIFY a NOT NULL", 9, "data type"},
    {"MODIFY COLUMN IF NOT EXISTS a INT", 17, "EXISTS"},
    {"CHANGE a", 8, "column name"},
    {"CHANGE a b", 10, "data type"},
    {"CHANGE a INT", 9, R"sql(~"INT" is a reserved word and cannot stand here as column name)sql"},
    {"DROP", 4, "column name"},
    {"DROP COLUMN", 11, "column name"},
    {"DROP COLUMN a b", 14, "end of statement"},
    {"DROP COLUMN a, b", 15, "ADD"},
    {"DROP COLUMN `a", 12, "~The quoted name has no end"},
    {"DROP INDEX", 10, "index name"},
    {"DROP PRIMARY", 12, "KEY"},
    {"DROP PRIMARY KEY a", 17, "end of statement"},
    {"DROP FOREIGN f", 13, "KEY"},
    {"DROP FOREIGN KEY", 16, "constraint name"},
    {"RENAME", 6, "table name"},
    {"RENAME COLUMN a b", 16, "TO"},
    {"RENAME COLUMN a TO", 18, "column name"},
    {"RENAME INDEX i j", 15, "TO"},
    {"ALTER COLUMN a", 14, "DROP"},
    {"ALTER COLUMN a SET", 18, "VISIBLE"},
    {"ALTER COLUMN a SET DEFAULT", 26, "column name"},
    {"ALTER COLUMN a SET DEFAULT 1+1", 28, "end of statement"},
    {"ALTER COLUMN a INT", 15, "DROP"},
    {"ALTER COLUMN a DROP", 19, "DEFAULT"},
    {"ALTER INDEX i", 13, "NOT"},
    {"CONVERT", 7, "TO"},
    {"CONVERT TO", 10, "CHARSET"},
    {"CONVERT TO utf8mb4", 11, "CHARSET"},
    {"CONVERT TO CHARACTER utf8mb4", 21, "SET"},
    {"ENGINE", 6, "="},
    {"ENGINE=", 7, "name"},
    {"ENGINE==InnoDB", 7, "name"},
    {"ENGIN=InnoDB", 0, "ADD"},
    {"AUTO_INCREMENT=x", 15, "number"},
    {"AUTO_INCREMENT='1'", 15, "number"},
    {"COMMENT=x", 8, "string"},
    {"COMMENT='x' ADD a INT", 12, "end of statement"},
    {"ROW_FORMAT", 10, "number"},
    {"ALGORITHM", 9, "="},
    {"ALGORITHM=FAST", 10, "DEFAULT"},
    {"LOCK=NEVER", 5, "DEFAULT"},
    {"FORCE FORCE", 6, "end of statement"},
    {"DISABLE", 0, "ADD"},
    {"DISCARD", 0, "ADD"},
    {"ORDER a", 6, "BY"},
    {"ORDER BY", 8, "column name"},
    {"ORDER BY a, ADD b INT", 12, R"sql(~"ADD" is a reserved word and cannot stand here as column name)sql"},
    {"ORDER BY a, ENGINE=InnoDB", 18, "end of statement"},
    {"PARTITION", 0, "ADD"},
    {"PARTITION BY", 12, "RANGE"},
    {"PARTITION BY HASH", 17, "("},
    {"PARTITION BY HASH a", 18, "("},
    {"PARTITION BY RANGE (a) (PARTITION p0 VALUES LESS (1))", 49, "THAN"},
    {"PARTITION BY RANGE (a) (PARTITION p0 VALUES LESS THAN (1),)", 58, "partition name"},
    {"PARTITION BY KEY (a,)", 20, "column name"},
    {"ADD a INT, PARTITION BY HASH (a)", 11, "~PARTITION BY and REMOVE PARTITIONING take no comma in front"},
    {"DROP a, REMOVE PARTITIONING", 8, "~PARTITION BY and REMOVE PARTITIONING take no comma in front"},
    {"REMOVE", 0, "ADD"},
    {"ADD PARTITION", 13, "("},
    {"ADD PARTITION p0", 14, "("},
    {"ADD a INT, DROP PARTITION p0", 11, "~An operation on partitions must be the only change"},
    {"DROP PARTITION p0, ADD COLUMN a INT", 19, R"sql(~"ADD" is a reserved word and cannot stand here as partition name)sql"},
    {"DROP PARTITION", 14, "partition name"},
    {"DROP PARTITION p0 p1", 18, "end of statement"},
    {"COALESCE PARTITION p0", 19, "number"},
    {"REORGANIZE PARTITION p0", 23, ","},
    {"EXCHANGE PARTITION p0 TABLE x", 22, "WITH"},
    {"TRUNCATE PARTITION", 18, "partition name"},
    {"PARTITION BY HASH (a), ADD b INT", 23, "~An operation on partitions must be the only change"},
    {"ADD a INT; DROP TABLE t", 11, "~One statement only"},
    {"ADD a INT; DROP COLUMN b;", 11, "~One statement only"},
    {"; ADD a INT", 0, "ADD"},
    {"ADD a INT DEFAULT 'x", 18, "~The string has no end"},
    {R"sql(ADD a INT DEFAULT "x)sql", 18, "~The string has no end"},
    {"ADD a INT /* open", 10, "~The comment has no end"},
    {"/*! ADD a INT", 0, "~The comment has no end"},
    {"/*! ADD a INT; */", 13, "~A semicolon cannot stand in a version comment"},
    {"ADD a INT */", 10, "("},
    {"ADD a VARBINARY(2) DEFAULT x'4'", 27, "~Wrong hexadecimal or bit literal"},
    {"ADD a BIT DEFAULT b'2'", 18, "~Wrong hexadecimal or bit literal"},
    {"ADD COLUMN a INT， ADD b INT", 16, "~This is a full-width or typographic mark"},
    {"ADD COLUMN a VARCHAR（10）", 20, "~This is a full-width or typographic mark"},
    {"ADD COLUMN 😀 INT", 11, "~A name cannot hold characters outside the basic multilingual plane, such as emoji"},
    {"ADD COLUMN `😀` INT", 12, "~A name cannot hold characters outside the basic multilingual plane, such as emoji"},
    {"ADD COLUMN @a INT", 11, "column name"},
    {"ADD COLUMN a.b.c.d INT", 16, "data type"},
    {"ADD COLUMN a INT DEFAULT ?", 25, "column name"},
    {R"sql(ADD COLUMN a INT \G)sql", 17, "("},
    {"SYSTEM VERSIONING", 0, "ADD"},
    {"WITH", 0, "ADD"},
    {"WITH SYSTEM", 0, "ADD"},
};
// clang-format on

bool says(const ParseError& error, const std::string& expected) {
  if (expected.front() == '~') {
    return error.message.en.find(expected.substr(1)) != std::string::npos;
  }
  return std::find(error.expected.begin(), error.expected.end(), expected) != error.expected.end();
}

TEST(AlterErrors, PointAtTheFirstWrongPlace) {
  for (const ErrorCase& c : kCases) {
    SCOPED_TRACE(c.text);
    const auto result = parseAlter(c.text);
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().offset, c.offset);
    EXPECT_TRUE(says(result.error(), c.expected)) << result.error().message.en;
    EXPECT_FALSE(result.error().message.zh.empty());
  }
}

TEST(AlterErrors, CountColumnsInCodePointsAndLinesFromOne) {
  const auto result = parseAlter("ADD 名称 INT,\n  ADD 状态 STRING");
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().line, 2);
  EXPECT_EQ(result.error().column, 10);
  EXPECT_EQ(result.error().offset, 29U);
  EXPECT_EQ(result.error().message.zh.rfind("第 2 行第 10 列", 0), 0U) << result.error().message.zh;
}

TEST(AlterErrors, SayInBothLanguagesWhatWasExpected) {
  const auto result = parseAlter("ADD COLUMN a VARCHAR(x)");
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().message.zh, "第 1 行第 22 列：无法理解“x)”，此处应为 数字。");
  EXPECT_EQ(result.error().message.en,
            "Syntax error at line 1, column 22, near \"x)\"; expected number.");
}

TEST(AlterErrors, RefuseTextThatIsNoUtf8OrHoldsNul) {
  const std::string nul{"ADD a\0 INT", 10};
  EXPECT_EQ(parseAlter(nul).error().offset, 5U);
  EXPECT_EQ(parseAlter("ADD a INT COMMENT '\xC3'").error().offset, 19U);
  EXPECT_EQ(parseAlter("ADD a INT COMMENT '\xED\xA0\x80'").error().offset, 19U);
  EXPECT_EQ(parseAlter("\xFF").error().offset, 0U);
}

TEST(AlterErrors, RefuseLongTextButTakeTheLongestAllowed) {
  const std::string start = "ADD a INT COMMENT '";
  std::string text = start + std::string(kMaxAlterBytes - start.size() - 1, 'x') + "'";
  ASSERT_EQ(text.size(), kMaxAlterBytes);
  EXPECT_TRUE(parseAlter(text).ok());
  text += ' ';
  ASSERT_FALSE(parseAlter(text).ok());
  EXPECT_EQ(parseAlter(text).error().offset, kMaxAlterBytes);
}

TEST(AlterErrors, RefuseNamesLongerThan64Characters) {
  std::string name;
  for (int i = 0; i < 64; ++i) name += "名";
  EXPECT_TRUE(parseAlter("ADD " + name + " INT").ok());
  const auto result = parseAlter("ADD " + name + "x INT");
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().offset, 4U);
}

// A parser that calls itself for each parenthesis would overflow the stack here.
TEST(AlterErrors, SurviveDeepNesting) {
  const std::size_t depth = 30'000;
  const std::string open(depth, '(');
  const std::string close(depth, ')');
  EXPECT_TRUE(parseAlter("ADD CHECK " + open + "a" + close).ok());
  EXPECT_FALSE(parseAlter("ADD CHECK " + open + "a").ok());
  EXPECT_FALSE(parseAlter("PARTITION BY LIST (a) (PARTITION p VALUES IN " + open).ok());
  EXPECT_FALSE(parseAlter(open).ok());
}

// Every alternative is looked at for each clause; that must stay a constant effort.
TEST(AlterErrors, ReadManyClauses) {
  std::string text = "FORCE";
  while (text.size() + 6 < kMaxAlterBytes) text += ",FORCE";
  const auto result = parseAlter(text);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result.value().clauses.size(), (text.size() + 1) / 6);
}

}  // namespace
}  // namespace oscar::ddl
