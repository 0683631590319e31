#include "store/execution_criteria.hpp"

#include <algorithm>
#include <utility>

namespace oscar::store {
namespace {

/// Says criteria in SQL, one overload for each kind.
class SqlWriter {
 public:
  explicit SqlWriter(std::string_view keyword_clause) : keyword_clause_{keyword_clause} {}

  void operator()(const IsExactly& exactly) {
    condition_.add(std::string{nameOf(exactly.column)} + " = ?", exactly.text);
  }
  void operator()(const IsCreatedWithin& created) {
    if (created.from) condition_.add("created_at >= ?", *created.from);
    if (created.to) condition_.add("created_at < ?", *created.to);
  }
  void operator()(const HasStatus& statuses) {
    condition_.add("status IN (" + placeholders(statuses.any_of.size()) + ")");
    for (const auto status : statuses.any_of) {
      condition_.values.emplace_back(std::string{toString(status)});
    }
  }
  void operator()(const HasKeyword& has) {
    const auto& [number, text] = has.keyword;
    if (!number) {
      condition_.add(keyword_clause_, containsPattern(text));
    } else if (text.empty()) {
      condition_.add("number = ?", *number);
    } else {
      condition_.add("(number = ? OR " + std::string{keyword_clause_} + ")", *number);
      condition_.values.emplace_back(containsPattern(text));
    }
  }

  SqlCondition take() { return std::move(condition_); }

 private:
  std::string_view keyword_clause_;
  SqlCondition condition_;
};

}  // namespace

std::string_view nameOf(ExactColumn column) {
  switch (column) {
    case ExactColumn::kTableName:
      return "table_name";
    case ExactColumn::kDatabaseName:
      return "database_name";
    case ExactColumn::kCreatedBy:
      return "created_by";
    case ExactColumn::kConnectionId:
      return "connection_id";
    case ExactColumn::kDdlType:
      return "ddl_type";
  }
  return "";
}

ExecutionCriteria criteriaOf(const ExecutionFilter& filter) {
  // Names every field, so that one more does not compile before it is said here what it means.
  const auto& [from, to, statuses, database_name, table_name, ddl_type, connection_id, created_by,
               keyword] = filter;
  ExecutionCriteria criteria;
  const auto exactly = [&criteria](ExactColumn column, std::string_view text) {
    if (!text.empty()) criteria.emplace_back(IsExactly{column, std::string{text}});
  };
  exactly(ExactColumn::kTableName, table_name);
  exactly(ExactColumn::kDatabaseName, database_name);
  exactly(ExactColumn::kCreatedBy, created_by);
  exactly(ExactColumn::kConnectionId, connection_id);
  exactly(ExactColumn::kDdlType, ddl_type ? toString(*ddl_type) : std::string_view{});
  if (from || to) criteria.emplace_back(IsCreatedWithin{from, to});
  if (!statuses.empty()) criteria.emplace_back(HasStatus{statuses});
  if (!keyword.empty()) criteria.emplace_back(HasKeyword{ExecutionKeyword{keyword}});
  return criteria;
}

bool onlyStatuses(const ExecutionCriteria& criteria) {
  return std::all_of(criteria.begin(), criteria.end(), [](const auto& criterion) {
    return std::holds_alternative<HasStatus>(criterion);
  });
}

bool allowsStatus(const ExecutionCriteria& criteria, ExecutionStatus status) {
  const auto* wanted = findCriterion<HasStatus>(criteria);
  return !wanted ||
         std::find(wanted->any_of.begin(), wanted->any_of.end(), status) != wanted->any_of.end();
}

void SqlCondition::add(std::string_view clause) {
  sql += sql.empty() ? " WHERE " : " AND ";
  sql += clause;
}

void SqlCondition::add(std::string_view clause, Value value) {
  add(clause);
  values.push_back(std::move(value));
}

SqlCondition conditionOf(const ExecutionCriteria& criteria, std::string_view keyword_clause) {
  SqlWriter writer{keyword_clause};
  for (const auto& criterion : criteria) std::visit(writer, criterion);
  return writer.take();
}

}  // namespace oscar::store
