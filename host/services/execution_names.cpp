#include "services/execution_survey.hpp"
#include "services/field_checks.hpp"

#include <algorithm>
#include <set>

namespace oscar::services {
namespace {

using ddl::Clause;
using ddl::ClauseKind;
using Names = std::set<std::string>;  // in lower case: MySQL compares these names so

/// Collects what does not fit while the clauses are read.
class NameCheck {
 public:
  explicit NameCheck(const ExecutionSurvey& survey) : survey_{survey} {
    for (const auto& column : survey.described.columns) before_.insert(lowerAscii(column.name));
    for (const auto& index : survey.described.indexes) indexes_.insert(lowerAscii(index.name));
    after_ = before_;
    for (const Clause& clause : survey.statement.clauses) applyRemovals(clause);
    for (const Clause& clause : survey.statement.clauses) applyAdditions(clause);
  }

  void run() {
    for (const Clause& clause : survey_.statement.clauses) check(clause);
    if (!missing_.zh.empty()) {
      throw ServiceError{
          ErrorCode::kNotFound,
          {"表 " + survey_.table + " 中没有" + missing_.zh + "，请检查 ALTER",
           "The table " + survey_.table + " has no" + missing_.en + "; check the ALTER"}};
    }
    throwIfAny(std::move(errors_));
  }

 private:
  void applyRemovals(const Clause& clause) {
    const std::string name = lowerAscii(clause.name);
    if (clause.kind == ClauseKind::kDropColumn || clause.kind == ClauseKind::kChangeColumn ||
        clause.kind == ClauseKind::kRenameColumn) {
      after_.erase(name);
    } else if (clause.kind == ClauseKind::kDropIndex || clause.kind == ClauseKind::kRenameIndex) {
      dropped_indexes_.insert(name);
    }
  }

  void applyAdditions(const Clause& clause) {
    if (clause.kind == ClauseKind::kAddColumn) {
      if (!clause.if_exists && after_.contains(lowerAscii(clause.name))) {
        exists("列 " + clause.name, "column " + clause.name);
      }
      after_.insert(lowerAscii(clause.name));
    } else if (clause.kind == ClauseKind::kChangeColumn ||
               clause.kind == ClauseKind::kRenameColumn) {
      if (after_.contains(lowerAscii(clause.new_name))) {
        exists("列 " + clause.new_name, "column " + clause.new_name);
      }
      after_.insert(lowerAscii(clause.new_name));
    }
  }

  void check(const Clause& clause) {
    switch (clause.kind) {
      case ClauseKind::kDropColumn:
      case ClauseKind::kModifyColumn:
      case ClauseKind::kChangeColumn:
      case ClauseKind::kRenameColumn:
        requireColumn(before_, clause, clause.name);
        break;
      case ClauseKind::kAddIndex:
      case ClauseKind::kAddPrimaryKey:
      case ClauseKind::kAddForeignKey:
        for (const std::string& column : clause.columns) requireColumn(after_, clause, column);
        checkNewIndex(clause);
        break;
      case ClauseKind::kDropIndex:
      case ClauseKind::kRenameIndex:
        requireIndex(clause);
        break;
      case ClauseKind::kDropPrimaryKey:
        if (!indexes_.contains("primary")) missing("主键", "primary key");
        break;
      case ClauseKind::kOther:
        if (clause.keyword == "ALTER COLUMN") requireColumn(after_, clause, clause.name);
        if (clause.keyword == "ALTER INDEX") requireIndex(clause);
        break;
      default:
        break;
    }
    if (clause.column && !clause.column->after.empty()) {
      requireColumn(after_, clause, clause.column->after);
      const std::string& own = clause.new_name.empty() ? clause.name : clause.new_name;
      if (lowerAscii(own) == lowerAscii(clause.column->after))
        missing("列 " + own, "column " + own);
    }
  }

  void requireColumn(const Names& columns, const Clause& clause, const std::string& name) {
    if (columns.contains(lowerAscii(name)) || clause.if_exists) return;
    missing("列 " + name, "column " + name);
  }

  void requireIndex(const Clause& clause) {
    if (indexes_.contains(lowerAscii(clause.name)) || clause.if_exists) return;
    missing("索引 " + clause.name, "index " + clause.name);
  }

  void checkNewIndex(const Clause& clause) {
    if (clause.kind == ClauseKind::kAddForeignKey || clause.if_exists) return;
    const std::string name =
        clause.kind == ClauseKind::kAddPrimaryKey ? "primary" : lowerAscii(clause.name);
    const bool dropped =
        dropped_indexes_.contains(name) || (name == "primary" && dropsPrimaryKey());
    if (!name.empty() && indexes_.contains(name) && !dropped) {
      exists(name == "primary" ? "主键" : "索引 " + clause.name,
             name == "primary" ? "primary key" : "index " + clause.name);
    }
  }

  bool dropsPrimaryKey() const {
    const auto& clauses = survey_.statement.clauses;
    return std::any_of(clauses.begin(), clauses.end(), [](const Clause& clause) {
      return clause.kind == ClauseKind::kDropPrimaryKey;
    });
  }

  void missing(const std::string& zh, const std::string& en) {
    missing_.zh += (missing_.zh.empty() ? "" : "、") + zh;
    missing_.en += (missing_.en.empty() ? " " : ", ") + en;
  }
  void exists(const std::string& zh, const std::string& en) {
    errors_.push_back({"original_ddl",
                       {"要增加的" + zh + " 已存在", "adds the " + en + ", which exists already"}});
  }

  const ExecutionSurvey& survey_;
  Names before_;   ///< columns now
  Names after_;    ///< columns afterwards
  Names indexes_;  ///< indexes now
  Names dropped_indexes_;
  Text missing_;
  std::vector<FieldError> errors_;
};

}  // namespace

void checkNames(const ExecutionSurvey& survey) {
  NameCheck{survey}.run();
}

}  // namespace oscar::services
