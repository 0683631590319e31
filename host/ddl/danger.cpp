#include "ddl/danger.hpp"

#include <array>
#include <cstddef>

namespace oscar::ddl {
namespace {

struct DangerRow {
  Danger danger;
  std::string_view word;
  DangerSeverity severity;
  const char* zh;
  const char* en;
};

constexpr DangerSeverity kConfirm = DangerSeverity::kConfirm;
constexpr DangerSeverity kRefuse = DangerSeverity::kRefuse;

constexpr std::array<DangerRow, 22> kRows{{
    {Danger::kDropColumn, "drop_column", kConfirm,
     "删除列会永久丢失该列的全部数据。请先备份，并确认没有程序再使用它。",
     "Dropping a column loses all of its data for good. Keep a backup and make sure that no "
     "program "
     "still uses it."},
    {Danger::kDropIndex, "drop_index", kConfirm,
     "删除索引后，依赖它的查询会变慢；若是唯一索引，重复值将不再被拒绝。请确认它已无用。",
     "Without the index, queries that rely on it become slow; if it is unique, duplicates are no "
     "longer refused. Make sure that it is not needed."},
    {Danger::kDropPrimaryKey, "drop_primary_key", kConfirm,
     "删除主键后，行失去唯一标识，复制与 pt-osc 都依赖它。只应在同一语句添加新主键时这样做。",
     "Without the primary key rows lose their identity, which replication and pt-osc rely on. Do "
     "it only where the same statement adds the new one."},
    {Danger::kDropForeignKey, "drop_foreign_key", kConfirm,
     "删除外键后，数据库不再保证引用完整性。注意 pt-osc 在副本表上给约束名加前缀下划线。",
     "Without the foreign key the database no longer keeps the references intact. Note that pt-osc "
     "puts an underscore before the constraint's name on its copy of the table."},
    {Danger::kDropCheck, "drop_check", kConfirm,
     "删除检查约束后，此前被拒绝的值将可以写入。请确认程序自身会校验。",
     "Without the check, values that were refused so far can be written. Make sure that the "
     "program "
     "checks them itself."},
    {Danger::kDropConstraint, "drop_constraint", kConfirm,
     "删除约束后，此前被拒绝的数据将可以写入；它可能是唯一键、外键、检查或主键。请先查明。",
     "Without the constraint, data that was refused so far can be written; it may be a unique key, "
     "a foreign key, a check or the primary key. Find out which first."},
    {Danger::kDropPartition, "drop_partition", kRefuse,
     "pt-osc 在空的新表上删除分区，随后把全部行拷回：这些行会进入另一个分区而不会被删除，"
     "或因无处可放而中止，因此拒绝。请直接执行 ALTER。",
     "pt-osc would drop the partition of its empty new table and then copy all rows back: they "
     "land in another partition instead of being deleted, or end the run if none takes them; it "
     "is refused. Run the ALTER directly."},
    {Danger::kDropSystemVersioning, "drop_system_versioning", kConfirm,
     "取消系统版本后，全部历史行都会丢失。请先导出历史数据。",
     "Without system versioning all history rows are lost. Export them first."},
    {Danger::kDropPeriod, "drop_period", kConfirm,
     "删除时间段后，依赖它的约束与查询将失效。请确认它已无用。",
     "Without the period, constraints and queries that rely on it fail. Make sure that it is not "
     "needed."},
    {Danger::kAddPrimaryKey, "add_primary_key", kConfirm,
     "更换主键会改变行的标识；pt-osc 按新键拷贝，键值重复的行会丢失。请确认新主键唯一且非空。",
     "A new primary key changes what identifies a row; rows whose new key repeats are lost in the "
     "copy. Make sure that the new key is unique and not null."},
    {Danger::kAddUniqueKey, "add_unique_key", kConfirm,
     "pt-osc 以 INSERT IGNORE 拷贝：新唯一键上的重复行会被悄悄丢弃。请先确认没有重复值。",
     "pt-osc copies with INSERT IGNORE: rows that repeat a value of the new unique key silently "
     "vanish. Make sure that there are no duplicates."},
    {Danger::kRenameColumn, "rename_column", kConfirm,
     "给列改名后，仍用旧名的程序会立即出错；改名有误时该列数据可能丢失。请核对新旧名称。",
     "After the rename, programs that use the old name fail at once; with a wrong mapping the "
     "column's data can be lost. Check the old and the new name."},
    {Danger::kMayNarrow, "may_narrow", kConfirm,
     "修改列定义可能缩小取值范围，放不下的值会被截断或改成空值。请与现有定义核对。",
     "A changed column definition may hold less than before, and values that do not fit are cut or "
     "replaced. Compare it with the present definition."},
    {Danger::kOtherEngine, "other_engine", kConfirm,
     "改用 InnoDB 以外的引擎会失去事务、行锁、外键或崩溃恢复能力。请确认确有必要。",
     "An engine other than InnoDB loses transactions, row locks, foreign keys or crash recovery. "
     "Make sure that it is really wanted."},
    {Danger::kConvertCharset, "convert_charset", kConfirm,
     "转换字符集会重新编码全部文本列，目标字符集没有的字符会丢失，唯一键也可能因新排序规则而重复。",
     "Converting the character set re-encodes every text column: characters that the new set lacks "
     "are lost, and unique values may collide under the new collation."},
    {Danger::kRenameColumnUnsupported, "rename_column_unsupported", kRefuse,
     "pt-osc 不识别 RENAME COLUMN，会把整列变成 NULL 且报告成功，因此拒绝。请改用 CHANGE 旧名 新名 "
     "完整定义，或直接执行 ALTER（仅改元数据，很快）。",
     "pt-osc does not understand RENAME COLUMN: it fills the whole column with NULL and reports "
     "success, so it is refused. Use CHANGE old new with the full definition, or a direct ALTER, "
     "which changes only metadata and is quick."},
    {Danger::kRenameTable, "rename_table", kRefuse,
     "pt-osc 不支持给表改名（它自己靠改名完成切换），因此拒绝。请直接执行 RENAME TABLE。",
     "pt-osc cannot rename the table, because it finishes by renaming itself, so it is refused. "
     "Run "
     "RENAME TABLE directly."},
    {Danger::kTruncatePartition, "truncate_partition", kRefuse,
     "pt-osc 在空的新表上清空分区，随后把全部行拷回，结果什么也没删，因此拒绝。请直接执行 ALTER。",
     "pt-osc would truncate the partition of its empty new table and then copy all rows back, so "
     "nothing would be removed; it is refused. Run the ALTER directly."},
    {Danger::kExchangePartition, "exchange_partition", kRefuse,
     "pt-osc 会与空的新表交换分区，把对方表的数据混入并清空对方表，因此拒绝。请直接执行 ALTER。",
     "pt-osc would exchange the partition of its empty new table: the other table would be emptied "
     "and its rows mixed in, so it is refused. Run the ALTER directly."},
    {Danger::kDiscardTablespace, "discard_tablespace", kRefuse,
     "pt-osc 会丢弃新表的表空间，随后无法拷贝数据，因此拒绝。请直接执行 ALTER。",
     "pt-osc would discard the tablespace of its new table and could not copy a row, so it is "
     "refused. Run the ALTER directly."},
    {Danger::kImportTablespace, "import_tablespace", kRefuse,
     "导入表空间要求目标表已丢弃表空间，pt-osc 的新表做不到，因此拒绝。请直接执行 ALTER。",
     "Importing needs a table whose tablespace was discarded, which pt-osc's new table is not, so "
     "it is refused. Run the ALTER directly."},
    {Danger::kDropDefault, "drop_default", kConfirm,
     "去掉默认值后，没有写明该列的 INSERT 会报错（非严格模式下写入 0 "
     "或空值）。请确认程序都写明该列。",
     "Without the default, an INSERT that leaves the column out fails, or writes 0 or an empty "
     "value in non-strict mode. Make sure that every program names the column."},
}};

constexpr bool rowsFollowTheEnum() {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (static_cast<std::size_t>(kRows[i].danger) != i + 1) return false;
  }
  return true;
}
static_assert(rowsFollowTheEnum());

const DangerRow& rowOf(Danger danger) {
  return kRows[static_cast<std::size_t>(danger) - 1];
}

}  // namespace

std::string_view toString(Danger danger) {
  return rowOf(danger).word;
}

Text explain(Danger danger) {
  return {rowOf(danger).zh, rowOf(danger).en};
}

DangerSeverity severityOf(Danger danger) {
  return rowOf(danger).severity;
}

bool refusedByPtosc(Danger danger) {
  return severityOf(danger) == DangerSeverity::kRefuse;
}

}  // namespace oscar::ddl
