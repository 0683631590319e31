#include "local_run.hpp"

#include <algorithm>
#include <atomic>
#include <ctime>
#include <mutex>
#include <random>

namespace oscar::backend_local {
namespace {

using Clock = std::chrono::steady_clock;

/// What `seq 1 <last>` prints.
std::string numbers(int last) {
  std::string text;
  for (int i = 1; i <= last; ++i) text += std::to_string(i) + '\n';
  return text;
}

TEST_F(LocalRunTest, AttachesAtAnyOffsetByteExactWhileTheToolWrites) {
  const std::string expected = numbers(20000);
  const std::string handle = start(
      "i=0; while [ $i -lt 20000 ]; do seq $((i+1)) $((i+1000)); i=$((i+1000));"
      " sleep 0.02; done");
  std::vector<std::thread> viewers;
  std::atomic<int> exact{0};
  std::minstd_rand random{7};
  std::uniform_int_distribution<std::size_t> anywhere{0, expected.size()};
  for (int i = 0; i < 8; ++i) {
    const std::size_t offset = i == 0 ? 0 : i == 1 ? expected.size() : anywhere(random);
    viewers.emplace_back([&, offset] {
      // Nobody attaches where nothing has been read yet.
      waitUntil([&] { return slurp(root_ + "/" + kRunId + "/output.log").size() >= offset; });
      if (outputOf(handle, offset) == expected.substr(offset)) ++exact;
    });
  }
  for (std::thread& viewer : viewers) viewer.join();
  EXPECT_EQ(exact, 8);
}

TEST_F(LocalRunTest, OutputThatWasCutOffIsNotContinued) {
  const std::string handle = start("echo one; echo two; while [ ! -e go ]; do sleep 0.02; done");
  const std::string log = root_ + "/" + kRunId + "/output.log";
  ASSERT_TRUE(waitUntil([&] { return slurp(log).size() == 8; }));
  sdk::testing::FakeStopToken stop;
  sdk::testing::FakeOutputSink live{0};
  std::thread cut{[&] {
    waitUntil([&] { return live.text().size() == 8; });
    std::filesystem::resize_file(log, 3);
  }};
  EXPECT_EQ(backend().attach(handle, 0, live, stop, error_), Status::kNotFound);
  cut.join();
  sdk::testing::FakeOutputSink later{8};
  EXPECT_EQ(backend().attach(handle, 8, later, stop, error_), Status::kNotFound);
  EXPECT_EQ(later.text(), "");
  EXPECT_NE(statusOf(handle).find("running"), std::string::npos);
}

TEST_F(LocalRunTest, ReturningViewerMissesAndDoublesNothing) {
  const std::string expected = numbers(3000);
  const std::string handle = start(
      "i=0; while [ $i -lt 3000 ]; do seq $((i+1)) $((i+100));"
      " i=$((i+100)); sleep 0.01; done");
  std::string seen;
  for (int rounds = 0; seen.size() < expected.size() && rounds < 1000; ++rounds) {
    sdk::testing::FakeOutputSink sink{seen.size(), 700};  // goes away after 700 bytes or more
    sdk::testing::FakeStopToken stop;
    ASSERT_EQ(backend().attach(handle, seen.size(), sink, stop, error_), Status::kOk);
    ASSERT_TRUE(sink.contiguous());
    seen += sink.text();
  }
  EXPECT_EQ(seen, expected);
}

TEST_F(LocalRunTest, HugeOutputArrivesInBlocks) {
  class CountingSink final : public sdk::OutputSink {
   public:
    bool write(std::uint64_t offset, std::string_view bytes) override {
      in_order_ = in_order_ && offset == size_;
      size_ += bytes.size();
      biggest_ = std::max(biggest_, bytes.size());
      return true;
    }
    std::uint64_t size_ = 0;
    std::size_t biggest_ = 0;
    bool in_order_ = true;
  } sink;
  const std::string handle = start("head -c 100000000 /dev/zero");
  sdk::testing::FakeStopToken stop;
  EXPECT_EQ(backend().attach(handle, 0, sink, stop, error_), Status::kOk);
  EXPECT_EQ(sink.size_, 100'000'000u);
  EXPECT_LE(sink.biggest_, 64u << 10);
  EXPECT_TRUE(sink.in_order_);
}

TEST_F(LocalRunTest, ABlockingSinkHoldsUpNeitherTheToolNorOtherViewers) {
  class SlowSink final : public sdk::OutputSink {
   public:
    bool write(std::uint64_t, std::string_view bytes) override {
      std::unique_lock lock{mutex_};
      open_.wait(lock, [&] { return is_open_; });
      size_ += bytes.size();
      return true;
    }
    void open() {
      std::lock_guard lock{mutex_};
      is_open_ = true;
      open_.notify_all();
    }
    std::mutex mutex_;
    std::condition_variable open_;
    bool is_open_ = false;
    std::size_t size_ = 0;
  } slow;
  const std::string handle = start("head -c 1000000 /dev/zero");
  std::thread viewer{[&] {
    sdk::testing::FakeStopToken stop;
    sdk::testing::FakeTextSink error;
    backend().attach(handle, 0, slow, stop, error);
  }};
  EXPECT_EQ(outputOf(handle).size(), 1'000'000u);
  EXPECT_TRUE(waitForEnd(handle));
  slow.open();
  viewer.join();
  EXPECT_EQ(slow.size_, 1'000'000u);
}

TEST_F(LocalRunTest, ALineReachesTheSinkAtOnceAndWaitingCostsNothing) {
  class TimingSink final : public sdk::OutputSink {
   public:
    bool write(std::uint64_t, std::string_view bytes) override {
      // The tool prints the time at which it writes, in nanoseconds.
      const auto now = std::chrono::duration_cast<std::chrono::nanoseconds>(
                           std::chrono::system_clock::now().time_since_epoch())
                           .count();
      delays_ms_.push_back(static_cast<double>(now - std::stoll(std::string{bytes})) / 1e6);
      return true;
    }
    std::vector<double> delays_ms_;
  } sink;
  const std::string handle =
      start("i=0; while [ $i -lt 40 ]; do i=$((i+1)); sleep 0.05; date +%s%N; done");
  timespec before{};
  timespec after{};
  std::thread viewer{[&] {
    sdk::testing::FakeStopToken stop;
    sdk::testing::FakeTextSink error;
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before);
    backend().attach(handle, 0, sink, stop, error);
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after);
  }};
  viewer.join();
  ASSERT_EQ(sink.delays_ms_.size(), 40u);
  std::sort(sink.delays_ms_.begin(), sink.delays_ms_.end());
  RecordProperty("median_ms", std::to_string(sink.delays_ms_[20]));
  // The median: one core shared with a build may delay single lines.
  EXPECT_LT(sink.delays_ms_[20], 20);
  const double cpu_ms = static_cast<double>(after.tv_sec - before.tv_sec) * 1e3 +
                        static_cast<double>(after.tv_nsec - before.tv_nsec) / 1e6;
  EXPECT_LT(cpu_ms, 100) << "for 2 s of waiting and 40 lines";
}

TEST_F(LocalRunTest, StopTokenEndsAnAttachThatWaits) {
  const std::string handle = start("sleep 300");
  sdk::testing::FakeOutputSink sink;
  sdk::testing::FakeStopToken stop;
  const auto begin = Clock::now();
  std::thread stopper{[&] {
    std::this_thread::sleep_for(std::chrono::milliseconds{100});
    stop.requestStop();
  }};
  EXPECT_EQ(backend().attach(handle, 0, sink, stop, error_), Status::kOk);
  stopper.join();
  EXPECT_LT(Clock::now() - begin, std::chrono::seconds{2});
}

TEST_F(LocalRunTest, AttachEndsWhenTheToolIsLost) {
  const std::string handle = start("echo before; exec sleep 300");
  ASSERT_TRUE(waitUntil([&] { return slurp(path("output.log")) == "before\n"; }));
  const pid_t runner = parentOf(toolOf().pid);
  std::thread killer{[&] {
    std::this_thread::sleep_for(std::chrono::milliseconds{100});
    ::kill(runner, SIGKILL);
    toolOf().signal(SIGKILL);
  }};
  EXPECT_EQ(outputOf(handle), "before\n");
  killer.join();
  EXPECT_THAT(statusOf(handle), ::testing::HasSubstr("lost"));
}

}  // namespace
}  // namespace oscar::backend_local
