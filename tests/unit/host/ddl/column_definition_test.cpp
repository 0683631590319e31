// Data types and attributes, read into the form in which columns are compared.

#include "ddl/column_parser.hpp"

#include <gtest/gtest.h>

#include <string>

namespace oscar::ddl {
namespace {

/// `type(length,scale) unsigned zerofill {members} charset/collation`, absent parts left out.
std::string render(const ColumnDefinition& column) {
  std::string text = column.type;
  if (column.length) {
    text += "(" + std::to_string(*column.length);
    if (column.scale) text += "," + std::to_string(*column.scale);
    text += ")";
  }
  if (column.is_unsigned) text += " unsigned";
  if (column.zerofill) text += " zerofill";
  for (const std::string& member : column.members) text += " {" + member + "}";
  if (!column.charset.empty()) text += " " + column.charset;
  if (!column.collation.empty()) text += "/" + column.collation;
  return text;
}

struct TypeCase {
  const char* text;
  const char* rendering;
};

constexpr TypeCase kTypes[] = {
    {"BIT", "bit"},
    {"BIT(8)", "bit(8)"},
    {"TINYINT", "tinyint"},
    {"INT1", "tinyint"},
    {"SMALLINT(5)", "smallint(5)"},
    {"INT2", "smallint"},
    {"MEDIUMINT", "mediumint"},
    {"INT3 UNSIGNED", "mediumint unsigned"},
    {"MIDDLEINT", "mediumint"},
    {"INT(10) UNSIGNED ZEROFILL", "int(10) unsigned zerofill"},
    {"INT ZEROFILL", "int unsigned zerofill"},
    {"INT SIGNED", "int"},
    {"INTEGER", "int"},
    {"INT4", "int"},
    {"BIGINT UNSIGNED", "bigint unsigned"},
    {"int8", "bigint"},
    {"SERIAL", "bigint unsigned"},
    {"BOOL", "tinyint(1)"},
    {"BOOLEAN", "tinyint(1)"},
    {"FLOAT", "float"},
    {"FLOAT(24)", "float(24)"},
    {"FLOAT(7,3) UNSIGNED", "float(7,3) unsigned"},
    {"FLOAT4", "float"},
    {"DOUBLE", "double"},
    {"DOUBLE PRECISION", "double"},
    {"DOUBLE PRECISION(10,2)", "double(10,2)"},
    {"REAL(10,2)", "double(10,2)"},
    {"FLOAT8", "double"},
    {"DECIMAL", "decimal"},
    {"DECIMAL(10)", "decimal(10)"},
    {"DEC(10,2)", "decimal(10,2)"},
    {"NUMERIC(10, 2) UNSIGNED", "decimal(10,2) unsigned"},
    {"FIXED(3)", "decimal(3)"},
    {"DATE", "date"},
    {"TIME(3)", "time(3)"},
    {"DATETIME(6)", "datetime(6)"},
    {"TIMESTAMP", "timestamp"},
    {"YEAR", "year"},
    {"YEAR(4)", "year(4)"},
    {"CHAR", "char"},
    {"CHAR(10)", "char(10)"},
    {"CHARACTER(10)", "char(10)"},
    {"CHAR VARYING(10)", "varchar(10)"},
    {"CHARACTER VARYING(10)", "varchar(10)"},
    {"VARCHAR(10)", "varchar(10)"},
    {"VARCHARACTER(10)", "varchar(10)"},
    {"NCHAR(5)", "char(5) utf8"},
    {"NATIONAL CHAR(5)", "char(5) utf8"},
    {"NATIONAL CHARACTER VARYING(5)", "varchar(5) utf8"},
    {"NATIONAL VARCHAR(5)", "varchar(5) utf8"},
    {"NVARCHAR(5)", "varchar(5) utf8"},
    {"NCHAR VARCHAR(5)", "varchar(5) utf8"},
    {"NCHAR VARYING(5)", "varchar(5) utf8"},
    {"CHAR(5) BYTE", "binary(5)"},
    {"BINARY(16)", "binary(16)"},
    {"VARBINARY(16)", "varbinary(16)"},
    {"TINYTEXT", "tinytext"},
    {"TEXT(100)", "text(100)"},
    {"MEDIUMTEXT", "mediumtext"},
    {"LONGTEXT", "longtext"},
    {"LONG", "mediumtext"},
    {"LONG VARCHAR", "mediumtext"},
    {"LONG CHAR VARYING", "mediumtext"},
    {"LONG VARBINARY", "mediumblob"},
    {"TINYBLOB", "tinyblob"},
    {"BLOB(100)", "blob(100)"},
    {"MEDIUMBLOB", "mediumblob"},
    {"LONGBLOB", "longblob"},
    {"ENUM('a','b')", "enum {a} {b}"},
    {"ENUM('it''s', \"x\", 'a,b')", "enum {it's} {x} {a,b}"},
    {"SET('a','b') CHARACTER SET latin1", "set {a} {b} latin1"},
    {"JSON", "json"},
    {"GEOMETRY", "geometry"},
    {"POINT", "point"},
    {"LINESTRING", "linestring"},
    {"POLYGON", "polygon"},
    {"MULTIPOINT", "multipoint"},
    {"MULTILINESTRING", "multilinestring"},
    {"MULTIPOLYGON", "multipolygon"},
    {"GEOMCOLLECTION", "geometrycollection"},
    {"GEOMETRYCOLLECTION", "geometrycollection"},
    {"VECTOR(3)", "vector(3)"},
    {"UUID", "uuid"},
    {"INET4", "inet4"},
    {"INET6", "inet6"},
    {"VARCHAR(10) CHARACTER SET utf8mb4", "varchar(10) utf8mb4"},
    {"VARCHAR(10) CHARSET UTF8MB4 COLLATE UTF8MB4_BIN", "varchar(10) utf8mb4/utf8mb4_bin"},
    {"VARCHAR(10) CHARACTER SET 'utf8' NOT NULL COLLATE 'utf8_bin'", "varchar(10) utf8/utf8_bin"},
    {"VARCHAR(10) CHARACTER SET latin1 BINARY", "varchar(10) latin1/latin1_bin"},
    {"VARCHAR(10) BINARY CHARACTER SET latin1", "varchar(10) latin1/latin1_bin"},
    {"VARCHAR(10) ASCII", "varchar(10) latin1"},
    {"CHAR(10) UNICODE", "char(10) ucs2"},
    {"TEXT COLLATE utf8mb4_0900_ai_ci", "text/utf8mb4_0900_ai_ci"},
    {"VARCHAR(99999999999999999999)", "varchar(9223372036854775807)"},
};

TEST(ColumnDefinition, ResolvesSynonymsOfTypes) {
  for (const TypeCase& c : kTypes) {
    SCOPED_TRACE(c.text);
    const auto column = parseColumnDefinition(c.text);
    ASSERT_TRUE(column.ok()) << column.error().message.en;
    EXPECT_EQ(render(column.value()), c.rendering);
  }
}

ColumnDefinition read(const std::string& text) {
  const auto column = parseColumnDefinition(text);
  EXPECT_TRUE(column.ok()) << text;
  return column.ok() ? column.value() : ColumnDefinition{};
}

TEST(ColumnDefinition, KeepsAttributesAsWritten) {
  const ColumnDefinition column = read(
      "TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE NOW(3) COMMENT 'it''s' "
      "INVISIBLE");
  EXPECT_FALSE(column.nullable);
  EXPECT_EQ(column.default_text, "CURRENT_TIMESTAMP(3)");
  EXPECT_EQ(column.on_update_text, "NOW(3)");
  EXPECT_EQ(column.comment, "it's");
  EXPECT_TRUE(column.invisible);
}

TEST(ColumnDefinition, TellsAbsentDefaultFromDefaultNull) {
  EXPECT_FALSE(read("INT").default_text.has_value());
  EXPECT_EQ(read("INT DEFAULT NULL").default_text, "NULL");
  EXPECT_EQ(read("INT DEFAULT -1").default_text, "-1");
  EXPECT_EQ(read("CHAR(3) DEFAULT 'a' 'b' NOT NULL").default_text, "'a' 'b'");
  EXPECT_EQ(read("INT DEFAULT (a + (1))").default_text, "(a + (1))");
}

TEST(ColumnDefinition, KnowsGeneratedColumns) {
  EXPECT_FALSE(read("INT").generated);
  EXPECT_EQ(read("INT AS (a + 1)").generated_expression, "a + 1");
  EXPECT_FALSE(read("INT AS (a + 1) VIRTUAL").stored);
  EXPECT_TRUE(read("INT GENERATED ALWAYS AS (a) STORED").stored);
  EXPECT_TRUE(read("INT AS (a) PERSISTENT").stored);
  EXPECT_TRUE(read("TIMESTAMP(6) GENERATED ALWAYS AS ROW START").generated);
}

TEST(ColumnDefinition, KnowsInlineKeysAndConstraints) {
  EXPECT_TRUE(read("INT KEY").primary_key);
  EXPECT_FALSE(read("INT PRIMARY KEY").nullable);
  EXPECT_TRUE(read("INT UNIQUE").unique_key);
  EXPECT_TRUE(read("SERIAL").auto_increment);
  EXPECT_EQ(read("INT CHECK (a > 0) REFERENCES d.p (id)").checks,
            (std::vector<InlineCheck>{{"a > 0", true}}));
  EXPECT_EQ(read("INT REFERENCES d.p (id)").referenced_table, (TableName{"d", "p"}));
}

TEST(ColumnDefinition, RefusesWhatIsNoDefinition) {
  for (const char* text : {"", "NOT NULL", "INT, b INT", "INT)", "VARCHAR", "INT DEFAULT 'x"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(parseColumnDefinition(text).ok());
  }
}

}  // namespace
}  // namespace oscar::ddl
