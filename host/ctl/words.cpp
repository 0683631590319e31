#include "ctl/words.hpp"

#include <array>
#include <string_view>

namespace oscar::ctl {
namespace {

struct Named {
  std::string_view word;
  Text name;
};

const std::array<Named, 10>& stages() {
  static const std::array<Named, 10> kStages{
      {{"preflight", {"预检", "preflight"}},
       {"creating_new_table", {"创建新表", "creating new table"}},
       {"altering_new_table", {"修改新表", "altering new table"}},
       {"creating_triggers", {"创建触发器", "creating triggers"}},
       {"copying_data", {"复制数据", "copying data"}},
       {"awaiting_cutover", {"等待切换", "awaiting cut-over"}},
       {"swapping_tables", {"交换表名", "swapping tables"}},
       {"dropping_old_table", {"删除旧表", "dropping old table"}},
       {"dropping_triggers", {"删除触发器", "dropping triggers"}},
       {"done", {"完成", "done"}}}};
  return kStages;
}

const std::array<Named, 5>& statuses() {
  static const std::array<Named, 5> kStatuses{{{"pending", {"等待执行", "pending"}},
                                               {"running", {"执行中", "running"}},
                                               {"completed", {"执行完成", "completed"}},
                                               {"failed", {"执行失败", "failed"}},
                                               {"cancelled", {"已取消", "cancelled"}}}};
  return kStatuses;
}

/// Requirement document 5.2.1.
const std::array<Named, 7>& ddlTypes() {
  static const std::array<Named, 7> kTypes{{{"fragment", {"碎片整理", "fragment"}},
                                            {"add_column", {"添加列", "add_column"}},
                                            {"modify_column", {"修改列", "modify_column"}},
                                            {"drop_column", {"删除列", "drop_column"}},
                                            {"add_index", {"添加索引", "add_index"}},
                                            {"drop_index", {"删除索引", "drop_index"}},
                                            {"other", {"其他类型", "other"}}}};
  return kTypes;
}

template <typename Table>
std::string nameIn(const Table& table, const std::string& word, Language language) {
  for (const auto& entry : table) {
    if (entry.word == word) return entry.name.in(language);
  }
  return word;
}

}  // namespace

std::string stageName(const std::string& stage, Language language) {
  return nameIn(stages(), stage, language);
}

std::string statusName(const std::string& status, Language language) {
  return nameIn(statuses(), status, language);
}

std::string ddlTypeName(const std::string& type, Language language) {
  return nameIn(ddlTypes(), type, language);
}

}  // namespace oscar::ctl
