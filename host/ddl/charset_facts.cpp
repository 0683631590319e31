#include "ddl/charset_facts.hpp"

#include <algorithm>
#include <array>

namespace oscar::ddl {
namespace {

/// How much of Unicode a character set covers.
enum class Coverage {
  kAscii = 1,    ///< 7 bits
  kLegacy,       ///< ASCII and one region's letters
  kPlane,        ///< the basic multilingual plane
  kFullUnicode,  ///< everything, emoji included
  kBytes         ///< no characters at all
};

struct CharsetRow {
  std::string_view name;
  Coverage coverage;
  std::int64_t bytes;
};

// MySQL "Supported Character Sets and Collations"; SHOW CHARACTER SET prints the same.
constexpr std::array<CharsetRow, 42> kCharsets{{
    {"ascii", Coverage::kAscii, 1},         {"armscii8", Coverage::kLegacy, 1},
    {"big5", Coverage::kLegacy, 2},         {"binary", Coverage::kBytes, 1},
    {"cp1250", Coverage::kLegacy, 1},       {"cp1251", Coverage::kLegacy, 1},
    {"cp1256", Coverage::kLegacy, 1},       {"cp1257", Coverage::kLegacy, 1},
    {"cp850", Coverage::kLegacy, 1},        {"cp852", Coverage::kLegacy, 1},
    {"cp866", Coverage::kLegacy, 1},        {"cp932", Coverage::kLegacy, 2},
    {"dec8", Coverage::kLegacy, 1},         {"eucjpms", Coverage::kLegacy, 3},
    {"euckr", Coverage::kLegacy, 2},        {"gb18030", Coverage::kFullUnicode, 4},
    {"gb2312", Coverage::kLegacy, 2},       {"gbk", Coverage::kLegacy, 2},
    {"geostd8", Coverage::kLegacy, 1},      {"greek", Coverage::kLegacy, 1},
    {"hebrew", Coverage::kLegacy, 1},       {"hp8", Coverage::kLegacy, 1},
    {"keybcs2", Coverage::kLegacy, 1},      {"koi8r", Coverage::kLegacy, 1},
    {"koi8u", Coverage::kLegacy, 1},        {"latin1", Coverage::kLegacy, 1},
    {"latin2", Coverage::kLegacy, 1},       {"latin5", Coverage::kLegacy, 1},
    {"latin7", Coverage::kLegacy, 1},       {"macce", Coverage::kLegacy, 1},
    {"macroman", Coverage::kLegacy, 1},     {"sjis", Coverage::kLegacy, 2},
    {"tis620", Coverage::kLegacy, 1},       {"ucs2", Coverage::kPlane, 2},
    {"ujis", Coverage::kLegacy, 3},         {"utf16", Coverage::kFullUnicode, 4},
    {"utf16le", Coverage::kFullUnicode, 4}, {"utf32", Coverage::kFullUnicode, 4},
    {"utf8", Coverage::kPlane, 3},          {"utf8mb3", Coverage::kPlane, 3},
    {"utf8mb4", Coverage::kFullUnicode, 4}, {"swe7", Coverage::kLegacy, 1},
}};

const CharsetRow* rowOf(std::string_view name) {
  const auto row = std::find_if(kCharsets.begin(), kCharsets.end(),
                                [name](const CharsetRow& r) { return r.name == name; });
  return row == kCharsets.end() ? nullptr : &*row;
}

}  // namespace

std::string charsetOf(const ColumnDefinition& column) {
  std::string name = column.charset;
  if (name.empty()) name = column.collation.substr(0, column.collation.find('_'));
  if (rowOf(name) == nullptr) return column.charset;
  return name == "utf8" ? "utf8mb3" : name;
}

std::int64_t bytesPerCharacter(std::string_view charset) {
  const CharsetRow* row = rowOf(charset);
  return row == nullptr ? 4 : row->bytes;
}

bool charsetCovers(std::string_view wanted, std::string_view now) {
  const CharsetRow* to = rowOf(wanted);
  const CharsetRow* from = rowOf(now);
  if (wanted == now) return true;
  if (to == nullptr || from == nullptr) return false;
  if (to->coverage == Coverage::kBytes || from->coverage == Coverage::kBytes) return false;
  // swe7 replaces some ASCII marks by Swedish letters.
  if (from->coverage == Coverage::kAscii) return to->name != "swe7";
  if (now == "gb2312" && wanted == "gbk") return true;
  return to->coverage >= Coverage::kPlane && to->coverage >= from->coverage;
}

}  // namespace oscar::ddl
