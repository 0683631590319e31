#include "engine/load_sampler.hpp"

#include "engine_lab.hpp"

#include <gtest/gtest.h>

namespace oscar::engine {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace): the lab's names read as words here

std::unique_ptr<LoadSampler> sampler(
    EngineLab& lab, LoadSampler::Limits limits, std::function<void()> notify = [] {}) {
  return std::make_unique<LoadSampler>(lab.targets, lab.directory.addresses["c1"], limits,
                                       lab.clock, std::chrono::seconds{1}, std::move(notify));
}

TEST(LoadSampler, SamplesBesideTheLimits) {
  EngineLab lab;
  std::atomic<int> told = 0;
  const auto s = sampler(lab, {120, 50}, [&] { ++told; });
  ASSERT_TRUE(eventually([&] { return s->latest().has_value(); }));
  EXPECT_EQ(*s->latest(), (LoadSample{lab.clock.now(), 7, 120, 3, 50}));
  EXPECT_TRUE(eventually([&] { return told >= 1; }));
}

TEST(LoadSampler, TakesMaxConnectionsWhereNoLimitIsKnown) {
  EngineLab lab;
  const auto s = sampler(lab, {0, 0});
  ASSERT_TRUE(eventually([&] { return s->latest().has_value(); }));
  EXPECT_EQ(s->latest()->threads_connected_limit, 151);
  EXPECT_EQ(s->latest()->threads_running_limit, 0);
}

TEST(LoadSampler, HasNoSampleWhileTheServerIsAway) {
  EngineLab lab;
  const auto s = sampler(lab, {});
  ASSERT_TRUE(eventually([&] { return s->latest().has_value(); }));
  const auto setErrors = [&](std::optional<ports::TargetError> error) {
    const auto guard = lab.targets.lock();
    lab.targets.query_error = error;
    lab.targets.connect_error = error;
  };
  setErrors(ports::TargetError{2013, "Lost connection"});
  EXPECT_TRUE(eventually([&] { return !s->latest().has_value(); }));
  {
    const auto guard = lab.targets.lock();
    lab.targets.status["Threads_running"] = "9";
  }
  setErrors(std::nullopt);
  ASSERT_TRUE(eventually([&] { return s->latest().has_value(); }));
  EXPECT_EQ(s->latest()->threads_running, 9);
  const auto guard = lab.targets.lock();
  EXPECT_GE(lab.targets.connections.size(), 2u);  // a new connection, not the broken one
}

TEST(LoadSampler, EndsAtOnceInTheMiddleOfAnInterval) {
  EngineLab lab;
  const auto begin = std::chrono::steady_clock::now();
  {
    const auto s = sampler(lab, {});
    ASSERT_TRUE(eventually([&] { return s->latest().has_value(); }));
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds{800});
}

TEST(ShownLimits, AreThoseOfTheCommandLine) {
  struct Case {
    std::optional<std::string> max;
    std::optional<std::string> critical;
    std::int64_t connected;
    std::int64_t running;
  };
  const std::vector<Case> cases{
      {std::nullopt, std::nullopt, 0, 50},
      {"", "", 0, 50},  // as if not given
      {"Threads_connected:12000,Threads_running=25", std::nullopt, 12000, 25},
      {"Threads_connected=90, Threads_running=40", std::nullopt, 90, 40},
      {"threads_running=30", std::nullopt, 0, 30},
      {"Threads_connected=90", std::nullopt, 90, 200},   // where it gives up
      {"Threads_running", "Threads_running=70", 0, 70},  // pt-osc takes a figure of its own
      {"Threads_running=99999999999999999999", "x=1", 0, 1'000'000'000},
      {"Threads_running_x=1", "x=1", 0, 0},
      {"rubbish!", std::nullopt, 0, 0},
  };
  for (const auto& c : cases) {
    ExecutionParams params;
    params.max_load = c.max;
    params.critical_load = c.critical;
    const auto shown = shownLimits(params, {});
    EXPECT_EQ(shown.threads_connected, c.connected) << c.max.value_or("-");
    EXPECT_EQ(shown.threads_running, c.running) << c.max.value_or("-");
  }
}

}  // namespace
}  // namespace oscar::engine
