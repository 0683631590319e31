// Which changes of a column may lose values.

#include "ddl/narrowing.hpp"

#include "ddl/charset_facts.hpp"
#include "ddl/column_parser.hpp"

#include <gtest/gtest.h>

namespace oscar::ddl {
namespace {

struct Change {
  const char* now;
  const char* wanted;
};

constexpr Change kSafe[] = {
    {"int(10)", "INT"},
    {"tinyint", "SMALLINT"},
    {"int", "BIGINT"},
    {"int unsigned", "BIGINT"},
    {"int unsigned", "BIGINT UNSIGNED"},
    {"tinyint(1)", "INT"},
    {"int", "DECIMAL(10,0)"},
    {"int", "DECIMAL(12,2)"},
    {"int", "DOUBLE"},
    {"smallint", "FLOAT"},
    {"int", "VARCHAR(11)"},
    {"int unsigned", "VARCHAR(10)"},
    {"bit(8)", "BIT(16)"},
    {"bit(7)", "TINYINT"},
    {"year", "SMALLINT"},
    {"decimal(10,2)", "DECIMAL(10,2)"},
    {"decimal(10,2)", "DECIMAL(12,4)"},
    {"decimal(9,0)", "INT"},
    {"decimal(10,2)", "VARCHAR(13)"},
    {"decimal(15,2)", "DOUBLE"},
    {"float", "DOUBLE"},
    {"float(7,3)", "DOUBLE(8,4)"},
    {"float", "FLOAT(53)"},
    {"char(10)", "CHAR(20)"},
    {"char(10)", "VARCHAR(10)"},
    {"varchar(10)", "VARCHAR(11)"},
    {"varchar(10)", "TEXT"},
    {"varchar(255) character set latin1", "TINYTEXT CHARACTER SET latin1"},
    {"tinytext", "VARCHAR(255)"},
    {"text", "MEDIUMTEXT"},
    {"text character set utf8", "TEXT CHARACTER SET utf8mb4"},
    {"mediumtext", "LONGTEXT"},
    {"binary(16)", "VARBINARY(16)"},
    {"varbinary(16)", "VARBINARY(32)"},
    {"varbinary(255)", "TINYBLOB"},
    {"blob", "LONGBLOB"},
    {"varchar(10) character set latin1", "VARBINARY(10)"},
    {"date", "DATETIME"},
    {"date", "VARCHAR(10)"},
    {"datetime", "DATETIME(6)"},
    {"timestamp", "DATETIME"},
    {"timestamp(3)", "DATETIME(3)"},
    {"time", "TIME(3)"},
    {"enum('a','b')", "ENUM('a','b','c')"},
    {"enum('a','b')", "ENUM('c','b','a')"},
    {"enum('a','b')", "SET('a','b')"},
    {"enum('aa','b')", "VARCHAR(2)"},
    {"set('a','b')", "SET('a','b','c')"},
    {"set('a','bb')", "VARCHAR(5)"},
    {"json", "JSON"},
    {"json", "LONGTEXT"},
    {"point", "GEOMETRY"},
    {"multipoint", "GEOMETRYCOLLECTION"},
    {"inet4", "INET6"},
    {"uuid", "CHAR(36)"},
    {"vector(3)", "VECTOR(3)"},
    {"int not null", "INT"},
    {"int not null", "BIGINT NOT NULL"},
    {"varchar(10) character set ascii", "VARCHAR(10) CHARACTER SET latin1"},
    {"varchar(10) character set latin1", "VARCHAR(10) CHARACTER SET utf8mb4"},
    {"varchar(10) character set utf8", "VARCHAR(10) CHARACTER SET utf8mb3"},
    {"varchar(10) collate utf8mb4_bin", "VARCHAR(10) CHARACTER SET utf8mb4"},
    {"varchar(10) character set utf8mb4", "VARCHAR(10)"},
};

constexpr Change kNarrowing[] = {
    {"smallint", "TINYINT"},
    {"bigint", "INT"},
    {"int", "INT UNSIGNED"},
    {"int unsigned", "INT"},
    {"int", "BIGINT UNSIGNED"},
    {"bigint", "DOUBLE"},
    {"int", "FLOAT"},
    {"int", "DECIMAL(10,2)"},
    {"int", "VARCHAR(10)"},
    {"int", "BIT(64)"},
    {"bit(8)", "TINYINT"},
    {"bit(16)", "BIT(8)"},
    {"year", "TINYINT"},
    {"int", "YEAR"},
    {"decimal(10,2)", "DECIMAL(10,1)"},
    {"decimal(10,2)", "DECIMAL(10,3)"},
    {"decimal(10,2)", "DECIMAL(10,2) UNSIGNED"},
    {"decimal(10,0)", "INT"},
    {"decimal(5,1)", "INT"},
    {"decimal(10,2)", "VARCHAR(12)"},
    {"decimal(16,2)", "DOUBLE"},
    {"double", "FLOAT"},
    {"double", "DECIMAL(20,5)"},
    {"double", "DOUBLE(10,2)"},
    {"double", "INT"},
    {"varchar(10)", "VARCHAR(9)"},
    {"varchar(10)", "CHAR(10)"},
    {"varchar(300)", "TINYTEXT"},
    {"varchar(255) character set utf8mb4", "TINYTEXT"},
    {"text", "VARCHAR(1000)"},
    {"text", "TINYTEXT"},
    {"text", "TEXT(255)"},
    {"longtext", "TEXT"},
    {"text character set latin1", "TEXT CHARACTER SET utf8mb4"},
    {"varchar(10)", "INT"},
    {"varchar(10)", "DATE"},
    {"varchar(10)", "ENUM('a')"},
    {"varchar(10)", "JSON"},
    {"varchar(10) character set utf8mb4", "VARBINARY(39)"},
    {"blob", "TEXT"},
    {"varbinary(16)", "BINARY(16)"},
    {"binary(16)", "BINARY(32)"},
    {"varbinary(16)", "VARBINARY(15)"},
    {"longblob", "BLOB"},
    {"datetime", "DATE"},
    {"datetime", "TIMESTAMP"},
    {"datetime(3)", "DATETIME"},
    {"timestamp(6)", "DATETIME(3)"},
    {"datetime", "TIME"},
    {"datetime", "VARCHAR(18)"},
    {"date", "TIMESTAMP"},
    {"time(3)", "TIME"},
    {"enum('a','b')", "ENUM('a')"},
    {"enum('a','b')", "ENUM('A','b')"},
    {"enum('aaa','b')", "VARCHAR(2)"},
    {"set('a','b')", "ENUM('a','b')"},
    {"set('a','b')", "SET('b')"},
    {"set('a','bb')", "VARCHAR(3)"},
    {"json", "TEXT"},
    {"geometry", "POINT"},
    {"point", "GEOMETRYCOLLECTION"},
    {"inet6", "INET4"},
    {"uuid", "CHAR(35)"},
    {"vector(4)", "VECTOR(3)"},
    {"int", "INT NOT NULL"},
    {"int", "INT PRIMARY KEY"},
    {"varchar(10) character set utf8mb4", "VARCHAR(10) CHARACTER SET utf8"},
    {"varchar(10) character set utf8mb4", "VARCHAR(10) COLLATE utf8_bin"},
    {"varchar(10) character set utf8", "VARCHAR(10) CHARACTER SET latin1"},
    {"varchar(10) character set latin1", "VARCHAR(10) CHARACTER SET ascii"},
    {"varchar(10) character set gbk", "VARCHAR(10) CHARACTER SET latin1"},
    {"varchar(10) character set latin1", "VARCHAR(10) CHARACTER SET gbk"},
    {"int", "INT AS (b + 1) STORED"},
};

ColumnDefinition read(const char* text) {
  const auto column = parseColumnDefinition(text);
  EXPECT_TRUE(column.ok()) << text;
  return column.ok() ? column.value() : ColumnDefinition{};
}

TEST(Narrowing, IsNotSeenWhereEveryValueFits) {
  for (const Change& change : kSafe) {
    SCOPED_TRACE(std::string{change.now} + " -> " + change.wanted);
    const auto reasons = narrowingReasons(read(change.now), read(change.wanted));
    EXPECT_TRUE(reasons.empty()) << reasons.front().en;
  }
}

TEST(Narrowing, IsSeenWhereAValueMayBeLost) {
  for (const Change& change : kNarrowing) {
    SCOPED_TRACE(std::string{change.now} + " -> " + change.wanted);
    EXPECT_TRUE(narrows(read(change.now), read(change.wanted)));
  }
}

TEST(Narrowing, GivesEveryReasonInBothLanguages) {
  const auto reasons = narrowingReasons(read("varchar(20) character set utf8mb4"),
                                        read("VARCHAR(10) CHARACTER SET latin1 NOT NULL"));
  ASSERT_EQ(reasons.size(), 3U);
  EXPECT_NE(reasons[0].en.find("NOT NULL"), std::string::npos);
  EXPECT_NE(reasons[1].en.find("varchar(20) to varchar(10)"), std::string::npos);
  EXPECT_NE(reasons[2].zh.find("utf8mb4 改为 latin1"), std::string::npos);
}

TEST(Charsets, CoverEachOtherByRepertoire) {
  EXPECT_TRUE(charsetCovers("utf8mb4", "gb18030"));
  EXPECT_TRUE(charsetCovers("gb18030", "utf8mb4"));
  EXPECT_TRUE(charsetCovers("gbk", "gb2312"));
  EXPECT_TRUE(charsetCovers("utf8mb3", "big5"));
  EXPECT_FALSE(charsetCovers("gbk", "utf8mb3"));
  EXPECT_FALSE(charsetCovers("ucs2", "utf32"));
  EXPECT_FALSE(charsetCovers("utf8mb4", "binary"));
  EXPECT_FALSE(charsetCovers("swe7", "ascii"));
  EXPECT_TRUE(charsetCovers("somethingnew", "somethingnew"));
  EXPECT_FALSE(charsetCovers("utf8mb4", "somethingnew"));
}

}  // namespace
}  // namespace oscar::ddl
