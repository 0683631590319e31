#include "store_fixture.hpp"

#include <atomic>
#include <limits>
#include <thread>

namespace oscar::store::test {
namespace {

using ports::ClaimLimits;
using ports::ExecutionEnd;
using ports::RunCommit;

class ExecutionStoreTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    if (IsSkipped()) return;
    connection_ = addConnection();
    store_ = std::make_unique<SqlExecutionStore>(*database_);
  }
  void TearDown() override {
    store_.reset();
    StoreTest::TearDown();
  }

  /// A running execution of node "n1" with one run.
  std::pair<Execution, oscar::Run> running() {
    Execution e = sampleExecution(connection_);
    insert(*database_, e);
    const auto claimed = store_->claimNext("n1", at(10), at(40), {100, 100});
    EXPECT_TRUE(claimed);
    oscar::Run run = sampleRun(claimed->id);
    store_->insertRun(run);
    return {*claimed, run};
  }
  static RunCommit commitOf(const oscar::Run& run, std::int64_t first_line, int lines,
                            std::int64_t offset) {
    RunCommit commit;
    commit.execution_id = run.execution_id;
    commit.run_id = run.id;
    for (int i = 0; i < lines; ++i) {
      const std::int64_t number = first_line + i;
      commit.lines.push_back({number, at(number), "line " + std::to_string(number)});
    }
    commit.output_offset = offset;
    commit.decoder_state = "{\"at\":" + std::to_string(offset) + "}";
    return commit;
  }

  std::string connection_;
  std::unique_ptr<SqlExecutionStore> store_;
};
OSCAR_STORE_SUITE(ExecutionStoreTest);

Execution everyFieldSet(const std::string& connection) {
  Execution e = sampleExecution(connection);
  e.environment = Environment::kDev;
  e.ddl_type = DdlType::kDropIndex;
  e.known_findings = {"add_unique:uk_名", "narrowing:a varchar(\"20\")"};
  e.params.chunk_size = 5000;
  e.params.chunk_time = 0.1;
  e.params.max_load = "Threads_running=25";
  e.params.critical_load = "Threads_running:50";
  e.params.charset = "utf8mb4";
  e.params.lock_wait_timeout = 31'536'000;
  e.params.extra = {{"recursion-method", "none"}, {"no-drop-old-table", ""}, {"where", "a='😀'"}};
  e.status = ExecutionStatus::kCompleted;
  e.stop_requested = true;
  e.start_time = fromMillis(toMillis(at(1)) + 1);
  e.end_time = fromMillis(toMillis(at(99)) + 999);
  e.duration_seconds = 98;
  e.run.stage = Stage::kDone;
  e.run.paused = true;
  e.run.progress = 99.25;
  e.run.progress_exact = true;
  e.run.processed_rows = std::numeric_limits<std::int64_t>::max();
  e.run.total_rows = 5'000'000'000;
  e.run.estimate_exceeded = true;
  e.run.current_speed = 1234.5678;
  e.run.eta_seconds = 0;
  e.run.throttled_by = {"从库 db2 延迟", "replica db2 lags"};
  e.run.load = LoadSample{at(50), 1, 2, 3, 0};
  e.avg_speed = 12345.67;
  e.data_size_bytes = 1LL << 45;
  e.reclaimed_bytes = -4096;
  e.container_id = "c0ffee";
  e.error_message = {"错误", "error"};
  e.attention = {"注意", "attention"};
  e.waiting_for = {"等待", "waiting"};
  e.retry_of = newUuid();
  e.created_at = at(5);
  e.updated_at = at(6);
  return e;
}

void expectEqual(const Execution& a, const Execution& b) {
  EXPECT_EQ(a.id, b.id);
  EXPECT_EQ(a.connection_id, b.connection_id);
  EXPECT_EQ(a.connection_name, b.connection_name);
  EXPECT_EQ(a.environment, b.environment);
  EXPECT_EQ(a.server_key, b.server_key);
  EXPECT_EQ(a.database_name, b.database_name);
  EXPECT_EQ(a.table_name, b.table_name);
  EXPECT_EQ(a.ddl_type, b.ddl_type);
  EXPECT_EQ(a.original_ddl, b.original_ddl);
  EXPECT_EQ(a.alter_text, b.alter_text);
  EXPECT_EQ(a.argv, b.argv);
  EXPECT_EQ(a.known_findings, b.known_findings);
  EXPECT_EQ(a.generated_command, b.generated_command);
  EXPECT_EQ(a.params, b.params);
  EXPECT_EQ(a.backend, b.backend);
  EXPECT_EQ(a.status, b.status);
  EXPECT_EQ(a.stop_requested, b.stop_requested);
  EXPECT_EQ(a.start_time, b.start_time);
  EXPECT_EQ(a.end_time, b.end_time);
  EXPECT_EQ(a.duration_seconds, b.duration_seconds);
  EXPECT_EQ(a.run, b.run);
  EXPECT_EQ(a.avg_speed, b.avg_speed);
  EXPECT_EQ(a.data_size_bytes, b.data_size_bytes);
  EXPECT_EQ(a.reclaimed_bytes, b.reclaimed_bytes);
  EXPECT_EQ(a.container_id, b.container_id);
  EXPECT_EQ(a.error_message, b.error_message);
  EXPECT_EQ(a.attention, b.attention);
  EXPECT_EQ(a.waiting_for, b.waiting_for);
  EXPECT_EQ(a.retry_of, b.retry_of);
  EXPECT_EQ(a.created_by, b.created_by);
  EXPECT_EQ(a.created_at, b.created_at);
  EXPECT_EQ(a.updated_at, b.updated_at);
}

TEST_P(ExecutionStoreTest, GivesBackEveryField) {
  const Execution plain = sampleExecution(connection_);
  const Execution full = everyFieldSet(connection_);
  const auto first = insert(*database_, plain);
  const auto second = insert(*database_, full);
  EXPECT_GT(first, 0);
  EXPECT_GT(second, first);
  expectEqual(*store_->find(plain.id), plain);
  expectEqual(*store_->find(full.id), full);
  expectEqual(*store_->findByNumber(second), full);
  EXPECT_EQ(store_->find(full.id)->number, second);
  EXPECT_FALSE(store_->find("no such id"));
  EXPECT_FALSE(store_->findByNumber(second + 1));
}

TEST_P(ExecutionStoreTest, NumbersAreNeverUsedAgain) {
  const Execution e = sampleExecution(connection_);
  const auto number = insert(*database_, e);
  auto link = place_->link();
  link->execute("DELETE FROM execution_search", {});
  link->execute("DELETE FROM execution_records", {});
  database_.reset();
  store_.reset();
  database_ = place_->open();
  store_ = std::make_unique<SqlExecutionStore>(*database_);
  EXPECT_GT(insert(*database_, sampleExecution(connection_)), number);
}

TEST_P(ExecutionStoreTest, RefusesAnIdTwiceAndAnUnknownConnection) {
  const Execution e = sampleExecution(connection_);
  insert(*database_, e);
  EXPECT_THROW(insert(*database_, e), DuplicateKey);
  EXPECT_THROW(insert(*database_, sampleExecution("nobody")), ServiceError);
  EXPECT_EQ(store_->list({}, {}).total, 1);
}

TEST_P(ExecutionStoreTest, LiveOnTableFoldsCase) {
  Execution e = sampleExecution(connection_, "Orders");
  insert(*database_, e);
  EXPECT_EQ(store_->liveOnTable("db1:3306", "SHOP", "oRDERS").size(), 1U);
  EXPECT_EQ(store_->liveOnTable("db2:3306", "shop", "orders").size(), 0U);
  EXPECT_EQ(store_->liveOnTable("db1:3306", "shop", "order").size(), 0U);
  store_->requestStop(e.id, at(1));
  EXPECT_EQ(store_->liveOnTable("db1:3306", "shop", "orders").size(), 0U);
}

TEST_P(ExecutionStoreTest, RunsWithFilesAreThoseThatEndedAndWereNotForgotten) {
  const auto [e, run] = running();
  store_->setRunHandle(run.id, "{\"pid\":1}", "", at(11));
  EXPECT_TRUE(store_->runsWithFiles(10).empty());
  ExecutionEnd end;
  end.execution_id = e.id;
  end.run_id = run.id;
  end.status = ExecutionStatus::kCompleted;
  end.at = at(20);
  ASSERT_TRUE(store_->finish("n1", end));
  ASSERT_EQ(store_->runsWithFiles(10).size(), 1U);
  EXPECT_EQ(store_->runsWithFiles(10)[0].handle, "{\"pid\":1}");
  store_->forgetRunHandle(run.id);
  EXPECT_TRUE(store_->runsWithFiles(10).empty());
}

TEST_P(ExecutionStoreTest, OfManyWhoSubmitAtOnceOneGetsTheTable) {
  std::atomic<int> accepted{0};
  std::vector<std::thread> people;
  for (int i = 0; i < 8; ++i) {
    people.emplace_back([&, i] {
      const Execution e = sampleExecution(connection_, i % 2 == 0 ? "orders" : "ORDERS");
      if (store_->insertIfTableIsFree(e)) ++accepted;
    });
  }
  for (auto& person : people) person.join();
  EXPECT_EQ(accepted, 1);
  EXPECT_EQ(store_->liveOnTable("db1:3306", "shop", "orders").size(), 1U);
  EXPECT_TRUE(store_->insertIfTableIsFree(sampleExecution(connection_, "customers")));
}

TEST_P(ExecutionStoreTest, RunsAreKeptAndTheNewestIsFound) {
  const auto [e, first] = running();
  EXPECT_EQ(store_->latestRun(e.id)->handle, "");
  EXPECT_FALSE(store_->latestRun(e.id)->started_at);
  store_->setRunHandle(first.id, "{\"pid\":1}", "c1", at(11));
  const auto found = store_->latestRun(e.id);
  EXPECT_EQ(found->id, first.id);
  EXPECT_EQ(found->handle, "{\"pid\":1}");
  EXPECT_EQ(found->started_at, at(11));
  EXPECT_EQ(found->next_line, 1);
  EXPECT_EQ(store_->find(e.id)->container_id, "c1");
  store_->setRunHandle(first.id, "{\"pid\":1}", "c1", at(11));
  oscar::Run second = sampleRun(e.id);
  second.next_line = 77;
  second.exit_code = -9;
  second.ended_at = at(3);
  store_->insertRun(second);
  EXPECT_EQ(store_->latestRun(e.id)->id, second.id);
  EXPECT_EQ(store_->latestRun(e.id)->next_line, 77);
  EXPECT_EQ(store_->latestRun(e.id)->exit_code, -9);
  EXPECT_FALSE(store_->latestRun("nobody"));
  EXPECT_THROW(store_->setRunHandle("nobody", "{}", "", at(1)), std::logic_error);
}

TEST_P(ExecutionStoreTest, CommitsLinesOffsetAndProgressTogether) {
  const auto [e, run] = running();
  RunCommit commit = commitOf(run, 1, 3, 100);
  commit.progress.stage = Stage::kCopyingData;
  commit.progress.processed_rows = 5;
  commit.progress.load = LoadSample{at(60), 1, 2, 3, 4};
  ASSERT_TRUE(store_->commitRun("n1", 0, commit));
  const auto stored = store_->latestRun(e.id);
  EXPECT_EQ(stored->output_offset, 100);
  EXPECT_EQ(stored->next_line, 4);
  EXPECT_EQ(stored->decoder_state, "{\"at\":100}");
  EXPECT_EQ(store_->find(e.id)->run, commit.progress);
  EXPECT_EQ(store_->find(e.id)->updated_at, at(60));
  EXPECT_EQ(store_->lastLogLine(e.id), 3);
  commit = commitOf(run, 4, 0, 100);
  EXPECT_TRUE(store_->commitRun("n1", 100, commit)) << "no lines, same offset: progress only";
  EXPECT_TRUE(store_->commitRun("n1", 100, commit)) << "nothing new at all";
}

TEST_P(ExecutionStoreTest, ACommitHappensOnce) {
  const auto [e, run] = running();
  ASSERT_TRUE(store_->commitRun("n1", 0, commitOf(run, 1, 2, 50)));
  const auto expectUnchanged = [&, &id = e.id] {
    EXPECT_EQ(store_->lastLogLine(id), 2);
    EXPECT_EQ(store_->latestRun(id)->output_offset, 50);
  };
  EXPECT_FALSE(store_->commitRun("n1", 0, commitOf(run, 1, 2, 50))) << "again";
  expectUnchanged();
  EXPECT_FALSE(store_->commitRun("n1", 49, commitOf(run, 3, 1, 60))) << "wrong offset";
  expectUnchanged();
  EXPECT_FALSE(store_->commitRun("n2", 50, commitOf(run, 3, 1, 60))) << "not the owner";
  expectUnchanged();
  oscar::Run unknown = run;
  unknown.id = newUuid();
  EXPECT_FALSE(store_->commitRun("n1", 50, commitOf(unknown, 3, 1, 60))) << "not its run";
  expectUnchanged();
  EXPECT_THROW(store_->commitRun("n1", 50, commitOf(run, 4, 1, 60)), std::logic_error) << "a gap";
  expectUnchanged();
  ExecutionEnd end;
  end.execution_id = e.id;
  end.at = at(20);
  ASSERT_TRUE(store_->finish("n1", end));
  EXPECT_FALSE(store_->commitRun("n1", 50, commitOf(run, 3, 1, 60))) << "not running any more";
  expectUnchanged();
}

TEST_P(ExecutionStoreTest, AttentionIsTheOwnersWhileItRuns) {
  const auto [e, run] = running();
  const Text words{"请查看", "look"};
  EXPECT_FALSE(store_->setAttention("n2", e.id, words));
  EXPECT_FALSE(store_->setAttention("n1", newUuid(), words));
  EXPECT_EQ(store_->find(e.id)->attention, Text{});
  ASSERT_TRUE(store_->setAttention("n1", e.id, words));
  EXPECT_EQ(store_->find(e.id)->attention, words);
  EXPECT_EQ(store_->takeOver("n1", at(20), at(50)).at(0).attention, words);
  EXPECT_TRUE(store_->setAttention("n1", e.id, words)) << "again, unchanged";
  EXPECT_TRUE(store_->setAttention("n1", e.id, {}));
  EXPECT_EQ(store_->find(e.id)->attention, Text{});
  ExecutionEnd end;
  end.execution_id = e.id;
  end.at = at(20);
  ASSERT_TRUE(store_->finish("n1", end));
  EXPECT_FALSE(store_->setAttention("n1", e.id, words)) << "over";
}

TEST_P(ExecutionStoreTest, FinishSettlesEverythingOnce) {
  const auto [e, run] = running();
  ExecutionEnd end;
  end.execution_id = e.id;
  end.run_id = run.id;
  end.status = ExecutionStatus::kCompleted;
  end.exit_code = 0;
  end.at = at(75);
  end.progress.stage = Stage::kDone;
  end.progress.progress = 100;
  end.avg_speed = 1234.5678;
  end.data_size_bytes = 99;
  end.reclaimed_bytes = -5;
  end.error_message = {"e", "f"};
  end.attention = {"a", "b"};
  EXPECT_FALSE(store_->finish("n2", end));
  ASSERT_TRUE(store_->finish("n1", end));
  EXPECT_FALSE(store_->finish("n1", end));
  const auto done = store_->find(e.id);
  EXPECT_EQ(done->status, ExecutionStatus::kCompleted);
  EXPECT_EQ(done->end_time, at(75));
  EXPECT_EQ(done->duration_seconds, 65);
  EXPECT_EQ(done->run, end.progress);
  EXPECT_EQ(done->avg_speed, 1234.57);
  EXPECT_EQ(done->data_size_bytes, 99);
  EXPECT_EQ(done->reclaimed_bytes, -5);
  EXPECT_EQ(done->error_message, end.error_message);
  EXPECT_EQ(done->attention, end.attention);
  EXPECT_EQ(done->updated_at, at(75));
  EXPECT_EQ(store_->latestRun(e.id)->exit_code, 0);
  EXPECT_EQ(store_->latestRun(e.id)->ended_at, at(75));
  end.status = ExecutionStatus::kRunning;
  EXPECT_THROW(store_->finish("n1", end), std::logic_error);
}

TEST_P(ExecutionStoreTest, FinishEndsARunThatWasNeverStarted) {
  const auto [e, orphan] = running();
  const oscar::Run last = sampleRun(e.id);
  store_->insertRun(last);
  store_->setRunHandle(orphan.id, "{\"pid\":1}", "", at(11));
  store_->setRunHandle(last.id, "{\"pid\":2}", "", at(12));
  const Execution other = sampleExecution(connection_, "t2");
  ASSERT_TRUE(store_->insertIfTableIsFree(other));
  ASSERT_TRUE(store_->claimNext("n1", at(10), at(40), {100, 100}));
  const oscar::Run others = sampleRun(other.id);
  store_->insertRun(others);
  ExecutionEnd end;
  end.execution_id = e.id;
  end.run_id = last.id;
  end.exit_code = 7;
  end.at = at(75);
  ASSERT_TRUE(store_->finish("n1", end));
  const auto ended = store_->runsWithFiles(10);
  ASSERT_EQ(ended.size(), 2U);
  EXPECT_EQ(ended[0].id, orphan.id);
  EXPECT_EQ(ended[0].ended_at, at(75));
  EXPECT_EQ(ended[0].exit_code, std::nullopt) << "nobody knows it";
  EXPECT_EQ(ended[1].id, last.id);
  EXPECT_EQ(ended[1].exit_code, 7);
  EXPECT_EQ(store_->latestRun(other.id)->ended_at, std::nullopt) << "another execution's";
}

TEST_P(ExecutionStoreTest, AnEndInThePastDoesNotTurnUpdatedAtBack) {
  const auto [e, run] = running();
  ASSERT_TRUE(store_->requestStop(e.id, at(80)));
  ports::ExecutionEnd end;
  end.execution_id = e.id;
  end.status = ExecutionStatus::kCancelled;
  end.at = at(75);
  ASSERT_TRUE(store_->finish("n1", end));
  EXPECT_EQ(store_->find(e.id)->end_time, at(75));
  EXPECT_EQ(store_->find(e.id)->updated_at, at(80));
}

TEST_P(ExecutionStoreTest, StopCancelsWhatIsPendingAndMarksWhatRuns) {
  const auto [active, run] = running();
  const Execution waiting = sampleExecution(connection_);
  insert(*database_, waiting);
  const auto cancelled = store_->requestStop(waiting.id, at(30));
  ASSERT_TRUE(cancelled);
  EXPECT_EQ(cancelled->status, ExecutionStatus::kCancelled);
  EXPECT_TRUE(cancelled->stop_requested);
  EXPECT_EQ(cancelled->end_time, at(30));
  const auto marked = store_->requestStop(active.id, at(31));
  EXPECT_EQ(marked->status, ExecutionStatus::kRunning);
  EXPECT_TRUE(marked->stop_requested);
  EXPECT_TRUE(store_->requestStop(active.id, at(31))->stop_requested) << "again";
  const auto later = store_->requestStop(waiting.id, at(99));
  EXPECT_EQ(later->end_time, at(30)) << "a final state does not change";
  EXPECT_FALSE(store_->requestStop("nobody", at(1)));
}

TEST_P(ExecutionStoreTest, TakesOverItsOwnAndExpiredLeases) {
  const auto [first, first_run] = running();
  Execution other = sampleExecution(connection_, "t2");
  insert(*database_, other);
  ASSERT_TRUE(store_->claimNext("n2", at(10), at(100), {10, 10}));
  EXPECT_TRUE(store_->takeOver("n3", at(40), at(200)).empty()) << "no lease has ended yet";
  auto mine = store_->takeOver("n1", at(20), at(50));
  ASSERT_EQ(mine.size(), 1U) << "a node's own from its earlier process";
  EXPECT_EQ(mine[0].id, first.id);
  store_->renewLeases("n1", at(90));
  EXPECT_TRUE(store_->takeOver("n3", at(80), at(200)).empty());
  auto taken = store_->takeOver("n3", at(95), at(200));
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(taken[0].id, first.id);
  EXPECT_FALSE(store_->commitRun("n1", 0, commitOf(first_run, 1, 1, 9)));
  EXPECT_TRUE(store_->commitRun("n3", 0, commitOf(first_run, 1, 1, 9)));
  EXPECT_EQ(store_->takeOver("n3", at(101), at(300)).size(), 2U);
}

TEST_P(ExecutionStoreTest, LogsArePagedAndSearched) {
  const auto [e, run] = running();
  EXPECT_EQ(store_->lastLogLine(e.id), 0);
  EXPECT_TRUE(store_->readLog(e.id, 1, 10, "").empty());
  std::int64_t next = 1;
  std::int64_t offset = 0;
  for (int i = 0; i < 300; ++i) {
    RunCommit commit = commitOf(run, next, 1 + i % 3, offset + 10);
    ASSERT_TRUE(store_->commitRun("n1", offset, commit));
    next += 1 + i % 3;
    offset += 10;
  }
  const std::int64_t last = next - 1;
  EXPECT_EQ(store_->lastLogLine(e.id), last);
  for (const std::int64_t from : {std::int64_t{-5}, std::int64_t{1}, std::int64_t{2},
                                  std::int64_t{299}, last - 1, last, last + 1}) {
    const auto lines = store_->readLog(e.id, from, 250, "");
    const std::int64_t first = std::max<std::int64_t>(from, 1);
    ASSERT_EQ(static_cast<std::int64_t>(lines.size()),
              std::clamp<std::int64_t>(last - first + 1, 0, 250))
        << from;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      ASSERT_EQ(lines[i].number, first + static_cast<std::int64_t>(i));
      ASSERT_EQ(lines[i].text, "line " + std::to_string(lines[i].number));
      ASSERT_EQ(lines[i].at, at(lines[i].number));
    }
  }
  EXPECT_EQ(store_->readLog(e.id, 1, 1000, "LINE 59").size(), 11U) << "59, 590 to 599";
  EXPECT_EQ(store_->readLog(e.id, 592, 3, "line 59").front().number, 592);
  EXPECT_EQ(store_->readLog(e.id, 1, 3, "line 59").size(), 3U);
  EXPECT_TRUE(store_->readLog(e.id, 1, 10, "%").empty());
  EXPECT_TRUE(store_->readLog(e.id, 1, 0, "").empty());
}

TEST_P(ExecutionStoreTest, LogLinesMayHoldAnything) {
  const auto [e, run] = running();
  const std::vector<std::string> texts = {"",
                                          " ",
                                          "5 3 abc",
                                          "进度 😀 50%",
                                          std::string(16 << 10, 'x'),
                                          "a\nb\r\tc",
                                          "' \" \\ ` ;",
                                          "bad utf-8 \xff kept"};
  RunCommit commit = commitOf(run, 1, 0, 1);
  std::int64_t number = 1;
  for (int i = 0; i < 40; ++i) {
    for (const auto& text : texts) commit.lines.push_back({number, at(number), text}), ++number;
  }
  ASSERT_TRUE(store_->commitRun("n1", 0, commit));
  const auto lines = store_->readLog(e.id, 1, 1000, "");
  ASSERT_EQ(lines.size(), commit.lines.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    ASSERT_EQ(lines[i].number, commit.lines[i].number);
    ASSERT_EQ(lines[i].text, commit.lines[i].text);
  }
  const auto found = store_->readLog(e.id, 20, 5, "😀");
  ASSERT_EQ(found.size(), 5U);
  EXPECT_EQ(found[0].number, 20);
}

}  // namespace
}  // namespace oscar::store::test
