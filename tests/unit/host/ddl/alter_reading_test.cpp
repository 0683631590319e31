// What a server may read otherwise than the parser: the parser has to say so.
#include "ddl/alter_parser.hpp"
#include "ddl/ptosc_values.hpp"

#include <gtest/gtest.h>

namespace oscar::ddl {
namespace {

AlterStatement parsed(std::string_view text) {
  auto result = parseAlter(text);
  EXPECT_TRUE(result.ok()) << text;
  return result.ok() ? std::move(result).value() : AlterStatement{};
}

// Each of these dropped a column that nobody had been asked about: a server that skips the comment
// ends it at the first `*/`, also within what the parser takes for a string or a comment.
TEST(AlterReading, NamesCommentsThatOnlySomeServersExecute) {
  for (const char* text : {
           "ADD c INT /*!99999 COMMENT 'x*/, DROP COLUMN note -- ' */",
           "ADD c INT /*!50800 COMMENT \"x*/, DROP COLUMN note # \" */",
           "ADD c INT /*M!999999 COMMENT 'x*/, DROP COLUMN note -- ' */",
           "ADD c INT /*M! COMMENT 'x' */",
           "ADD c INT /*!99999 # */, DROP COLUMN note \n */",
           "ADD c INT /*!99999 */",
           "/*!99999 ADD a INT, */ ADD b INT",
       }) {
    EXPECT_TRUE(parsed(text).conditional_comment) << text;
  }
  for (const char* text : {
           "ADD c INT /*! COMMENT 'x' */",
           "ADD c INT /* !99999 */",
           "ADD c INT COMMENT '/*!99999 x */'",
           "ADD `/*!99999 */` INT",
           "ADD c INT -- /*!99999 x */",
       }) {
    EXPECT_FALSE(parsed(text).conditional_comment) << text;
  }
}

TEST(AlterReading, NamesStringsThatSqlModesReadOtherwise) {
  EXPECT_TRUE(parsed("ADD c INT COMMENT 'a\\', DROP COLUMN note -- '\n").escapes_in_strings);
  EXPECT_TRUE(parsed("ADD c INT COMMENT \"a\\n\"").escapes_in_strings);
  EXPECT_TRUE(parsed("ADD c INT COMMENT \"a\"").double_quoted_strings);
  const AlterStatement plain = parsed("ADD `a\\` INT COMMENT 'it''s \"so\"' /* \\ \" */");
  EXPECT_FALSE(plain.escapes_in_strings);
  EXPECT_FALSE(plain.double_quoted_strings);
}

TEST(AlterReading, SqlModeMayNotBeSetToWhatChangesTheReading) {
  for (const char* good : {"sql_mode=''", "sql_mode=STRICT_TRANS_TABLES", "sql_mode='traditional'",
                           "SQL_MODE='NO_ZERO_DATE'"}) {
    EXPECT_TRUE(parseSessionVariables(good).ok()) << good;
  }
  for (const char* bad :
       {"sql_mode='NO_BACKSLASH_ESCAPES'", "sql_mode=ANSI_QUOTES", "sql_mode=ansi",
        "sql_mode='Oracle'", "sql_mode=1048576", "sql_mode=PIPES_AS_CONCAT", "sql_mode='=ANSI'"}) {
    EXPECT_FALSE(parseSessionVariables(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace oscar::ddl
