#include "engine/output_pump.hpp"

#include "engine_lab.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <functional>

namespace oscar::engine {
namespace {

using ports::BackendError;
using ports::RunState;
using test::eventually;
using test::FakeBackend;

/// A backend of which each call of `attach` does what the test wrote down; then the run has ended.
class ScriptedBackend final : public ports::ExecutionBackend {
 public:
  using Attach = std::function<void(std::uint64_t, const Output&, const std::atomic<bool>&)>;

  explicit ScriptedBackend(std::deque<Attach> script) : script_{std::move(script)} {}

  void attach(const std::string&, std::uint64_t offset, const Output& output,
              const std::atomic<bool>& stop) override {
    Attach step;
    {
      const std::lock_guard lock{mutex_};
      offsets_.push_back(offset);
      if (script_.empty()) return;
      step = std::move(script_.front());
      script_.pop_front();
    }
    step(offset, output, stop);
  }
  ports::RunEnd status(const std::string&) override { return {RunState::kExited, 0, {}, {}}; }

  ports::BackendReport probe() override { return {}; }
  std::string start(const ports::RunSpec&) override { return {}; }
  std::optional<std::string> recover(const std::string&) override { return {}; }
  void set(const std::string&, ports::Control, const std::string&) override {}
  void clear(const std::string&, ports::Control) override {}
  void stop(const std::string&, bool) override {}
  void cleanup(const std::string&) override {}

  std::vector<std::uint64_t> offsets() const {
    const std::lock_guard lock{mutex_};
    return offsets_;
  }

 private:
  mutable std::mutex mutex_;
  std::deque<Attach> script_;
  std::vector<std::uint64_t> offsets_;
};

/// Takes everything until the pump is finished; what came before 5 s otherwise.
std::string drain(OutputPump& pump) {
  std::string all;
  eventually([&] {
    const bool finished = pump.finished();
    all += pump.take(1 << 20);
    return finished;
  });
  return all;
}

void nothing() {}

std::string pattern(std::size_t size) {
  std::string bytes(size, ' ');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>('a' + i * 7 % 26);
  return bytes;
}

TEST(OutputPump, DeliversTheBytesInOrderFromTheOffset) {
  FakeBackend backend;
  const std::string run = backend.start({"r1", {}, {}});
  backend.write(run, "0123456789");
  OutputPump pump{backend, run, 4, nothing};
  EXPECT_TRUE(eventually([&] { return pump.take(3) == "456"; }));
  EXPECT_EQ(pump.take(100), "789");
  backend.write(run, "abc");
  std::string more;
  EXPECT_TRUE(eventually([&] { return (more += pump.take(100)) == "abc"; }));
  EXPECT_FALSE(pump.finished());
  backend.end(run, {RunState::kExited, 0, {}, {}});
  EXPECT_TRUE(eventually([&] { return pump.finished(); }));
  EXPECT_EQ(pump.trouble().en, "");
}

TEST(OutputPump, ADefectIsATroubleThatMayPass) {
  FakeBackend backend;
  const std::string run = backend.start({"r1", {}, {}});
  backend.write(run, "last words");
  backend.end(run, {RunState::kExited, 0, {}, {}});
  backend.broken = true;
  OutputPump pump{backend, run, 0, nothing};
  EXPECT_TRUE(eventually([&] { return pump.trouble().en == "a defect"; }));
  EXPECT_EQ(pump.take(100), "last words");
  EXPECT_FALSE(pump.finished());
  backend.broken = false;
  EXPECT_TRUE(eventually([&] { return pump.finished(); }));
  EXPECT_EQ(pump.trouble().en, "");
}

TEST(OutputPump, TellsWheneverThereIsSomethingNew) {
  FakeBackend backend;
  const std::string run = backend.start({"r1", {}, {}});
  std::atomic<int> told = 0;
  OutputPump pump{backend, run, 0, [&] { ++told; }};
  backend.write(run, "x");
  EXPECT_TRUE(eventually([&] { return told == 1; }));
  backend.end(run, {RunState::kLost, {}, {}, {}});
  EXPECT_TRUE(eventually([&] { return told == 2; }));
}

TEST(OutputPump, IsNotFinishedBeforeEverythingIsTaken) {
  FakeBackend backend;
  const std::string run = backend.start({"r1", {}, {}});
  backend.write(run, "last words");
  backend.end(run, {RunState::kExited, 0, {}, {}});
  std::atomic<int> told = 0;
  OutputPump pump{backend, run, 0, [&] { ++told; }};
  ASSERT_TRUE(eventually([&] { return told >= 2; }));
  EXPECT_FALSE(pump.finished());
  EXPECT_EQ(pump.take(100), "last words");
  EXPECT_TRUE(pump.finished());
}

TEST(OutputPump, HoldsNoMoreThanItsBufferAndLosesNothing) {
  const std::string bytes = pattern(3 * OutputPump::kMaxBuffered + 17);
  std::atomic<std::size_t> accepted = 0;
  constexpr std::size_t kPiece = 64 * 1024;
  ScriptedBackend backend{{[&](std::uint64_t, const auto& output, const auto&) {
    for (std::size_t at = 0; at < bytes.size(); at += kPiece) {
      if (!output(at, std::string_view{bytes}.substr(at, kPiece))) return;
      accepted = std::min(bytes.size(), at + kPiece);
    }
  }}};
  OutputPump pump{backend, "r", 0, nothing};
  ASSERT_TRUE(eventually([&] { return accepted >= OutputPump::kMaxBuffered; }));
  // Nobody takes: give it every chance to go too far.
  std::this_thread::sleep_for(std::chrono::milliseconds{50});
  EXPECT_EQ(accepted, OutputPump::kMaxBuffered);
  EXPECT_EQ(drain(pump), bytes);
}

TEST(OutputPump, AsksForSpaceBeforeItWaitsForIt) {
  const std::string bytes = pattern(2 * OutputPump::kMaxBuffered);
  ScriptedBackend backend{
      {[&](std::uint64_t, const auto& output, const auto&) { output(0, bytes); }}};
  std::atomic<int> told = 0;
  OutputPump pump{backend, "r", 0, [&] { ++told; }};
  EXPECT_TRUE(eventually([&] { return told == 1; })) << "a whole buffer, and nobody knows";
  EXPECT_EQ(drain(pump), bytes);
}

TEST(OutputPump, AttachesAgainWhereItWasWhenTheBackendWasAway) {
  FakeBackend backend;
  const std::string run = backend.start({"r1", {}, {}});
  backend.write(run, "before ");
  OutputPump pump{backend, run, 0, nothing};
  std::string got;
  ASSERT_TRUE(eventually([&] { return (got += pump.take(100)) == "before "; }));
  backend.unreachable = true;
  ASSERT_TRUE(eventually([&] { return pump.trouble().en == "no route to the fake"; }));
  EXPECT_FALSE(pump.finished());
  backend.write(run, "after");
  backend.end(run, {RunState::kExited, 0, {}, {}});
  backend.unreachable = false;
  EXPECT_EQ(drain(pump), "after");
  EXPECT_EQ(backend.attachedAt(), (std::vector<std::uint64_t>{0, 7}));
  EXPECT_EQ(pump.trouble().en, "");
}

TEST(OutputPump, ARunThatIsSilentAfterTroubleIsNotInTroubleAnyMore) {
  FakeBackend backend;
  const std::string run = backend.start({"r1", {}, {}});
  backend.unreachable = true;
  OutputPump pump{backend, run, 0, nothing};
  ASSERT_TRUE(eventually([&] { return !pump.trouble().empty(); }));
  backend.unreachable = false;
  EXPECT_TRUE(eventually([&] { return pump.trouble().empty(); }));
  EXPECT_FALSE(pump.finished());
}

TEST(OutputPump, AcceptsNeitherRepeatedNorSkippedBytes) {
  for (const std::uint64_t wrong : {std::uint64_t{2}, std::uint64_t{9}}) {
    SCOPED_TRACE(wrong);
    std::atomic<bool> accepted = false;
    ScriptedBackend backend{{
        [&](std::uint64_t, const auto& output, const auto&) {
          output(0, "0123");
          accepted = output(wrong, "WRONG");
        },
        [](std::uint64_t at, const auto& output, const auto&) { output(at, "4567"); },
    }};
    OutputPump pump{backend, "r", 0, nothing};
    // The run has ended, but not everything it wrote has been accepted yet.
    ASSERT_TRUE(eventually([&] { return !pump.trouble().empty(); }));
    EXPECT_FALSE(pump.finished());
    EXPECT_EQ(drain(pump), "01234567");
    EXPECT_FALSE(accepted);
    EXPECT_EQ(backend.offsets(), (std::vector<std::uint64_t>{0, 4}));
  }
}

TEST(OutputPump, EndsWhenTheRunsRecordIsGone) {
  FakeBackend backend;
  const std::string run = backend.start({"r1", {}, {}});
  backend.write(run, "all there ever was");
  OutputPump pump{backend, run, 0, nothing};
  std::string got;
  ASSERT_TRUE(eventually([&] { return (got += pump.take(100)) == "all there ever was"; }));
  backend.forget(run);
  EXPECT_TRUE(eventually([&] { return pump.finished(); }));
}

TEST(OutputPump, CanBeDestroyedWhileAttachBlocks) {
  FakeBackend backend;
  const std::string run = backend.start({"r1", {}, {}});
  for (int i = 0; i < 20; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    { const OutputPump pump{backend, run, 0, nothing}; }
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds{1});
  }
}

TEST(OutputPump, CanBeDestroyedWhileItWaitsForSpaceOrForABackend) {
  const std::string bytes = pattern(OutputPump::kMaxBuffered + 1);
  for (int i = 0; i < 50; ++i) {
    std::atomic<int> told = 0;
    ScriptedBackend backend{
        {[&](std::uint64_t, const auto& output, const auto&) { output(0, bytes); }}};
    const OutputPump pump{backend, "r", 0, [&] { ++told; }};
    // Destroyed about when the pump goes to sleep: a missed wake-up would hang here.
    ASSERT_TRUE(eventually([&] { return told == 1; }));
  }
  FakeBackend away;
  away.unreachable = true;
  const auto begin = std::chrono::steady_clock::now();
  {
    const OutputPump pump{away, "r", 0, nothing};
    ASSERT_TRUE(eventually([&] { return !pump.trouble().empty(); }));
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds{900});
}

}  // namespace
}  // namespace oscar::engine
