#include "plugin_runtime/probe_cache.hpp"

#include "support/fake_clock.hpp"

#include <atomic>
#include <future>
#include <thread>

namespace oscar::plugin_runtime {
namespace {

using namespace std::chrono_literals;

ProbeResult ready() {
  ProbeResult result;
  result.report.ready = true;
  return result;
}

TEST(ProbeCache, AsksAgainOnlyWhenTheResultIsOld) {
  test::FakeClock clock;
  std::atomic<int> probes{0};
  ProbeCache cache{clock, [&] {
                     return [&] {
                       ++probes;
                       return ready();
                     };
                   }};
  EXPECT_TRUE(cache.get(5s).report.ready);
  EXPECT_TRUE(cache.get(5s).report.ready);
  EXPECT_EQ(probes, 1);
  clock.advance(4900ms);
  cache.get(5s);
  EXPECT_EQ(probes, 1);
  clock.advance(200ms);
  cache.get(5s);
  EXPECT_EQ(probes, 2);
  cache.invalidate();
  cache.get(5s);
  EXPECT_EQ(probes, 3);
}

TEST(ProbeCache, BoundsTheWaitForASlowProbeAndRunsItOnce) {
  test::FakeClock clock;
  std::promise<void> release;
  std::shared_future<void> released = release.get_future().share();
  std::atomic<int> probes{0};
  ProbeCache cache{clock, [&] {
                     return [&probes, released] {
                       ++probes;
                       released.wait();
                       return ready();
                     };
                   }};
  const auto begun = std::chrono::steady_clock::now();
  const ProbeResult waiting = cache.get(30ms);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 2s);
  EXPECT_FALSE(waiting.report.ready);
  EXPECT_FALSE(waiting.report.reason.empty());
  EXPECT_FALSE(cache.get(1ms).report.ready);
  EXPECT_EQ(probes, 1);
  release.set_value();
  EXPECT_TRUE(cache.get(5s).report.ready);
  EXPECT_EQ(probes, 1);
}

TEST(ProbeCache, GivesTheLastKnownResultWhileItProbesAgain) {
  test::FakeClock clock;
  std::promise<void> release;
  std::shared_future<void> released = release.get_future().share();
  std::atomic<int> probes{0};
  ProbeCache cache{clock, [&] {
                     return [&probes, released] {
                       if (++probes > 1) released.wait();
                       return ready();
                     };
                   }};
  EXPECT_TRUE(cache.get(5s).report.ready);
  clock.advance(6s);
  EXPECT_TRUE(cache.get(10ms).report.ready);
  EXPECT_EQ(probes, 2);
  release.set_value();
}

TEST(ProbeCache, ReleasesWhatAProbeHeldBeforeItsResultIsSeen) {
  test::FakeClock clock;
  auto instance = std::make_shared<int>(1);
  ProbeCache cache{clock, [&] { return [held = instance] { return ready(); }; }};
  cache.get(5s);
  EXPECT_EQ(instance.use_count(), 1);
}

}  // namespace
}  // namespace oscar::plugin_runtime
