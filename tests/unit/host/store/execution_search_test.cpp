#include "store_fixture.hpp"

#include <algorithm>
#include <atomic>
#include <random>
#include <thread>

namespace oscar::store::test {
namespace {

/// The contract in its simplest form, to compare with; what criteriaOf says in another way.
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
  if (f.keyword == "#" + std::to_string(e.number) || f.keyword == std::to_string(e.number)) {
    return true;
  }
  const bool numbered = f.keyword.starts_with('#') &&
                        f.keyword.find_first_not_of("0123456789", 1) == std::string::npos;
  if (numbered && f.keyword.size() > 1) return false;
  return f.keyword.empty() || contains(e.database_name + '.' + e.table_name) ||
         contains(e.original_ddl);
}

class ExecutionSearchTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    if (IsSkipped()) return;
    connections_ = {addConnection("c0"), addConnection("c1"), addConnection("c2")};
    store_ = std::make_unique<SqlExecutionStore>(*database_);
    // Each is to answer the same: everything in memory; no or few or only short texts in memory;
    // nothing in memory, because there are too many executions or names.
    for (const auto& limits : std::vector<ExecutionMirror::Limits>{{},
                                                                   {1000, 1 << 20, 0, 4096},
                                                                   {1000, 1 << 20, 1, 4096},
                                                                   {1000, 1 << 20, 1 << 20, 48},
                                                                   {20, 1 << 20, 1 << 20, 4096},
                                                                   {1000, 1, 1 << 20, 4096}}) {
      readers_.push_back(std::make_unique<SqlExecutionStore>(*database_, limits));
    }
  }
  void TearDown() override {
    readers_.clear();
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
    e.number = insert(*database_, e);
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
    const std::vector<std::string> words = {
        "orders_1", "USERS%", "c1",   "注释", "#17", "#9999", "s%3", "_", "add", "\\", "'",
        "#x",       "注",     "释 😀", "1",    "17",  "9999",  "-1",  "#", "b1.", " ",  "t add c3"};
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
    for (std::size_t reader = 0; reader < readers_.size(); ++reader) {
      SCOPED_TRACE("reader " + std::to_string(reader));
      const auto got = readers_[reader]->list(filter, page);
      EXPECT_EQ(got.total, total);
      ASSERT_EQ(got.items.size(), wanted.size());
      for (std::size_t i = 0; i < wanted.size(); ++i) {
        EXPECT_EQ(got.items[i].number, wanted[i].number);
        EXPECT_EQ(got.items[i].id, wanted[i].id);
        EXPECT_EQ(got.items[i].status, wanted[i].status);
      }
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
    for (auto& reader : readers_) expectStatistics(reader->statistics(filter), s, seconds);
  }

  static void expectStatistics(const ExecutionStatistics& got, const ExecutionStatistics& s,
                               double seconds) {
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

  /// What the database says of every execution now, whatever happened to it.
  void reread() {
    for (auto& execution : all_) execution = *store_->find(execution.id);
  }

  std::vector<std::string> connections_;
  std::unique_ptr<SqlExecutionStore> store_;  ///< writes only
  std::vector<std::unique_ptr<SqlExecutionStore>> readers_;
  std::vector<Execution> all_;
};
OSCAR_STORE_SUITE(ExecutionSearchTest);

TEST_P(ExecutionSearchTest, AgreesWithANaiveModel) {
  std::mt19937 random{20260115};
  for (int i = 0; i < 150; ++i) add(random);
  for (int i = 0; i < 150; ++i) {
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
  insert(*database_, e);
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
  insert(*database_, cancelled);
  store_->requestStop(cancelled.id, at(50));
  EXPECT_EQ(counts(), std::tuple(0, 1, 0, 1));
}

TEST_P(ExecutionSearchTest, FollowsWhatOthersDoToExecutions) {
  std::mt19937 random{42};
  const auto pick = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  auto other_database = place_->open();
  SqlExecutionStore other{*other_database};
  std::int64_t now = 100;
  for (int step = 0; step < 60; ++step) {
    ++now;
    const std::size_t action = pick(4);
    if (action == 0 || all_.size() < 5) {
      Execution e = sampleExecution(connections_[pick(3)], "t" + std::to_string(step),
                                    "db" + std::to_string(step) + ":3306");
      e.number = insert(*other_database, e);
      all_.push_back(e);
    } else if (action == 1) {
      other.claimNext("n1", at(now), at(now + 1000), {100, 100});
    } else if (action == 2) {
      other.requestStop(all_[pick(all_.size())].id, at(now));
    } else {
      ports::ExecutionEnd end;
      end.execution_id = all_[pick(all_.size())].id;
      end.status = static_cast<ExecutionStatus>(3 + pick(3));
      end.at = at(now);
      other.finish("n1", end);  // false when it does not run
    }
    reread();
    SCOPED_TRACE("step " + std::to_string(step));
    ExecutionFilter filter;
    compare(filter, {});
    filter.statuses = {static_cast<ExecutionStatus>(1 + pick(5))};
    compare(filter, {});
    filter.connection_id = connections_[pick(3)];
    compare(filter, {});
    filter.keyword = "t" + std::to_string(pick(60));
    compare(filter, {});
    if (HasFailure()) break;
  }
}

TEST_P(ExecutionSearchTest, SeesThatRowsWereDeletedByHand) {
  std::mt19937 random{3};
  for (int i = 0; i < 30; ++i) add(random);
  compare({}, {});
  const Execution gone = all_[10];
  auto link = place_->link();
  const std::string number = std::to_string(gone.number);
  const std::string status{toString(gone.status)};
  const std::string seconds = std::to_string(gone.duration_seconds.value_or(0));
  const std::string known = gone.duration_seconds ? "1" : "0";
  link->begin(true);
  link->execute("DELETE FROM execution_search WHERE number = " + number, {});
  link->execute("DELETE FROM execution_records WHERE number = " + number, {});
  link->execute(
      "UPDATE execution_counters SET executions = executions - 1, changes = changes + 1,"
      " durations = durations - " +
          known + ", duration_seconds = duration_seconds - " + seconds + " WHERE status = '" +
          status + "'",
      {});
  link->commit();
  all_.erase(all_.begin() + 10);
  compare({}, {});
  ExecutionFilter filter;
  filter.keyword = "add";
  compare(filter, {});
}

TEST_P(ExecutionSearchTest, StaysRightWhenTheCountersAreWrong) {
  std::mt19937 random{4};
  for (int i = 0; i < 15; ++i) add(random);
  place_->link()->execute("UPDATE execution_counters SET executions = executions + 3", {});
  ExecutionFilter filter;
  filter.database_name = "db1";
  compare(filter, {});
  for (int i = 0; i < 5; ++i) {
    add(random);
    compare(filter, {});
  }
}

TEST_P(ExecutionSearchTest, FindsWordsThatGoOnInTheNextLine) {
  Execution e = sampleExecution(connections_[0]);
  e.original_ddl = "ALTER TABLE orders\nADD a INT,\n  ADD b INT";
  e.number = insert(*database_, e);
  for (auto& reader : readers_) {
    for (const char* keyword : {"int,\n  add", "ORDERS\nadd", "b int", "orders\nalter"}) {
      ExecutionFilter filter;
      filter.keyword = keyword;
      EXPECT_EQ(reader->list(filter, {}).total, 1) << keyword;
      EXPECT_EQ(reader->list(filter, {}).total, 1) << keyword << ", the second time";
    }
    ExecutionFilter filter;
    filter.keyword = "int\nadd";
    EXPECT_EQ(reader->list(filter, {}).total, 0);
  }
}

TEST_P(ExecutionSearchTest, EveryListIsTrueWhileOthersWrite) {
  constexpr int kExecutions = 60;
  std::atomic<bool> done{false};
  std::thread writer{[&] {
    auto database = place_->open();
    SqlExecutionStore store{*database};
    for (int i = 0; i < kExecutions; ++i) {
      const Execution e = sampleExecution(connections_[0], "t" + std::to_string(i),
                                          "db" + std::to_string(i) + ":3306");
      insert(*database, e);
      store.claimNext("n1", at(10), at(40), {1000, 1000});
      ports::ExecutionEnd end;
      end.execution_id = e.id;
      end.status = ExecutionStatus::kCompleted;
      end.at = at(30);
      EXPECT_TRUE(store.finish("n1", end));
    }
    done = true;
  }};
  std::vector<std::thread> threads;
  // Two for each reader, so that one may empty its mirror while the other is about to look. On
  // MySQL the total and the rows of a scan are of two moments; what is expected here holds between
  // them too, because no execution is removed and none that was completed becomes anything else.
  for (std::size_t t = 0; t < 2 * readers_.size(); ++t) {
    threads.emplace_back([&, t] {
      auto& reader = *readers_[t % readers_.size()];
      std::int64_t seen = 0;
      ExecutionFilter completed;
      completed.statuses = {ExecutionStatus::kCompleted};
      completed.created_by = "alice";
      while (!done) {
        const auto all = reader.list({}, {});
        EXPECT_GE(all.total, seen) << "what was seen once does not vanish";
        EXPECT_EQ(all.items.size(), std::min<std::size_t>(20, static_cast<std::size_t>(all.total)));
        seen = all.total;
        for (const auto& item : reader.list(completed, {}).items) {
          EXPECT_EQ(item.status, ExecutionStatus::kCompleted);
        }
      }
    });
  }
  writer.join();
  for (auto& thread : threads) thread.join();
  for (auto& reader : readers_) {
    EXPECT_EQ(reader->statistics({}).succeeded, kExecutions);
    EXPECT_EQ(reader->statistics({}).total, kExecutions);
  }
}

TEST_P(ExecutionSearchTest, WhatARunCommitsDoesNotMoveChanges) {
  const Execution e = sampleExecution(connections_[0]);
  insert(*database_, e);
  ASSERT_TRUE(store_->claimNext("n1", at(10), at(40), {}));
  const auto run = sampleRun(e.id);
  store_->insertRun(run);
  const auto changes = [&] {
    return database_->read([](Sql& sql) {
      return sql.one({"SELECT SUM(changes) FROM execution_counters", "i"})->integer();
    });
  };
  const auto before = changes();
  ports::RunCommit commit;
  commit.execution_id = e.id;
  commit.run_id = run.id;
  commit.lines = {{1, at(11), "Copying"}};
  commit.output_offset = 8;
  commit.progress.processed_rows = 77;
  ASSERT_TRUE(store_->commitRun("n1", 0, commit));
  EXPECT_EQ(changes(), before);
  for (auto& reader : readers_) {
    EXPECT_EQ(reader->list({}, {}).items.at(0).run.processed_rows, 77) << "rows are always fresh";
  }
}

TEST_P(ExecutionSearchTest, ListsLeaveOutWhatOnlyDetailsShow) {
  insert(*database_, sampleExecution(connections_[0]));
  for (auto& reader : readers_) {
    const Execution listed = reader->list({}, {}).items.at(0);
    EXPECT_EQ(listed.original_ddl, "ALTER TABLE orders ADD COLUMN note TEXT");
    EXPECT_EQ(listed.alter_text, "");
    EXPECT_EQ(listed.generated_command, "");
    EXPECT_TRUE(listed.argv.empty());
  }
}

}  // namespace
}  // namespace oscar::store::test
