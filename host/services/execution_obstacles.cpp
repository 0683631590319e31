#include "services/execution_details.hpp"
#include "services/execution_findings.hpp"
#include "services/field_checks.hpp"

#include <algorithm>
#include <set>

namespace oscar::services {
namespace {

using ddl::Clause;
using ddl::ClauseKind;
using Severity = Finding::Severity;

bool isSet(const ExecutionParams& params, const std::string& option) {
  const auto found = params.extra.find(option);
  return found != params.extra.end() && found->second != "false";
}

void findPrefix(const ExecutionSurvey& survey, ExecutionFindings& findings) {
  const ddl::AlterStatement& statement = survey.statement;
  if (const auto& named = statement.altered_table) {
    const auto same = [&](const std::string& a, const std::string& b) {
      return survey.server.lower_case_table_names != 0 ? lowerAscii(a) == lowerAscii(b) : a == b;
    };
    if (!same(named->table, survey.table) ||
        (!named->database.empty() && !same(named->database, survey.database))) {
      const std::string written =
          named->database.empty() ? named->table : named->database + "." + named->table;
      const std::string selected =
          named->database.empty() ? survey.table : survey.database + "." + survey.table;
      findings.add(
          Severity::kRefuse, "other_table",
          {"ALTER 语句写的是另一张表（" + written + "），而选择的是 " + selected + "。请改正其一。",
           "The ALTER names another table (" + written + ") than the one selected (" + selected +
               "). Correct one of the two."});
      return;
    }
  }
  if (statement.removed_prefix) {
    findings.add(Severity::kInfo, "prefix_removed",
                 {"开头的 ALTER TABLE 已去掉：pt-osc 会自己加上",
                  "The leading ALTER TABLE is left out: pt-osc writes its own"});
  }
  if (statement.removed_semicolon) {
    findings.add(Severity::kInfo, "semicolon_removed",
                 {"结尾的分号已去掉", "The trailing semicolon is left out"});
  }
}

/// Measured on MariaDB 10.11: the copy has the current rows only, and becomes the table.
void findHistory(const ExecutionSurvey& survey, ExecutionFindings& findings) {
  if (survey.described.facts.type != "SYSTEM VERSIONED") return;
  findings.add(Severity::kRefuse, "system_versioned",
               {"表带有系统版本（SYSTEM VERSIONING）：pt-osc 只复制当前的行，历史版本会全部丢失，"
                "因此拒绝。请直接执行 ALTER。",
                "The table is system-versioned: pt-osc copies the current rows only and its whole "
                "history would be lost, so it is refused. Run the ALTER directly."});
}

void findTriggers(const ExecutionSurvey& survey, const ExecutionParams& params,
                  ExecutionFindings& findings) {
  if (survey.described.triggers.empty()) return;
  const std::string details = detailJson("triggers", survey.described.triggers);
  const bool leftover =
      std::any_of(survey.described.triggers.begin(), survey.described.triggers.end(),
                  [](const std::string& name) { return lowerAscii(name).starts_with("pt_osc_"); });
  if (leftover) {
    findings.add(
        Severity::kRefuse, "leftover_triggers",
        {"表上有 pt-osc 的触发器：另一个 pt-osc 正在执行，或之前的执行异常结束留下了残留对象。"
         "请先等它结束或清理残留对象。",
         "The table has triggers of pt-osc: another run is at work, or one that died left "
         "them behind. Wait for it, or clean up the leftovers first."},
        details);
  } else if (!survey.mariadb() && survey.server.version_number < 50700) {
    findings.add(Severity::kRefuse, "triggers",
                 {"表上已有触发器，而 MySQL 5.7 之前每种时机只允许一个触发器，pt-osc 无法执行。",
                  "The table has triggers, and MySQL before 5.7 allows only one of each kind, so "
                  "pt-osc cannot add its own."},
                 details);
  } else if (!isSet(params, "preserve-triggers")) {
    findings.add(
        Severity::kRefuse, "triggers",
        {"表上已有触发器。请在其他参数中设置 preserve-triggers，让 pt-osc 把它们移到新表。",
         "The table has triggers. Set preserve-triggers among the extra parameters so that "
         "pt-osc moves them to the new table."},
        details);
  } else {
    findings.add(Severity::kInfo, "triggers",
                 {"已有的触发器会被移到新表", "The table's triggers are moved to the new table"},
                 details);
  }
}

void findForeignKeys(const ExecutionSurvey& survey, const ExecutionParams& params,
                     ExecutionFindings& findings) {
  if (!survey.server.sees_processes) {
    findings.add(
        Severity::kConfirm, "hidden_foreign_keys",
        {"账号没有 PROCESS 权限，看不到其他数据库的外键：若有外键引用这张表，交换之后它会指向旧表。"
         "请授予 PROCESS，或确认没有这样的外键。",
         "The account lacks PROCESS and cannot see the foreign keys of other databases: one that "
         "refers to this table would refer to the old table after the swap. Grant PROCESS, or make "
         "sure that there is none."});
  }
  if (survey.referenced_by.empty()) return;
  const std::string details = detailJson("foreign_keys", survey.referenced_by);
  const std::string own = lowerAscii(survey.database + "." + survey.table + ".");
  const bool refers_to_itself =
      std::any_of(survey.referenced_by.begin(), survey.referenced_by.end(),
                  [&](const std::string& key) { return lowerAscii(key).starts_with(own); });
  if (refers_to_itself) {
    refuseSelfReference(findings);
  } else if (!isSet(params, "alter-foreign-keys-method")) {
    findings.add(
        Severity::kRefuse, "foreign_keys",
        {"其他表的外键引用了这张表，必须选择 alter-foreign-keys-method："
         "rebuild_constraints 在交换后重建外键（安全，子表很大时较慢）；"
         "drop_swap 有一瞬间表不存在，新版服务器不支持。",
         "Foreign keys of other tables refer to this one: choose alter-foreign-keys-method. "
         "rebuild_constraints rebuilds them after the swap (safe, slow when those tables are "
         "large); drop_swap has a moment without the table and newer servers do not allow it."},
        details);
  } else {
    findings.add(Severity::kInfo, "foreign_keys",
                 {"交换后会处理引用这张表的外键",
                  "Foreign keys that refer to this table are handled after the swap"},
                 details);
  }
}

/// The keys of the table after the change, as far as pt-osc's DELETE trigger needs them: it takes
/// the primary key or a unique key without NULLs of the new table, and, when that has columns that
/// the old table lacks, the old table's key instead.
class KeysAfterwards {
 public:
  explicit KeysAfterwards(const ExecutionSurvey& survey) : survey_{survey} {
    for (const Clause& clause : survey.statement.clauses) {
      if (clause.kind == ClauseKind::kDropPrimaryKey) dropped_keys_.insert("primary");
      if (clause.kind == ClauseKind::kDropIndex || clause.kind == ClauseKind::kDropConstraint) {
        dropped_keys_.insert(lowerAscii(clause.name));
      }
      if (clause.kind == ClauseKind::kDropColumn) dropped_columns_.insert(lowerAscii(clause.name));
      if (clause.kind == ClauseKind::kAddColumn) added_columns_.insert(lowerAscii(clause.name));
      const bool primary = clause.kind == ClauseKind::kAddPrimaryKey ||
                           (clause.column && clause.column->primary_key);
      const bool unique = primary || clause.unique;
      adds_key_ = adds_key_ || unique;
      if (unique) noteAddedKey(clause);
    }
  }

  bool serveDeletions() const {
    const bool kept =
        std::any_of(survey_.described.indexes.begin(), survey_.described.indexes.end(),
                    [&](const ports::IndexFacts& index) {
                      return identifiesRows(survey_, index) &&
                             !dropped_keys_.contains(lowerAscii(index.name)) && isWhole(index);
                    });
    if (!kept && !adds_key_) return false;
    return !uses_new_columns_ || oldKeyIsWhole();
  }

 private:
  void noteAddedKey(const Clause& clause) {
    const bool inline_key = clause.kind == ClauseKind::kAddColumn;
    uses_new_columns_ =
        uses_new_columns_ || inline_key ||
        std::any_of(clause.columns.begin(), clause.columns.end(), [&](const std::string& name) {
          return added_columns_.contains(lowerAscii(name));
        });
  }
  bool isWhole(const ports::IndexFacts& index) const {
    return std::none_of(index.columns.begin(), index.columns.end(), [&](const std::string& name) {
      return dropped_columns_.contains(lowerAscii(name));
    });
  }
  // Otherwise the trigger would name a column that the new table lacks, and every DELETE of the
  // application would fail.
  bool oldKeyIsWhole() const {
    return std::all_of(
        survey_.described.indexes.begin(), survey_.described.indexes.end(),
        [&](const ports::IndexFacts& index) { return !index.unique || isWhole(index); });
  }

  const ExecutionSurvey& survey_;
  std::set<std::string> dropped_keys_;
  std::set<std::string> dropped_columns_;
  std::set<std::string> added_columns_;
  bool adds_key_ = false;
  bool uses_new_columns_ = false;
};

void findKeys(const ExecutionSurvey& survey, ExecutionFindings& findings) {
  const KeysAfterwards keys{survey};
  const bool has_key =
      std::any_of(survey.described.indexes.begin(), survey.described.indexes.end(),
                  [&](const ports::IndexFacts& index) { return identifiesRows(survey, index); });
  if (!has_key) {
    findings.add(
        Severity::kRefuse, "no_unique_key",
        {"表没有主键，也没有不含 NULL 的唯一索引，pt-osc 无法识别行。请先用直接 ALTER 增加主键。",
         "The table has no primary key and no unique key without NULLs, so pt-osc cannot "
         "tell its rows apart. Add a primary key by a direct ALTER first."});
  } else if (!keys.serveDeletions()) {
    findings.add(Severity::kRefuse, "no_unique_key_left",
                 {"变更之后 pt-osc 没有可用的主键或唯一索引来同步删除的行。请保留一个不含 NULL "
                  "的唯一键，或分两步：先增加新列和新键，再删除旧的。",
                  "After the change pt-osc would have no primary or unique key by which to carry "
                  "deletions over. Keep a unique key without NULLs, or do it in two steps: first "
                  "add the new column and key, then drop the old ones."});
  }
}

void findSize(const ExecutionSurvey& survey, const ExecutionSettings& settings,
              ExecutionFindings& findings) {
  const std::int64_t bytes = survey.described.facts.data_bytes + survey.described.facts.index_bytes;
  if (survey.estimated_rows < settings.big_table_rows && bytes < settings.big_table_bytes) return;
  const std::string rows = std::to_string(survey.estimated_rows);
  const std::string size = std::to_string(bytes >> 20) + " MiB";
  findings.add(Severity::kConfirm, std::string{kBigTable},
               {"大表：约 " + rows + " 行，" + size + "。复制耗时长，并需要同样多的磁盘空间。",
                "Big table: about " + rows + " rows, " + size +
                    ". The copy takes long and needs the same disk space again."},
               "{\"rows\":" + rows + ",\"bytes\":" + std::to_string(bytes) + "}");
}

void findLeftoverTables(const ExecutionSurvey& survey, ExecutionFindings& findings) {
  if (survey.described.copies.empty()) return;
  findings.add(Severity::kInfo, "leftover_tables",
               {"之前的执行可能留下了新表的副本；pt-osc 会换一个名称继续",
                "An earlier run may have left its copy of the table; pt-osc goes on with another "
                "name"},
               detailJson("tables", survey.described.copies));
}

}  // namespace

bool identifiesRows(const ExecutionSurvey& survey, const ports::IndexFacts& index) {
  return index.unique &&
         std::none_of(index.columns.begin(), index.columns.end(), [&](const std::string& name) {
           const auto* column = findColumn(survey, name);
           return column == nullptr || column->nullable;
         });
}

void refuseSelfReference(ExecutionFindings& findings) {
  findings.add(
      Severity::kRefuse, "self_reference",
      {"外键引用表自身：pt-osc 交换之后它会指向旧表，因此拒绝。请直接执行 ALTER。",
       "A foreign key refers to the table itself: after pt-osc's swap it would refer to the old "
       "table, so it is refused. Run the ALTER directly."});
}

void findTableObstacles(const ExecutionSurvey& survey, const ExecutionParams& params,
                        const ExecutionSettings& settings, ExecutionFindings& findings) {
  findPrefix(survey, findings);
  findHistory(survey, findings);
  findKeys(survey, findings);
  findTriggers(survey, params, findings);
  findForeignKeys(survey, params, findings);
  findSize(survey, settings, findings);
  findLeftoverTables(survey, findings);
  const int version = survey.server.version_number;
  if (!survey.mariadb() && version >= 80014 && version <= 80017) {
    findings.add(
        Severity::kRefuse, "server_bug_96145",
        {"MySQL 8.0.14–8.0.17 在改名有外键的表时会崩溃，pt-osc 因此拒绝执行。请升级服务器。",
         "MySQL 8.0.14–8.0.17 may crash when tables are renamed, so pt-osc refuses to run. "
         "Upgrade the server."});
  }
  if (isSet(params, "null-to-not-null")) {
    findings.changes_values = true;
    findings.add(Severity::kConfirm, "null_to_not_null",
                 {"null-to-not-null：改为 NOT NULL 的列中，NULL 会变成 0 或空字符串",
                  "null-to-not-null: in columns that become NOT NULL every NULL turns into 0 or an "
                  "empty string"});
  }
}

}  // namespace oscar::services
