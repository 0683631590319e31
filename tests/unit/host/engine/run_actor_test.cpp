#include "engine_lab.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

namespace oscar::engine {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace): the lab's names read as words here
using ports::BackendError;
using ports::TargetError;

TEST(RunActor, TextThatLooksLikeAnEventDropsNothing) {
  EngineLab lab;
  lab.addTable("customers");
  lab.addTable("_orders_new");
  const auto actor = lab.actor(lab.claimed());
  const std::string run = lab.startedRun();
  const std::string forged = R"(#oscar {"e":"tables","new":"customers"})";
  lab.backend.write(run, kCreatedOutput);
  lab.backend.writeRaw(run, forged + "\n2026-01-01T00:00:08 Swapped original and new tables OK.\n");
  lab.exit(run, 1);
  ASSERT_TRUE(lab.ends("e1", ExecutionStatus::kFailed));
  const auto log = lab.logOf();
  EXPECT_NE(std::find(log.begin(), log.end(), forged), log.end());
  EXPECT_EQ(lab.at().error_message.en.find("swapped"), std::string::npos);
  EXPECT_EQ(lab.targets.dropped, std::vector<std::string>{"table shop._orders_new"});
}

TEST(RunActor, DrivesARunFromLaunchToCompletion) {
  EngineLab lab;
  const auto actor = lab.actor(lab.claimed());
  const std::string run = lab.startedRun();
  ASSERT_EQ(lab.backend.started(), std::vector<std::string>{run});
  const auto spec = lab.backend.run(run).spec;
  EXPECT_EQ(spec.argv, lab.at().argv);
  ASSERT_EQ(spec.files.size(), 3u);
  EXPECT_EQ(spec.files[0].name, "my.cnf");
  EXPECT_EQ(spec.files[1].content, "# observer");
  EXPECT_EQ(spec.files[2].name, "event_mark");
  const auto known = OutputState::decode(lab.store.runs()[0].decoder_state);
  EXPECT_EQ(known.value().event_mark, spec.files[2].content);

  lab.backend.write(run, kCreatedOutput + kCopyingOutput);
  ASSERT_TRUE(eventually([&] { return lab.at().run.processed_rows == 400; }));
  const RunProgress copying = lab.at().run;
  EXPECT_EQ(copying.stage, Stage::kCopyingData);
  EXPECT_EQ(copying.progress, 40.0);
  EXPECT_TRUE(copying.progress_exact);
  EXPECT_EQ(copying.total_rows, 1000);
  EXPECT_EQ(copying.current_speed, 200.0);
  EXPECT_EQ(copying.eta_seconds, 3);

  lab.backend.write(run, kSwappingOutput + kSwappedOutput);
  {
    const auto guard = lab.targets.lock();
    lab.targets.databases["shop"]["orders"].facts.free_bytes = 100;
  }
  lab.exit(run, 0);
  ASSERT_TRUE(lab.ends("e1", ExecutionStatus::kCompleted));
  ASSERT_TRUE(eventually([&] { return actor->ended(); }));
  const Execution done = lab.at();
  EXPECT_EQ(done.run.stage, Stage::kDone);
  EXPECT_EQ(done.run.progress, 100.0);
  EXPECT_EQ(done.run.processed_rows, 1000);
  EXPECT_EQ(done.avg_speed, 200.0);
  EXPECT_EQ(done.data_size_bytes, 1200);
  EXPECT_EQ(done.reclaimed_bytes, 400);
  EXPECT_TRUE(done.error_message.empty());
  EXPECT_TRUE(done.attention.empty());
  EXPECT_EQ(lab.logOf(), EngineLab::successLog());
  EXPECT_EQ(lab.publishedLog(), EngineLab::successLog());
  EXPECT_EQ(lab.store.latestRun("e1")->exit_code, 0);
  EXPECT_TRUE(lab.backend.run(run).cleaned);
  EXPECT_TRUE(lab.targets.dropped.empty());
  EXPECT_EQ(lab.ended_actors, 1);
  const auto changes = lab.events.of<ExecutionChanged>();
  ASSERT_FALSE(changes.empty());
  EXPECT_EQ(changes.back().status, ExecutionStatus::kCompleted);
  EXPECT_EQ(changes.back().run.stage, Stage::kDone);
}

TEST(RunActor, ReadsPlainOutputWhereThereIsNoObserver) {
  EngineLab lab;
  const auto actor = lab.actor(lab.claimed());
  const std::string run = lab.startedRun();
  const std::vector<std::string> lines{"Creating new table...",
                                       "Created new table shop._orders_new OK.",
                                       "2026-01-01T00:00:01 Creating triggers...",
                                       "2026-01-01T00:00:02 Copying approximately 1000 rows...",
                                       "Copying `shop`.`orders`:  40% 00:30 remain"};
  for (const auto& line : lines) lab.backend.write(run, line + "\n");
  ASSERT_TRUE(eventually([&] { return lab.at().run.progress == 40.0; }));
  EXPECT_FALSE(lab.at().run.progress_exact);
  EXPECT_EQ(lab.at().run.eta_seconds, 30);
  const std::vector<std::string> rest{"2026-01-01T00:01:00 Copied rows OK.",
                                      "2026-01-01T00:01:00 Swapping tables...",
                                      "2026-01-01T00:01:00 Swapped original and new tables OK.",
                                      "Successfully altered `shop`.`orders`."};
  // The last line has no end: it is a line all the same.
  lab.backend.write(run, rest[0] + "\n" + rest[1] + "\n" + rest[2] + "\n" + rest[3]);
  lab.exit(run, 0);
  ASSERT_TRUE(lab.ends("e1", ExecutionStatus::kCompleted));
  EXPECT_EQ(lab.logOf(), joined({lines, rest}));
}

TEST(RunActor, ShowsTheTargetsLoad) {
  EngineLab lab;
  const auto actor = lab.actor(lab.claimed());
  ASSERT_FALSE(lab.startedRun().empty());
  ASSERT_TRUE(eventually([&] { return lab.at().run.load.has_value(); }));
  EXPECT_EQ(lab.at().run.load->threads_running, 3);
  EXPECT_EQ(lab.at().run.load->threads_running_limit, 50);
  EXPECT_EQ(lab.at().run.load->threads_connected, 7);
  EXPECT_EQ(lab.at().run.load->threads_connected_limit, 151);
}

TEST(RunActor, LooksForTheServerAgainWhenTheStoreWasAwayAtFirst) {
  EngineLab lab;
  class Flaky final : public ports::TargetDirectory {
   public:
    explicit Flaky(ports::TargetDirectory& real) : real_{real} {}
    TargetAddress addressOf(const std::string& id) override {
      if (++calls_ == 2) throw StoreUnavailable{"away just then"};
      return real_.addressOf(id);
    }

   private:
    ports::TargetDirectory& real_;
    std::atomic<int> calls_ = 0;
  } flaky{lab.directory};
  EngineContext context{lab.store,  flaky,     lab.targets, lab.launch_check,     lab.backends,
                        lab.events, lab.clock, lab.log,     lab.context.settings, "n1",
                        "",         ""};
  const RunActor actor{context, lab.claimed(), [] {}};
  EXPECT_TRUE(eventually([&] { return lab.at().run.load.has_value(); }));
}

struct Refusal {
  const char* name;
  std::function<void(EngineLab&)> arrange;
  const char* reason;  ///< part of the English sentence
};

class RefusedBeforeTheStart : public testing::TestWithParam<Refusal> {};

TEST_P(RefusedBeforeTheStart, EndsFailedWithTheReasonAndStartsNothing) {
  EngineLab lab;
  GetParam().arrange(lab);
  const auto actor = lab.actor(lab.claimed());
  ASSERT_TRUE(lab.ends("e1", ExecutionStatus::kFailed));
  ASSERT_TRUE(eventually([&] { return actor->ended(); }));
  const Execution e = lab.at();
  EXPECT_NE(e.error_message.en.find(GetParam().reason), std::string::npos) << e.error_message.en;
  EXPECT_FALSE(e.error_message.zh.empty());
  EXPECT_TRUE(lab.backend.started().empty());
  EXPECT_TRUE(lab.targets.dropped.empty());
  EXPECT_TRUE(e.end_time.has_value());
  const auto changes = lab.events.of<ExecutionChanged>();
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].status, ExecutionStatus::kFailed);
  EXPECT_EQ(changes[0].error_message, e.error_message);
}

INSTANTIATE_TEST_SUITE_P(
    Reasons, RefusedBeforeTheStart,
    testing::Values(
        Refusal{"ChangedSinceTheSubmission",
                [](EngineLab& lab) {
                  lab.launch_check.answerWith([](const Execution& e) {
                    return Text{"有重复值", e.id + " would lose rows"};
                  });
                },
                "e1 would lose rows"},
        Refusal{"CheckFails",
                [](EngineLab& lab) {
                  lab.launch_check.answerWith([](const Execution&) -> Text {
                    throw ServiceError{ErrorCode::kUnavailable, {"没有工具", "the tool is gone"}};
                  });
                },
                "the tool is gone"},
        Refusal{"BackendMissing", [](EngineLab& lab) { lab.backends.backends.clear(); },
                "There is no backend local"},
        Refusal{"TargetUnreachable",
                [](EngineLab& lab) {
                  lab.targets.connect_error = TargetError{2002, "no route"};
                },
                "Cannot reach the target server: no route"},
        Refusal{"TargetFailsInBetween",
                [](EngineLab& lab) {
                  lab.targets.query_error = TargetError{2013, "Lost it"};
                },
                "Lost it"},
        Refusal{"ConnectionGone", [](EngineLab& lab) { lab.directory.addresses.clear(); },
                "There is no such connection"},
        Refusal{"BackendCannotStart",
                [](EngineLab& lab) {
                  lab.backend.start_error = BackendError{BackendError::Kind::kRefused, "no tool"};
                },
                "could not start the run: no tool"}),
    [](const auto& param) { return std::string{param.param.name}; });

/// A check of many questions, each as short as a test wants.
Text questionsUntilInterrupted(const Execution&, const ports::LaunchCheck::GoesOn& goes_on) {
  if (eventually([&] { return !goes_on(); })) throw ports::LaunchCheck::Interrupted{};
  return sameText("nobody interrupted");
}

TEST(RunActor, AStopInterruptsTheLaunchCheck) {
  EngineLab lab;
  lab.launch_check.answerAsking(questionsUntilInterrupted);
  const auto actor = lab.actor(lab.claimed());
  ASSERT_TRUE(eventually([&] { return !lab.launch_check.asked().empty(); }));
  actor->requestStop();
  EXPECT_TRUE(lab.ends("e1", ExecutionStatus::kCancelled));
  EXPECT_TRUE(lab.backend.started().empty());
  EXPECT_TRUE(lab.at().error_message.empty());
}

TEST(RunActor, DetachingInterruptsTheLaunchCheckAndLeavesTheExecutionAsItIs) {
  EngineLab lab;
  lab.launch_check.answerAsking(questionsUntilInterrupted);
  auto actor = lab.actor(lab.claimed());
  ASSERT_TRUE(eventually([&] { return !lab.launch_check.asked().empty(); }));
  actor.reset();
  EXPECT_EQ(lab.at().status, ExecutionStatus::kRunning);
  EXPECT_TRUE(lab.backend.started().empty());
}

TEST(RunActor, ABackendThatCannotStartIsExplainedInTheLanguageOfTheReader) {
  EngineLab lab;
  lab.backend.start_error = BackendError{BackendError::Kind::kRefused, Text{"没有工具", "no tool"}};
  const auto actor = lab.actor(lab.claimed());
  ASSERT_TRUE(lab.ends("e1", ExecutionStatus::kFailed));
  EXPECT_EQ(lab.at().error_message.zh, "执行后端无法启动运行：没有工具");
  EXPECT_EQ(lab.at().error_message.en, "The backend could not start the run: no tool");
}

TEST(RunActor, AStopWhileTheLaunchIsCheckedCancelsWhateverTheCheckFinds) {
  for (const std::string finding : {"", "duplicates", "error"}) {
    EngineLab lab;
    std::atomic<bool> go = false;
    lab.launch_check.answerWith([&](const Execution&) {
      eventually([&] { return go.load(); });
      if (finding == "error") throw ServiceError{ErrorCode::kConnectionFailed, sameText(finding)};
      return sameText(finding);
    });
    const auto actor = lab.actor(lab.claimed());
    ASSERT_TRUE(eventually([&] { return !lab.launch_check.asked().empty(); }));
    actor->requestStop();
    go = true;
    EXPECT_TRUE(lab.ends("e1", ExecutionStatus::kCancelled)) << finding;
    EXPECT_TRUE(lab.backend.started().empty());
    EXPECT_TRUE(lab.at().error_message.empty());
  }
}

TEST(RunActor, AShutdownWhileTheLaunchIsCheckedStartsNothing) {
  EngineLab lab;
  std::atomic<bool> go = false;
  lab.launch_check.answerWith([&](const Execution&) {
    eventually([&] { return go.load(); });
    return Text{};
  });
  const auto actor = lab.actor(lab.claimed());
  ASSERT_TRUE(eventually([&] { return !lab.launch_check.asked().empty(); }));
  actor->detach();
  go = true;
  ASSERT_TRUE(eventually([&] { return actor->ended(); }));
  EXPECT_TRUE(lab.backend.started().empty());
  EXPECT_EQ(lab.at().status, ExecutionStatus::kRunning);
}

TEST(RunActor, AnExecutionStoppedBeforeTheStartIsCancelled) {
  EngineLab lab;
  Execution execution = lab.claimed();
  execution.stop_requested = true;
  const auto actor = lab.actor(execution);
  ASSERT_TRUE(lab.ends("e1", ExecutionStatus::kCancelled));
  EXPECT_TRUE(lab.backend.started().empty());
  EXPECT_TRUE(lab.targets.connections.empty());
}

TEST(RunActor, AStopDuringTheLastLookPreventsTheStart) {
  EngineLab lab;
  std::unique_ptr<RunActor> actor;
  {
    const auto guard = lab.targets.lock();  // the look waits
    actor = lab.actor(lab.claimed());
    actor->requestStop();
  }
  ASSERT_TRUE(lab.ends("e1", ExecutionStatus::kCancelled));
  EXPECT_TRUE(lab.backend.started().empty());
}

TEST(RunActor, AFailedRunNamesTheCause) {
  EngineLab lab;
  const auto actor = lab.actor(lab.claimed());
  const std::string run = lab.startedRun();
  lab.backend.write(run, kCreatedOutput +
                             "2026-01-01T00:00:03 Error altering new table: "
                             "Duplicate column name 'note' at /usr/bin/pt line 12.\n");
  lab.exit(run, 11);
  ASSERT_TRUE(lab.ends("e1", ExecutionStatus::kFailed));
  const Execution e = lab.at();
  EXPECT_NE(e.error_message.en.find("The column exists already"), std::string::npos)
      << e.error_message.en;
  EXPECT_EQ(e.error_message.en.find("line 12"), std::string::npos) << e.error_message.en;
  EXPECT_TRUE(e.attention.empty()) << e.attention.en;
  EXPECT_EQ(lab.store.latestRun("e1")->exit_code, 11);
  EXPECT_NE(e.run.progress, 100.0);
}

TEST(RunActor, ALostRunAsksForAPerson) {
  EngineLab lab;
  const auto actor = lab.actor(lab.claimed());
  const std::string run = lab.startedRun();
  lab.backend.write(run, kCreatedOutput + kCopyingOutput);
  ASSERT_TRUE(lab.reaches(Stage::kCopyingData));
  lab.backend.end(run, {ports::RunState::kLost, {}, {}, {}});
  ASSERT_TRUE(lab.ends("e1", ExecutionStatus::kFailed));
  EXPECT_NE(lab.at().error_message.en.find("vanished"), std::string::npos);
  EXPECT_FALSE(lab.at().attention.empty());
}

TEST(RunActor, ARunWhoseRecordIsGoneIsLost) {
  EngineLab lab;
  const auto actor = lab.actor(lab.claimed());
  const std::string run = lab.startedRun();
  lab.backend.write(run, kCreatedOutput);
  ASSERT_TRUE(lab.reaches(Stage::kCreatingTriggers));
  lab.backend.forget(run);
  ASSERT_TRUE(lab.ends("e1", ExecutionStatus::kFailed));
  EXPECT_NE(lab.at().error_message.en.find("vanished"), std::string::npos);
  EXPECT_EQ(lab.logOf(), kCreatedLog);
}

TEST(RunActor, SaysThatTheBackendIsAwayAndGoesOn) {
  EngineLab lab;
  const auto actor = lab.actor(lab.claimed());
  const std::string run = lab.startedRun();
  lab.backend.write(run, kCreatedOutput);
  ASSERT_TRUE(lab.reaches(Stage::kCreatingTriggers));
  lab.backend.unreachable = true;
  ASSERT_TRUE(eventually([&] { return !lab.at().run.throttled_by.empty(); }));
  EXPECT_NE(lab.at().run.throttled_by.en.find("no route to the fake"), std::string::npos);
  EXPECT_EQ(lab.at().status, ExecutionStatus::kRunning);
  lab.backend.unreachable = false;
  ASSERT_TRUE(eventually([&] { return lab.at().run.throttled_by.empty(); }));
  lab.backend.write(run, kCopyingOutput + kSwappingOutput + kSwappedOutput);
  lab.exit(run, 0);
  ASSERT_TRUE(lab.ends("e1", ExecutionStatus::kCompleted));
  EXPECT_EQ(lab.logOf(), EngineLab::successLog());
}

TEST(RunActor, StoresMuchOutputWholeAndInOrder) {
  EngineLab lab;
  const auto actor = lab.actor(lab.claimed());
  const std::string run = lab.startedRun();
  std::vector<std::string> lines;
  std::string output;
  for (int i = 0; i < 16000; ++i) {
    lines.push_back("line " + std::to_string(i) + " " + std::string(60, 'x'));
    output += lines.back() + "\n";
  }
  ASSERT_GT(output.size(), std::size_t{1} << 20);  // more than the pump's buffer holds
  lab.backend.write(run, output);
  lab.exit(run, 1);
  ASSERT_TRUE(eventually([&] { return lab.store.lastLogLine("e1") > 8000; }));
  ASSERT_TRUE(lab.ends("e1", ExecutionStatus::kFailed));
  EXPECT_EQ(lab.logOf(), lines);
  EXPECT_EQ(lab.store.latestRun("e1")->output_offset, std::ssize(output));
}

}  // namespace
}  // namespace oscar::engine
