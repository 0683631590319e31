// Supervision that fails is tried again, ever less often, and people are told.
#include "engine/supervision_failures.hpp"

#include "engine/engine.hpp"
#include "engine_lab.hpp"
#include "support/fake_event_subscriber.hpp"

#include <gtest/gtest.h>

namespace oscar::engine {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace): the lab's names read as words here
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(SupervisionFailures, WaitTwiceAsLongEachTimeUpToAMinute) {
  SupervisionFailures failures;
  SupervisionFailures::Time now{};
  for (const int delay : {1, 2, 4, 8, 16, 32, 60, 60}) {
    failures.add("e1", "why", now);
    EXPECT_FALSE(failures.mayTry("e1", now + seconds{delay} - milliseconds{1})) << delay;
    EXPECT_FALSE(failures.due(now + seconds{delay} - milliseconds{1})) << delay;
    EXPECT_TRUE(failures.mayTry("e1", now + seconds{delay})) << delay;
    EXPECT_TRUE(failures.due(now + seconds{delay})) << delay;
    now += seconds{delay};
    failures.tried("e1");
    EXPECT_FALSE(failures.due(now + seconds{1000})) << "it is being tried";
  }
  EXPECT_TRUE(failures.mayTry("another", now));
}

TEST(SupervisionFailures, TellOnceFromTheThirdOn) {
  SupervisionFailures failures;
  const SupervisionFailures::Time now{};
  failures.add("e1", "first", now);
  failures.add("e1", "second", now);
  failures.add("e2", "other", now);
  EXPECT_TRUE(failures.untold().empty());
  failures.add("e1", "third", now);
  EXPECT_EQ(failures.untold(), (std::map<std::string, std::string>{{"e1", "third"}}));
  failures.told("e1");
  EXPECT_TRUE(failures.untold().empty());
  failures.add("e1", "fourth", now);
  EXPECT_TRUE(failures.untold().empty());
  failures.forget("e1");
  failures.add("e1", "first again", now);
  EXPECT_TRUE(failures.untold().empty());
  failures.keepOnly({"e1"});
  EXPECT_FALSE(failures.mayTry("e1", now));
  EXPECT_TRUE(failures.mayTry("e2", now)) << "it is not ours any more";
}

/// A scheduler whose clock a test turns.
struct FailingLab : EngineLab {
  FakeEventSubscriber bus;
  std::unique_ptr<Engine> engine = std::make_unique<Engine>(context, bus);

  int failed() {
    int n = 0;
    for (const auto& line : log.lines()) {
      n += line.text.find("supervision failed") != std::string::npos ? 1 : 0;
    }
    return n;
  }
  /// Turns the clock until the condition holds; the scheduler looks whenever it is woken.
  template <typename F>
  bool inTime(const F& condition, milliseconds step = seconds{1}) {
    return eventually([&] {
      if (condition()) return true;
      clock.advance(step);
      bus.deliver(ExecutionSubmitted{""});
      std::this_thread::sleep_for(milliseconds{5});
      return false;
    });
  }
};

TEST(SupervisionFailures, AreShownFromTheThirdOnAndTriedUntilItWorks) {
  FailingLab lab;
  lab.submit("e1");
  lab.engine->start();
  const std::string run = lab.startedRun();
  lab.store.breakNext("finish", 1000);
  lab.succeed(run);
  ASSERT_TRUE(eventually([&] { return lab.failed() == 1; }));
  EXPECT_TRUE(lab.at().attention.empty());
  ASSERT_TRUE(lab.inTime([&] { return lab.failed() == 2; }));
  EXPECT_TRUE(lab.at().attention.empty());
  ASSERT_TRUE(lab.inTime([&] { return !lab.at().attention.empty(); }));
  EXPECT_GE(lab.failed(), 3);
  for (const char* part : {"a defect", "keeps trying", "oscard's log"}) {
    EXPECT_NE(lab.at().attention.en.find(part), std::string::npos) << lab.at().attention.en;
  }
  EXPECT_FALSE(lab.at().attention.zh.empty());
  EXPECT_EQ(lab.at().status, ExecutionStatus::kRunning);
  EXPECT_EQ(lab.events.of<ExecutionChanged>().back().attention, lab.at().attention);

  lab.store.breakNext("finish", 0);
  ASSERT_TRUE(lab.inTime([&] { return lab.at().status == ExecutionStatus::kCompleted; }));
  EXPECT_TRUE(lab.at().attention.empty());
  EXPECT_EQ(lab.backend.started().size(), 1u);
  EXPECT_EQ(lab.logOf(), EngineLab::successLog());
}

TEST(SupervisionFailures, AreToldWhenTheStoreIsBackAndWithdrawnWhenItWorks) {
  FailingLab lab;
  lab.launch_check.answerWith(
      [](const Execution&) -> Text { throw std::logic_error{"a defect of the check"}; });
  lab.store.failNext("setAttention", 2);
  lab.submit("e1");
  lab.engine->start();
  ASSERT_TRUE(lab.inTime([&] { return !lab.at().attention.empty(); }));
  EXPECT_TRUE(lab.backend.started().empty());
  lab.launch_check.answerWith([](const Execution&) { return Text{}; });
  std::string run;
  ASSERT_TRUE(lab.inTime([&] { return !lab.backend.started().empty(); }));
  run = lab.startedRun();
  lab.backend.write(run, kCreatedOutput);
  ASSERT_TRUE(lab.reaches(Stage::kCreatingTriggers));
  EXPECT_FALSE(lab.at().attention.empty()) << "it may fail again at once";
  EXPECT_FALSE(lab.events.of<ExecutionChanged>().back().attention.empty());
  lab.store.failNext("setAttention", 1);
  ASSERT_TRUE(lab.inTime([&] { return lab.at().attention.empty(); }, seconds{10}));
  ASSERT_TRUE(
      eventually([&] { return lab.events.of<ExecutionChanged>().back().attention.empty(); }));
  EXPECT_EQ(lab.at().status, ExecutionStatus::kRunning);
}

TEST(SupervisionFailures, OfOneExecutionDoNotConcernAnother) {
  FailingLab lab;
  lab.context.settings.max_per_server = 10;
  lab.engine = std::make_unique<Engine>(lab.context, lab.bus);
  lab.addTable("other");
  lab.launch_check.answerWith([](const Execution& e) -> Text {
    if (e.id == "e1") throw std::logic_error{"a defect"};
    return {};
  });
  lab.submit("e1");
  lab.submit("e2", "other");
  lab.engine->start();
  ASSERT_TRUE(lab.inTime([&] { return !lab.at("e1").attention.empty(); }));
  lab.succeed(lab.startedRun("e2"));
  ASSERT_TRUE(lab.ends("e2", ExecutionStatus::kCompleted));
  EXPECT_TRUE(lab.at("e2").attention.empty());
}

}  // namespace
}  // namespace oscar::engine
