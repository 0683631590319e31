#include "ddl/type_facts.hpp"

#include "ddl/charset_facts.hpp"
#include "ddl/lexer.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace oscar::ddl {
namespace {

struct IntegerType {
  std::string_view name;
  int bits;
  int signed_digits;    ///< decimal digits of the largest signed value
  int unsigned_digits;  ///< and of the largest unsigned value
};
// MySQL "Integer Types (Exact Value)".
constexpr std::array<IntegerType, 5> kIntegers{{{"tinyint", 8, 3, 3},
                                                {"smallint", 16, 5, 5},
                                                {"mediumint", 24, 7, 8},
                                                {"int", 32, 10, 10},
                                                {"bigint", 64, 19, 20}}};

struct Capacity {
  std::string_view name;
  std::int64_t bytes;
};
// MySQL "Data Type Storage Requirements". MariaDB's JSON is a LONGTEXT.
constexpr std::array<Capacity, 4> kTexts{
    {{"tinytext", 255}, {"text", 65535}, {"mediumtext", 16777215}, {"longtext", 4294967295}}};
constexpr std::array<Capacity, 4> kBlobs{
    {{"tinyblob", 255}, {"blob", 65535}, {"mediumblob", 16777215}, {"longblob", 4294967295}}};

template <typename Rows>
auto find(const Rows& rows, std::string_view name) {
  const auto row =
      std::find_if(rows.begin(), rows.end(), [name](const auto& r) { return r.name == name; });
  return row == rows.end() ? nullptr : &*row;
}

/// Bytes that a TEXT or BLOB type holds; 0 for other types. TEXT(n) and BLOB(n) become the smallest
/// type that is large enough; characters are counted as bytes here, which errs on the safe side.
template <typename Rows>
std::int64_t capacityOf(const Rows& rows, const ColumnDefinition& column) {
  const Capacity* row = find(rows, column.type);
  if (row == nullptr || !column.length) return row == nullptr ? 0 : row->bytes;
  const auto smallest = std::find_if(
      rows.begin(), rows.end(), [&column](const Capacity& r) { return r.bytes >= *column.length; });
  return smallest == rows.end() ? rows.back().bytes : smallest->bytes;
}

bool isCharacters(std::string_view type) {
  return type == "char" || type == "varchar";
}
bool isBinaryString(std::string_view type) {
  return type == "binary" || type == "varbinary";
}
std::int64_t lengthOr(const ColumnDefinition& column, std::int64_t fallback) {
  return column.length.value_or(fallback);
}

std::int64_t precisionOf(const ColumnDefinition& column) {
  return lengthOr(column, 10);  // DECIMAL is DECIMAL(10,0)
}
std::int64_t scaleOf(const ColumnDefinition& column) {
  return column.scale.value_or(0);
}

/// Whole digits that `column`, an integer, may need.
std::int64_t digitsOf(const IntegerType& type, const ColumnDefinition& column) {
  return column.is_unsigned ? type.unsigned_digits : type.signed_digits;
}

bool integerHolds(const IntegerType& from, const ColumnDefinition& now, const IntegerType& to,
                  const ColumnDefinition& wanted) {
  if (now.is_unsigned == wanted.is_unsigned) return to.bits >= from.bits;
  return now.is_unsigned && to.bits > from.bits;
}

bool losesSign(const ColumnDefinition& now, const ColumnDefinition& wanted) {
  return wanted.is_unsigned && !now.is_unsigned;
}

/// Characters that the longest value takes when it is written as text; 0 if that is not known.
std::int64_t textLengthOf(const ColumnDefinition& column) {
  if (const IntegerType* integer = find(kIntegers, column.type)) {
    const std::int64_t digits =
        std::max(digitsOf(*integer, column), column.zerofill ? lengthOr(column, 0) : 0);
    return digits + (column.is_unsigned ? 0 : 1);
  }
  const std::int64_t fraction = column.length && *column.length > 0 ? *column.length + 1 : 0;
  if (column.type == "decimal") return precisionOf(column) + (scaleOf(column) > 0 ? 3 : 1);
  if (column.type == "year") return 4;
  if (column.type == "date") return 10;
  if (column.type == "time") return 10 + fraction;
  if (column.type == "datetime" || column.type == "timestamp") return 19 + fraction;
  if (column.type == "uuid") return 36;
  if (column.type == "inet4") return 15;
  if (column.type == "inet6") return 45;
  if (column.type == "enum" || column.type == "set") {
    std::size_t longest = 1;
    std::size_t all = 0;
    for (const std::string& member : column.members) {
      longest = std::max(longest, codePoints(member));
      all += codePoints(member) + 1;
    }
    return static_cast<std::int64_t>(column.type == "enum" ? longest
                                                           : std::max<std::size_t>(all, 1));
  }
  return 0;
}

/// Most characters and bytes of a character type.
struct TextSize {
  std::int64_t characters;
  std::int64_t bytes;
};

TextSize textSizeOf(const ColumnDefinition& column) {
  if (const std::int64_t bytes = capacityOf(kTexts, column)) return {bytes, bytes};
  const std::int64_t characters = lengthOr(column, 1);
  return {characters, characters * bytesPerCharacter(charsetOf(column))};
}

/// A text that is stored in another character set may take more bytes than before.
bool mayGrow(const ColumnDefinition& now, const ColumnDefinition& wanted) {
  const std::string from = charsetOf(now);
  const std::string to = charsetOf(wanted);
  if (from.empty() || to.empty() || from == to || from == "ascii") return false;
  return !(from == "utf8mb3" && to == "utf8mb4");
}

bool textHolds(const ColumnDefinition& now, const ColumnDefinition& wanted) {
  // A CHAR loses the trailing spaces that the others keep.
  if (wanted.type == "char" && now.type != "char") return false;
  const TextSize from = textSizeOf(now);
  if (isCharacters(wanted.type)) return lengthOr(wanted, 1) >= from.characters;
  const std::int64_t capacity = textSizeOf(wanted).bytes;
  if (isCharacters(now.type)) {
    const std::int64_t per_character =
        std::max(bytesPerCharacter(charsetOf(now)), bytesPerCharacter(charsetOf(wanted)));
    return capacity >= from.characters * per_character;
  }
  return capacity >= from.bytes * (mayGrow(now, wanted) ? 2 : 1);
}

bool isText(const ColumnDefinition& column) {
  return isCharacters(column.type) || find(kTexts, column.type) != nullptr;
}

bool isBlob(const ColumnDefinition& column) {
  return isBinaryString(column.type) || find(kBlobs, column.type) != nullptr;
}

std::int64_t blobSizeOf(const ColumnDefinition& column) {
  const std::int64_t bytes = capacityOf(kBlobs, column);
  return bytes > 0 ? bytes : lengthOr(column, 1);
}

bool blobHolds(const ColumnDefinition& now, const ColumnDefinition& wanted) {
  // A longer BINARY pads with zero bytes, which changes the value.
  if (wanted.type == "binary") {
    return now.type == "binary" && blobSizeOf(now) == blobSizeOf(wanted);
  }
  return blobSizeOf(wanted) >= blobSizeOf(now);
}

bool becomesText(const ColumnDefinition& now, const ColumnDefinition& wanted) {
  if (isText(now)) return textHolds(now, wanted);
  if (now.type == "json") return wanted.type == "longtext";
  const std::int64_t needed = textLengthOf(now);
  return needed > 0 && textSizeOf(wanted).characters >= needed;
}

bool becomesBlob(const ColumnDefinition& now, const ColumnDefinition& wanted) {
  if (isBlob(now)) return blobHolds(now, wanted);
  if (!isText(now) || wanted.type == "binary") return false;
  return blobSizeOf(wanted) >= textSizeOf(now).bytes;
}

bool becomesInteger(const ColumnDefinition& now, const IntegerType& to,
                    const ColumnDefinition& wanted) {
  const int sign_bits = wanted.is_unsigned ? 0 : 1;
  if (const IntegerType* from = find(kIntegers, now.type)) {
    return integerHolds(*from, now, to, wanted);
  }
  if (now.type == "bit") return lengthOr(now, 1) <= to.bits - sign_bits;
  if (now.type == "year") return to.bits >= 16;
  return now.type == "decimal" && !losesSign(now, wanted) && scaleOf(now) == 0 &&
         precisionOf(now) < digitsOf(to, wanted);
}

bool becomesDecimal(const ColumnDefinition& now, const ColumnDefinition& wanted) {
  const std::int64_t whole = precisionOf(wanted) - scaleOf(wanted);
  if (now.type == "year") return whole >= 4;
  if (losesSign(now, wanted)) return false;
  if (const IntegerType* from = find(kIntegers, now.type)) return whole >= digitsOf(*from, now);
  return now.type == "decimal" && whole >= precisionOf(now) - scaleOf(now) &&
         scaleOf(wanted) >= scaleOf(now);
}

bool isReal(const ColumnDefinition& column) {
  return column.type == "float" || column.type == "double";
}

/// Bits of a floating-point number that are exact. FLOAT(25) to FLOAT(53) are doubles.
int mantissaOf(const ColumnDefinition& column) {
  const bool wide = column.type == "double" || (!column.scale && lengthOr(column, 0) > 24);
  return wide ? 53 : 24;
}

bool becomesReal(const ColumnDefinition& now, const ColumnDefinition& wanted) {
  if (now.type == "year") return true;
  if (losesSign(now, wanted)) return false;
  const int mantissa = mantissaOf(wanted);
  if (wanted.scale) {  // FLOAT(M,D) rounds and has a limit, as DECIMAL does
    return isReal(now) && now.scale && mantissa >= mantissaOf(now) && *wanted.scale >= *now.scale &&
           *wanted.length - *wanted.scale >= *now.length - *now.scale;
  }
  if (isReal(now)) return mantissa >= mantissaOf(now);
  if (const IntegerType* from = find(kIntegers, now.type)) {
    return from->bits - (now.is_unsigned ? 0 : 1) <= mantissa;
  }
  // A double repeats 15 decimal digits faithfully, a float 6.
  return now.type == "decimal" && precisionOf(now) <= (mantissa == 53 ? 15 : 6);
}

bool becomesTime(const ColumnDefinition& now, const ColumnDefinition& wanted) {
  const bool from_date = now.type == "date" && wanted.type == "datetime";
  // A TIMESTAMP ends in 2038 or 2106, a DATETIME in 9999.
  const bool from_timestamp = now.type == "timestamp" && wanted.type == "datetime";
  if (from_date) return true;
  return (now.type == wanted.type || from_timestamp) && lengthOr(wanted, 0) >= lengthOr(now, 0);
}

bool isTime(const ColumnDefinition& column) {
  return column.type == "time" || column.type == "datetime" || column.type == "timestamp";
}

bool isSpatial(const ColumnDefinition& column) {
  constexpr std::array<std::string_view, 8> kNames{
      "geometry",   "geometrycollection", "point",   "multipoint",
      "linestring", "multilinestring",    "polygon", "multipolygon"};
  return std::find(kNames.begin(), kNames.end(), column.type) != kNames.end();
}

bool becomesSpatial(const ColumnDefinition& now, const ColumnDefinition& wanted) {
  if (now.type == wanted.type) return true;
  if (wanted.type == "geometry") return isSpatial(now);
  return wanted.type == "geometrycollection" && now.type.rfind("multi", 0) == 0;
}

}  // namespace

bool typeHolds(const ColumnDefinition& now, const ColumnDefinition& wanted) {
  if (isText(wanted)) return becomesText(now, wanted);
  if (isBlob(wanted)) return becomesBlob(now, wanted);
  if (const IntegerType* to = find(kIntegers, wanted.type)) {
    return becomesInteger(now, *to, wanted);
  }
  if (wanted.type == "decimal") return becomesDecimal(now, wanted);
  if (isReal(wanted)) return becomesReal(now, wanted);
  if (isTime(wanted)) return becomesTime(now, wanted);
  if (isSpatial(wanted)) return becomesSpatial(now, wanted);
  if (wanted.type == "bit") return now.type == "bit" && lengthOr(wanted, 1) >= lengthOr(now, 1);
  if (wanted.type == "set") return now.type == "set" || now.type == "enum";
  if (wanted.type == "inet6") return now.type == "inet6" || now.type == "inet4";
  if (wanted.type == "vector") return now.type == "vector" && wanted.length == now.length;
  return now.type == wanted.type;
}

}  // namespace oscar::ddl
