#include "ddl/narrowing.hpp"

#include "ddl/charset_facts.hpp"
#include "ddl/type_facts.hpp"

#include <algorithm>
#include <string>

namespace oscar::ddl {
namespace {

std::string describe(const ColumnDefinition& column) {
  std::string text = column.type;
  if (column.length) {
    text += "(" + std::to_string(*column.length);
    if (column.scale) text += "," + std::to_string(*column.scale);
    text += ")";
  }
  if (column.is_unsigned) text += " unsigned";
  return text;
}

Text typeReason(const ColumnDefinition& now, const ColumnDefinition& wanted) {
  const std::string from = describe(now);
  const std::string to = describe(wanted);
  return {"类型由 " + from + " 改为 " + to + "，放不下的值会被截断或改变。",
          "The type changes from " + from + " to " + to +
              "; values that do not fit are cut or altered."};
}

void addMemberReason(const ColumnDefinition& now, const ColumnDefinition& wanted,
                     std::vector<Text>& reasons) {
  if (wanted.type != "enum" && wanted.type != "set") return;
  for (const std::string& member : now.members) {
    if (std::find(wanted.members.begin(), wanted.members.end(), member) != wanted.members.end()) {
      continue;
    }
    reasons.push_back(
        {"成员“" + member + "”不再允许，取此值的行会变成空值。",
         "The member '" + member + "' is no longer allowed; rows that hold it become empty."});
    return;
  }
}

}  // namespace

std::vector<Text> narrowingReasons(const ColumnDefinition& now, const ColumnDefinition& wanted) {
  std::vector<Text> reasons;
  if (wanted.generated && !now.generated) {
    reasons.push_back({"普通列改为生成列，原有的值会全部被计算结果取代。",
                       "The column becomes a generated one: every stored value is replaced by the "
                       "computed one."});
  }
  if (now.nullable && !wanted.nullable) {
    reasons.push_back(
        {"由可空改为 NOT NULL：遇到 NULL 时复制会中止；使用 null-to-not-null 时会变成 0 或空值。",
         "NULL becomes NOT NULL: a row that holds NULL ends the copy, or gets 0 or an "
         "empty value with null-to-not-null."});
  }
  if (!typeHolds(now, wanted)) reasons.push_back(typeReason(now, wanted));
  addMemberReason(now, wanted, reasons);
  const std::string from = charsetOf(now);
  const std::string to = charsetOf(wanted);
  if (!from.empty() && !to.empty() && !charsetCovers(to, from)) {
    reasons.push_back({"字符集由 " + from + " 改为 " + to + "，目标中没有的字符会变成问号。",
                       "The character set changes from " + from + " to " + to +
                           "; characters that it lacks become question marks."});
  }
  return reasons;
}

bool narrows(const ColumnDefinition& now, const ColumnDefinition& wanted) {
  return !narrowingReasons(now, wanted).empty();
}

}  // namespace oscar::ddl
