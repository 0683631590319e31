#include "store/execution_criteria.hpp"

#include "store/execution_mirror.hpp"
#include "store/execution_scan.hpp"
#include "store_fixture.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace oscar::store::test {
namespace {

/// Which fields of a filter are set, in their order. Does not compile when there is one more.
auto setFields(const ExecutionFilter& filter) {
  const auto& [from, to, statuses, database_name, table_name, ddl_type, connection_id, created_by,
               keyword] = filter;
  return std::array{from.has_value(),       to.has_value(),      !statuses.empty(),
                    !database_name.empty(), !table_name.empty(), ddl_type.has_value(),
                    !connection_id.empty(), !created_by.empty(), !keyword.empty()};
}

constexpr std::string_view kConnection = "3f0c1f9e-0000-4000-8000-000000000001";

/// One field of the filter. `miss` changes the field of an execution by which `set` tells it from
/// sample(); `set_other` asks for something else in the same field.
struct Field {
  const char* name;
  void (*set)(ExecutionFilter&);
  void (*set_other)(ExecutionFilter&);
  void (*miss)(Execution&, const std::string& other_connection);
};

/// Every field, in the order of ExecutionFilter.
constexpr std::array kFields{
    Field{"from", [](ExecutionFilter& f) { f.from = at(300); },
          [](ExecutionFilter& f) { f.from = at(600); },
          [](Execution& e, const std::string&) { e.created_at = at(299); }},
    Field{"to", [](ExecutionFilter& f) { f.to = at(600); },
          [](ExecutionFilter& f) { f.to = at(300); },
          [](Execution& e, const std::string&) { e.created_at = at(600); }},
    Field{"statuses",
          [](ExecutionFilter& f) {
            f.statuses = {ExecutionStatus::kFailed, ExecutionStatus::kRunning};
          },
          [](ExecutionFilter& f) { f.statuses = {ExecutionStatus::kCancelled}; },
          [](Execution& e, const std::string&) { e.status = ExecutionStatus::kCancelled; }},
    Field{"database_name", [](ExecutionFilter& f) { f.database_name = "shop"; },
          [](ExecutionFilter& f) { f.database_name = "Shop"; },
          [](Execution& e, const std::string&) { e.database_name = "Shop"; }},
    Field{"table_name", [](ExecutionFilter& f) { f.table_name = "shop"; },
          [](ExecutionFilter& f) { f.table_name = "Shop"; },
          [](Execution& e, const std::string&) { e.table_name = "Shop"; }},
    Field{"ddl_type", [](ExecutionFilter& f) { f.ddl_type = DdlType::kAddIndex; },
          [](ExecutionFilter& f) { f.ddl_type = DdlType::kDropIndex; },
          [](Execution& e, const std::string&) { e.ddl_type = DdlType::kDropIndex; }},
    Field{"connection_id", [](ExecutionFilter& f) { f.connection_id = kConnection; },
          [](ExecutionFilter& f) { f.connection_id = "shop"; },
          [](Execution& e, const std::string& other) { e.connection_id = other; }},
    Field{"created_by", [](ExecutionFilter& f) { f.created_by = "shop"; },
          [](ExecutionFilter& f) { f.created_by = "Shop"; },
          [](Execution& e, const std::string&) { e.created_by = "Shop"; }},
    Field{"keyword", [](ExecutionFilter& f) { f.keyword = "NEEDLE"; },
          [](ExecutionFilter& f) { f.keyword = "shop"; },
          [](Execution& e, const std::string&) { e.original_ddl = "ALTER TABLE shop"; }},
};
static_assert(kFields.size() == std::tuple_size_v<decltype(setFields({}))>);

TEST(ExecutionCriteria, TheTableOfFieldsNamesEachField) {
  for (std::size_t i = 0; i < kFields.size(); ++i) {
    for (const auto set : {kFields[i].set, kFields[i].set_other}) {
      ExecutionFilter filter;
      set(filter);
      const auto fields = setFields(filter);
      EXPECT_EQ(std::count(fields.begin(), fields.end(), true), 1) << kFields[i].name;
      EXPECT_TRUE(fields.at(i)) << kFields[i].name;
    }
  }
}

TEST(ExecutionCriteria, EachValueOfEachFieldIsAnotherKey) {
  std::set<SqlCondition> keys;
  const auto isNew = [&](const ExecutionFilter& filter) {
    return keys.insert(conditionOf(criteriaOf(filter), "haystack LIKE ?")).second;
  };
  EXPECT_TRUE(isNew({}));
  ExecutionFilter all;
  for (const auto& field : kFields) field.set(all);
  EXPECT_TRUE(isNew(all));
  for (const auto& field : kFields) {
    SCOPED_TRACE(field.name);
    for (const auto set : {field.set, field.set_other}) {
      ExecutionFilter alone;
      set(alone);
      EXPECT_TRUE(isNew(alone)) << "alone";
      EXPECT_FALSE(isNew(alone)) << "the same filter is the same key";
    }
    ExecutionFilter changed = all;
    field.set_other(changed);
    EXPECT_TRUE(isNew(changed)) << "beside all others";
  }
}

TEST(ExecutionCriteria, EachFieldIsACriterion) {
  EXPECT_TRUE(criteriaOf({}).empty());
  EXPECT_TRUE(onlyStatuses({}));
  for (const auto& field : kFields) {
    SCOPED_TRACE(field.name);
    ExecutionFilter filter;
    field.set(filter);
    EXPECT_EQ(criteriaOf(filter).size(), 1U);
    EXPECT_EQ(onlyStatuses(criteriaOf(filter)), !filter.statuses.empty());
  }
}

TEST(ExecutionCriteria, ExactColumnsAreInTheirPlaces) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kExactColumns.size(); ++i) {
    EXPECT_EQ(placeOf(kExactColumns[i]), i);
    EXPECT_TRUE(names.insert(nameOf(kExactColumns[i])).second);
  }
  EXPECT_FALSE(names.contains(""));
}

class ExecutionCriteriaTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    if (IsSkipped()) return;
    addConnection("other", "3f0c1f9e-0000-4000-8000-000000000002");
    addConnection("wanted", std::string{kConnection});
    sample_ = add(sample());
    for (std::size_t i = 0; i < kFields.size(); ++i) {
      Execution execution = sample();
      kFields[i].miss(execution, "3f0c1f9e-0000-4000-8000-000000000002");
      misses_[i] = add(execution);
    }
  }

  void addConnection(const std::string& name, const std::string& id) {
    StoreTest::addConnection(name);
    place_->link()->execute("UPDATE connections SET id = '" + id + "' WHERE name = '" + name + "'",
                            {});
  }
  /// Every field's `set` lets it through.
  static Execution sample() {
    Execution e = sampleExecution(std::string{kConnection}, "shop");
    e.database_name = "shop";
    e.created_by = "shop";
    e.ddl_type = DdlType::kAddIndex;
    e.original_ddl = "ALTER TABLE shop ADD INDEX needle (a)";
    e.status = ExecutionStatus::kFailed;
    e.created_at = e.updated_at = at(300);
    return e;
  }
  std::int64_t add(const Execution& execution) {
    return SqlExecutionStore{*database_}.insertIfTableIsFree(execution).value();
  }
  /// All but those that some of the fields are set and miss it.
  std::vector<std::int64_t> allBut(const std::vector<std::int64_t>& left_out) const {
    std::vector<std::int64_t> numbers{misses_.rbegin(), misses_.rend()};
    numbers.push_back(sample_);
    std::erase_if(numbers, [&](auto number) {
      return std::find(left_out.begin(), left_out.end(), number) != left_out.end();
    });
    return numbers;
  }

  std::vector<std::int64_t> mirrored(const ExecutionFilter& filter) {
    return database_->read([&](Sql& sql) -> std::vector<std::int64_t> {
      if (!mirror_.follow(sql, mirror_.changes())) return {};
      const auto found = mirror_.page(sql, filter, {});
      if (!found) return {};
      EXPECT_EQ(found->total, static_cast<std::int64_t>(found->numbers.size()));
      EXPECT_EQ(mirror_.totals(sql, filter)->all(), found->total);
      return found->numbers;
    });
  }
  /// Always of one ExecutionScan, so that it would give one filter's total to another.
  std::vector<std::int64_t> scanned(const ExecutionFilter& filter) {
    return database_->read([&](Sql& sql) {
      std::vector<std::int64_t> numbers;
      const auto page = scan_.list(sql, filter, {});
      for (const auto& item : page.items) numbers.push_back(item.number);
      EXPECT_EQ(page.total, static_cast<std::int64_t>(numbers.size()));
      EXPECT_EQ(scan_.totals(sql, filter).all(), page.total);
      return numbers;
    });
  }
  void expect(const ExecutionFilter& filter, const std::vector<std::int64_t>& wanted) {
    EXPECT_EQ(mirrored(filter), wanted) << "mirror";
    EXPECT_EQ(scanned(filter), wanted) << "scan";
  }

  ExecutionMirror mirror_{{}};
  ExecutionScan scan_;
  std::int64_t sample_ = 0;
  std::array<std::int64_t, kFields.size()> misses_{};  ///< each lacks what its field asks for
};
OSCAR_STORE_SUITE(ExecutionCriteriaTest);

TEST_P(ExecutionCriteriaTest, EachFieldAloneLeavesOutWhatLacksIt) {
  expect({}, allBut({}));
  for (std::size_t i = 0; i < kFields.size(); ++i) {
    SCOPED_TRACE(kFields[i].name);
    ExecutionFilter filter;
    kFields[i].set(filter);
    expect(filter, allBut({misses_[i]}));
  }
}

TEST_P(ExecutionCriteriaTest, WithoutOneFieldWhatLacksItIsFound) {
  ExecutionFilter all;
  for (const auto& field : kFields) field.set(all);
  expect(all, {sample_});
  for (std::size_t left_out = 0; left_out < kFields.size(); ++left_out) {
    SCOPED_TRACE(kFields[left_out].name);
    ExecutionFilter filter;
    for (std::size_t i = 0; i < kFields.size(); ++i) {
      if (i != left_out) kFields[i].set(filter);
    }
    expect(filter, {misses_[left_out], sample_});
  }
}

TEST_P(ExecutionCriteriaTest, AnotherValueOfAFieldFindsOtherRows) {
  for (const auto& field : kFields) {
    SCOPED_TRACE(field.name);
    ExecutionFilter one;
    field.set(one);
    ExecutionFilter other;
    field.set_other(other);
    EXPECT_NE(mirrored(one), mirrored(other));
    EXPECT_EQ(scanned(one), mirrored(one));
    EXPECT_EQ(scanned(other), mirrored(other));
  }
}

}  // namespace
}  // namespace oscar::store::test
