#include "store_fixture.hpp"

#include <algorithm>
#include <random>

namespace oscar::store::test {
namespace {

/// The contract in its simplest form, to compare with.
bool matches(const ExecutionFilter& f, const Execution& e) {
  const auto lower = [](std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    return text;
  };
  const auto contains = [&](const std::string& text) {
    return lower(text).find(lower(f.keyword)) != std::string::npos;
  };
  if (f.from && e.created_at < *f.from) return false;
  if (f.to && e.created_at >= *f.to) return false;
  if (!f.statuses.empty() &&
      std::find(f.statuses.begin(), f.statuses.end(), e.status) == f.statuses.end()) {
    return false;
  }
  if (!f.database_name.empty() && f.database_name != e.database_name) return false;
  if (!f.table_name.empty() && f.table_name != e.table_name) return false;
  if (f.ddl_type && *f.ddl_type != e.ddl_type) return false;
  if (!f.connection_id.empty() && f.connection_id != e.connection_id) return false;
  if (!f.created_by.empty() && f.created_by != e.created_by) return false;
  if (f.keyword.starts_with('#')) return f.keyword == "#" + std::to_string(e.number);
  return f.keyword.empty() || contains(e.database_name) || contains(e.table_name) ||
         contains(e.original_ddl);
}

class ExecutionSearchTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    if (IsSkipped()) return;
    connections_ = {addConnection("c0"), addConnection("c1"), addConnection("c2")};
    store_ = std::make_unique<SqlExecutionStore>(*database_);
  }
  void TearDown() override {
    store_.reset();
    StoreTest::TearDown();
  }

  void add(std::mt19937& random) {
    const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
    Execution e = sampleExecution(connections_[static_cast<std::size_t>(pick(3))]);
    e.database_name = "db" + std::to_string(pick(3));
    e.table_name = (pick(2) ? "Orders_" : "users%") + std::to_string(pick(5));
    e.original_ddl = "ALTER TABLE t ADD c" + std::to_string(pick(40)) + " INT COMMENT '注释 😀'";
    e.ddl_type = static_cast<DdlType>(1 + pick(7));
    e.status = static_cast<ExecutionStatus>(1 + pick(5));
    e.created_by = "user" + std::to_string(pick(4));
    // Not in the order of numbers: clocks of several nodes differ.
    e.created_at = e.updated_at = at(pick(1000));
    if (e.status == ExecutionStatus::kCompleted) e.duration_seconds = pick(500);
    e.number = store_->insert(e);
    all_.push_back(e);
  }

  ExecutionFilter randomFilter(std::mt19937& random) const {
    const auto chance = [&](int n) { return random() % static_cast<unsigned>(n) == 0; };
    const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
    ExecutionFilter f;
    if (chance(4)) f.from = at(pick(1000));
    if (chance(4)) f.to = at(pick(1000));
    if (chance(2)) {
      for (int i = pick(3); i >= 0; --i) {
        const auto status = static_cast<ExecutionStatus>(1 + pick(5));
        if (std::find(f.statuses.begin(), f.statuses.end(), status) == f.statuses.end()) {
          f.statuses.push_back(status);
        }
      }
    }
    if (chance(4)) f.database_name = "db" + std::to_string(pick(4));
    if (chance(5)) f.table_name = "Orders_" + std::to_string(pick(5));
    if (chance(5)) f.ddl_type = static_cast<DdlType>(1 + pick(7));
    if (chance(5)) f.connection_id = connections_[static_cast<std::size_t>(pick(3))];
    if (chance(5)) f.created_by = "user" + std::to_string(pick(5));
    const std::vector<std::string> words = {"orders_1", "USERS%", "c1",  "注释", "#17", "#9999",
                                            "s%3",      "_",      "add", "\\",   "'",   "#x"};
    if (chance(4))
      f.keyword = words[static_cast<std::size_t>(pick(static_cast<int>(words.size())))];
    return f;
  }

  std::vector<Execution> expected(const ExecutionFilter& filter) const {
    std::vector<Execution> result;
    for (auto e = all_.rbegin(); e != all_.rend(); ++e) {
      if (matches(filter, *e)) result.push_back(*e);
    }
    return result;
  }

  void compare(const ExecutionFilter& filter, const PageRequest& page) {
    auto wanted = expected(filter);
    const auto total = static_cast<std::int64_t>(wanted.size());
    compareStatistics(filter, wanted);
    if (page.before_number > 0) {
      std::erase_if(wanted, [&](const Execution& e) { return e.number >= page.before_number; });
    } else {
      const auto skip = std::min<std::size_t>(
          wanted.size(), static_cast<std::size_t>((page.page - 1) * page.page_size));
      wanted.erase(wanted.begin(), wanted.begin() + static_cast<std::ptrdiff_t>(skip));
    }
    if (wanted.size() > static_cast<std::size_t>(page.page_size)) {
      wanted.resize(static_cast<std::size_t>(page.page_size));
    }
    const auto got = store_->list(filter, page);
    EXPECT_EQ(got.total, total);
    ASSERT_EQ(got.items.size(), wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      EXPECT_EQ(got.items[i].number, wanted[i].number);
      EXPECT_EQ(got.items[i].id, wanted[i].id);
    }
  }

  void compareStatistics(const ExecutionFilter& filter, const std::vector<Execution>& wanted) {
    ExecutionStatistics s;
    double seconds = 0;
    for (const auto& e : wanted) {
      ++s.total;
      s.succeeded += e.status == ExecutionStatus::kCompleted;
      s.failed += e.status == ExecutionStatus::kFailed;
      s.cancelled += e.status == ExecutionStatus::kCancelled;
      s.active += !isFinal(e.status);
      if (e.status == ExecutionStatus::kCompleted) {
        seconds += static_cast<double>(*e.duration_seconds);
      }
    }
    const auto got = store_->statistics(filter);
    EXPECT_EQ(got.total, s.total);
    EXPECT_EQ(got.succeeded, s.succeeded);
    EXPECT_EQ(got.failed, s.failed);
    EXPECT_EQ(got.cancelled, s.cancelled);
    EXPECT_EQ(got.active, s.active);
    EXPECT_EQ(got.success_rate.has_value(), s.succeeded + s.failed > 0);
    if (got.success_rate) {
      EXPECT_NEAR(
          *got.success_rate,
          100.0 * static_cast<double>(s.succeeded) / static_cast<double>(s.succeeded + s.failed),
          1e-9);
    }
    EXPECT_EQ(got.average_duration_seconds.has_value(), s.succeeded > 0);
    if (got.average_duration_seconds) {
      EXPECT_NEAR(*got.average_duration_seconds, seconds / static_cast<double>(s.succeeded), 1e-9);
    }
  }

  std::vector<std::string> connections_;
  std::unique_ptr<SqlExecutionStore> store_;
  std::vector<Execution> all_;
};
OSCAR_STORE_SUITE(ExecutionSearchTest);

TEST_P(ExecutionSearchTest, AgreesWithANaiveModel) {
  std::mt19937 random{20260115};
  for (int i = 0; i < 150; ++i) add(random);
  for (int i = 0; i < 250; ++i) {
    const ExecutionFilter filter = randomFilter(random);
    PageRequest page;
    page.page_size = 1 + static_cast<int>(random() % 30);
    page.page = 1 + static_cast<int>(random() % 4);
    if (random() % 4 == 0) {
      page.before_number = all_[random() % all_.size()].number;
    }
    SCOPED_TRACE("query " + std::to_string(i) + " keyword " + filter.keyword);
    compare(filter, page);
    if (i % 10 == 0) add(random);  // what is remembered must not outlive a change
    if (HasFailure()) break;
  }
}

TEST_P(ExecutionSearchTest, EachFilterAloneAndEachPair) {
  std::mt19937 random{7};
  for (int i = 0; i < 60; ++i) add(random);
  std::vector<void (*)(ExecutionFilter&)> set = {
      [](ExecutionFilter&) {},
      [](ExecutionFilter& f) { f.from = at(300); },
      [](ExecutionFilter& f) { f.to = at(600); },
      [](ExecutionFilter& f) { f.statuses = {ExecutionStatus::kFailed}; },
      [](ExecutionFilter& f) {
        f.statuses = {ExecutionStatus::kPending, ExecutionStatus::kRunning};
      },
      [](ExecutionFilter& f) {
        f.statuses = {ExecutionStatus::kCompleted, ExecutionStatus::kCancelled};
      },
      [](ExecutionFilter& f) { f.database_name = "db1"; },
      [](ExecutionFilter& f) { f.table_name = "Orders_2"; },
      [](ExecutionFilter& f) { f.ddl_type = DdlType::kAddIndex; },
      [](ExecutionFilter& f) { f.created_by = "user1"; },
      [](ExecutionFilter& f) { f.keyword = "orders"; },
      [](ExecutionFilter& f) { f.keyword = "#30"; },
  };
  for (std::size_t a = 0; a < set.size(); ++a) {
    for (std::size_t b = a; b < set.size(); ++b) {
      ExecutionFilter filter;
      set[a](filter);
      set[b](filter);
      SCOPED_TRACE(std::to_string(a) + " and " + std::to_string(b));
      compare(filter, {});
      filter.connection_id = connections_[0];
      compare(filter, {});
    }
  }
}

TEST_P(ExecutionSearchTest, TotalsFollowEveryStatusChange) {
  Execution e = sampleExecution(connections_[0]);
  store_->insert(e);
  ExecutionFilter mine;
  mine.created_by = "alice";
  const auto counts = [&] {
    const auto s = store_->statistics(mine);
    const auto all = store_->statistics({});
    EXPECT_EQ(s.total, all.total);
    EXPECT_EQ(s.active, all.active);
    EXPECT_EQ(s.failed, all.failed);
    EXPECT_EQ(s.succeeded, all.succeeded);
    EXPECT_EQ(s.average_duration_seconds, all.average_duration_seconds);
    return std::tuple{s.active, s.succeeded, s.failed, s.cancelled};
  };
  EXPECT_EQ(counts(), std::tuple(1, 0, 0, 0));
  ASSERT_TRUE(store_->claimNext("n1", at(10), at(40), {}));
  EXPECT_EQ(counts(), std::tuple(1, 0, 0, 0));
  mine.statuses = {ExecutionStatus::kRunning};
  EXPECT_EQ(store_->list(mine, {}).total, 1);
  ports::ExecutionEnd end;
  end.execution_id = e.id;
  end.status = ExecutionStatus::kCompleted;
  end.at = at(30);
  ASSERT_TRUE(store_->finish("n1", end));
  EXPECT_EQ(store_->list(mine, {}).total, 0);
  mine.statuses.clear();
  EXPECT_EQ(counts(), std::tuple(0, 1, 0, 0));
  EXPECT_EQ(store_->statistics({}).average_duration_seconds, 20.0);
  Execution cancelled = sampleExecution(connections_[0]);
  store_->insert(cancelled);
  store_->requestStop(cancelled.id, at(50));
  EXPECT_EQ(counts(), std::tuple(0, 1, 0, 1));
}

}  // namespace
}  // namespace oscar::store::test
