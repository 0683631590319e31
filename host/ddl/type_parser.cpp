#include "ddl/type_parser.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <string_view>
#include <system_error>

namespace oscar::ddl {
namespace {

enum class Arguments {
  kNone = 1,
  kOptional,    ///< TYPE or TYPE(n)
  kRequired,    ///< TYPE(n)
  kTwo,         ///< TYPE, TYPE(n) or TYPE(n, m)
  kPairOrNone,  ///< TYPE or TYPE(n, m)
  kMembers      ///< TYPE('a', 'b')
};

enum class Suffix {
  kNone = 1,
  kNumeric,  ///< SIGNED, UNSIGNED, ZEROFILL
  kText      ///< character set, BINARY, ASCII and the like
};

struct TypeRule {
  std::string_view word;
  std::string_view canonical;
  Arguments arguments;
  Suffix suffix;
};

constexpr Arguments kNone = Arguments::kNone;
constexpr Arguments kOptional = Arguments::kOptional;
constexpr Suffix kNumeric = Suffix::kNumeric;

// Types that one word names. Those of several words are in parseDataType.
constexpr std::array<TypeRule, 58> kTypes{{
    {"BIT", "bit", kOptional, Suffix::kNone},
    {"TINYINT", "tinyint", kOptional, kNumeric},
    {"INT1", "tinyint", kOptional, kNumeric},
    {"SMALLINT", "smallint", kOptional, kNumeric},
    {"INT2", "smallint", kOptional, kNumeric},
    {"MEDIUMINT", "mediumint", kOptional, kNumeric},
    {"MIDDLEINT", "mediumint", kOptional, kNumeric},
    {"INT3", "mediumint", kOptional, kNumeric},
    {"INT", "int", kOptional, kNumeric},
    {"INTEGER", "int", kOptional, kNumeric},
    {"INT4", "int", kOptional, kNumeric},
    {"BIGINT", "bigint", kOptional, kNumeric},
    {"INT8", "bigint", kOptional, kNumeric},
    {"REAL", "double", Arguments::kPairOrNone, kNumeric},
    {"DOUBLE", "double", Arguments::kPairOrNone, kNumeric},
    {"FLOAT8", "double", Arguments::kPairOrNone, kNumeric},
    {"FLOAT", "float", Arguments::kTwo, kNumeric},
    {"FLOAT4", "float", Arguments::kTwo, kNumeric},
    {"DECIMAL", "decimal", Arguments::kTwo, kNumeric},
    {"DEC", "decimal", Arguments::kTwo, kNumeric},
    {"NUMERIC", "decimal", Arguments::kTwo, kNumeric},
    {"FIXED", "decimal", Arguments::kTwo, kNumeric},
    {"BOOL", "tinyint", kNone, Suffix::kNone},
    {"BOOLEAN", "tinyint", kNone, Suffix::kNone},
    {"DATE", "date", kNone, Suffix::kNone},
    {"TIME", "time", kOptional, Suffix::kNone},
    {"DATETIME", "datetime", kOptional, Suffix::kNone},
    {"TIMESTAMP", "timestamp", kOptional, Suffix::kNone},
    {"YEAR", "year", kOptional, kNumeric},
    {"BINARY", "binary", kOptional, Suffix::kNone},
    {"VARBINARY", "varbinary", Arguments::kRequired, Suffix::kNone},
    {"VARCHARACTER", "varchar", Arguments::kRequired, Suffix::kText},
    {"VARCHAR", "varchar", Arguments::kRequired, Suffix::kText},
    {"TINYTEXT", "tinytext", kNone, Suffix::kText},
    {"TEXT", "text", kOptional, Suffix::kText},
    {"MEDIUMTEXT", "mediumtext", kNone, Suffix::kText},
    {"LONGTEXT", "longtext", kNone, Suffix::kText},
    {"TINYBLOB", "tinyblob", kNone, Suffix::kNone},
    {"BLOB", "blob", kOptional, Suffix::kNone},
    {"MEDIUMBLOB", "mediumblob", kNone, Suffix::kNone},
    {"LONGBLOB", "longblob", kNone, Suffix::kNone},
    {"ENUM", "enum", Arguments::kMembers, Suffix::kText},
    {"SET", "set", Arguments::kMembers, Suffix::kText},
    {"JSON", "json", kNone, Suffix::kNone},
    {"GEOMETRY", "geometry", kNone, Suffix::kNone},
    {"GEOMETRYCOLLECTION", "geometrycollection", kNone, Suffix::kNone},
    {"GEOMCOLLECTION", "geometrycollection", kNone, Suffix::kNone},
    {"POINT", "point", kNone, Suffix::kNone},
    {"MULTIPOINT", "multipoint", kNone, Suffix::kNone},
    {"LINESTRING", "linestring", kNone, Suffix::kNone},
    {"MULTILINESTRING", "multilinestring", kNone, Suffix::kNone},
    {"POLYGON", "polygon", kNone, Suffix::kNone},
    {"MULTIPOLYGON", "multipolygon", kNone, Suffix::kNone},
    {"VECTOR", "vector", kOptional, Suffix::kNone},
    {"UUID", "uuid", kNone, Suffix::kNone},
    {"INET4", "inet4", kNone, Suffix::kNone},
    {"INET6", "inet6", kNone, Suffix::kNone},
    {"XMLTYPE", "xmltype", kNone, Suffix::kNone},
}};

std::int64_t toNumber(std::string_view digits) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return error == std::errc{} ? value : std::numeric_limits<std::int64_t>::max();
}

bool parseMembers(TokenCursor& cursor, ColumnDefinition& column) {
  if (!cursor.expectSymbol("(")) return false;
  do {
    if (cursor.peek().kind == TokenKind::kBitsOrHex) {
      column.members.emplace_back(cursor.lexeme(cursor.peek()));
      cursor.advance();
    } else if (!cursor.expectString(column.members.emplace_back())) {
      return false;
    }
  } while (cursor.acceptSymbol(","));
  return cursor.expectSymbol(")");
}

bool parseArguments(TokenCursor& cursor, Arguments arguments, ColumnDefinition& column) {
  if (arguments == Arguments::kNone) return true;
  if (arguments == Arguments::kMembers) return parseMembers(cursor, column);
  if (!cursor.acceptSymbol("(")) return arguments != Arguments::kRequired || cursor.fail();
  std::string digits;
  if (!cursor.expectInteger(digits)) return false;
  column.length = toNumber(digits);
  if (arguments == Arguments::kPairOrNone && !cursor.atSymbol(",")) {
    cursor.note(",");
    return cursor.fail();
  }
  if ((arguments == Arguments::kTwo || arguments == Arguments::kPairOrNone) &&
      cursor.acceptSymbol(",")) {
    if (!cursor.expectInteger(digits)) return false;
    column.scale = toNumber(digits);
  }
  return cursor.expectSymbol(")");
}

void parseNumericSuffix(TokenCursor& cursor, ColumnDefinition& column) {
  while (true) {
    if (cursor.acceptWord("UNSIGNED")) {
      column.is_unsigned = true;
    } else if (cursor.acceptWord("ZEROFILL")) {
      // A zero-filled column is unsigned even if the text does not say so.
      column.zerofill = column.is_unsigned = true;
    } else if (!cursor.acceptWord("SIGNED")) {
      return;
    }
  }
}

/// `[BINARY] [CHARACTER SET x] [BINARY]` and its short forms, in either order.
bool parseTextSuffix(TokenCursor& cursor, ColumnDefinition& column) {
  bool binary_collation = false;
  while (true) {
    if (cursor.acceptWord("BINARY")) {
      binary_collation = true;
    } else if (cursor.acceptWord("ASCII")) {
      column.charset = "latin1";  // what the server makes of this attribute
    } else if (cursor.acceptWord("UNICODE")) {
      column.charset = "ucs2";
    } else if (cursor.acceptWords("CHARACTER", "SET") || cursor.acceptWords("CHAR", "SET") ||
               cursor.acceptWord("CHARSET")) {
      if (!parseCharsetName(cursor, column.charset, "character set")) return false;
    } else {
      break;
    }
  }
  if (binary_collation && !column.charset.empty()) column.collation = column.charset + "_bin";
  return true;
}

bool parseSuffix(TokenCursor& cursor, Suffix suffix, ColumnDefinition& column) {
  if (suffix == Suffix::kNumeric) parseNumericSuffix(cursor, column);
  return suffix != Suffix::kText || parseTextSuffix(cursor, column);
}

/// CHAR, CHARACTER, NCHAR and what may follow: VARYING, VARCHAR, BYTE.
bool parseCharacterType(TokenCursor& cursor, bool national, ColumnDefinition& column) {
  const bool varying = cursor.acceptWord("VARYING");
  column.type = varying ? "varchar" : "char";
  if (national) column.charset = "utf8";
  const Arguments arguments = varying ? Arguments::kRequired : Arguments::kOptional;
  if (!parseArguments(cursor, arguments, column)) return false;
  if (cursor.acceptWord("BYTE")) {
    column.type = varying ? "varbinary" : "binary";
    return true;
  }
  return parseTextSuffix(cursor, column);
}

bool parseNationalVarchar(TokenCursor& cursor, ColumnDefinition& column) {
  column.type = "varchar";
  column.charset = "utf8";
  return parseArguments(cursor, Arguments::kRequired, column) && parseTextSuffix(cursor, column);
}

bool parseNationalType(TokenCursor& cursor, ColumnDefinition& column) {
  if (cursor.acceptAnyOf({"VARCHAR", "VARCHARACTER"})) return parseNationalVarchar(cursor, column);
  if (!cursor.acceptAnyOf({"CHAR", "CHARACTER"})) return cursor.fail();
  return parseCharacterType(cursor, true, column);
}

bool parseLongType(TokenCursor& cursor, ColumnDefinition& column) {
  column.type = "mediumtext";
  if (cursor.acceptWord("VARBINARY")) {
    column.type = "mediumblob";
    return true;
  }
  if (cursor.acceptAnyOf({"CHAR", "CHARACTER"})) {
    if (!cursor.expectWord("VARYING")) return false;
  } else {
    cursor.acceptAnyOf({"VARCHAR", "VARCHARACTER"});
  }
  return parseTextSuffix(cursor, column);
}

}  // namespace

bool parseCharsetName(TokenCursor& cursor, std::string& name, std::string_view what) {
  if (!cursor.expectNameOrString(name, what)) return false;
  name = asciiLower(name);
  return true;
}

bool parseDataType(TokenCursor& cursor, ColumnDefinition& column) {
  cursor.note("data type");
  if (cursor.acceptWord("NATIONAL")) return parseNationalType(cursor, column);
  if (cursor.acceptWord("NVARCHAR") || cursor.acceptWords("NCHAR", "VARCHAR") ||
      cursor.acceptWords("NCHAR", "VARCHARACTER")) {
    return parseNationalVarchar(cursor, column);
  }
  if (cursor.acceptWord("NCHAR")) return parseCharacterType(cursor, true, column);
  if (cursor.acceptAnyOf({"CHAR", "CHARACTER"})) return parseCharacterType(cursor, false, column);
  if (cursor.acceptWord("LONG")) return parseLongType(cursor, column);
  if (cursor.acceptWord("SERIAL")) {
    column.type = "bigint";
    column.is_unsigned = column.auto_increment = column.unique_key = true;
    column.nullable = false;
    return true;
  }
  const auto rule = std::find_if(kTypes.begin(), kTypes.end(), [&cursor](const TypeRule& type) {
    return cursor.atWord(type.word);
  });
  if (rule == kTypes.end()) return cursor.fail();
  cursor.advance();
  column.type = rule->canonical;
  if (rule->word == "DOUBLE") cursor.acceptWord("PRECISION");
  if (rule->word == "BOOL" || rule->word == "BOOLEAN") column.length = 1;
  return parseArguments(cursor, rule->arguments, column) &&
         parseSuffix(cursor, rule->suffix, column);
}

}  // namespace oscar::ddl
