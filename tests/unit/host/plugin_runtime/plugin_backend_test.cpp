#include "plugin_runtime/plugin_backend.hpp"

#include "in_process_plugin.hpp"
#include "plugin_runtime/attach_call.hpp"
#include "support/fake_api_gateway.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <stdexcept>
#include <thread>

namespace oscar::plugin_runtime {
namespace {

using namespace std::chrono_literals;
using Kind = ports::BackendError::Kind;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Lt;
using ::testing::Not;
using ::testing::SizeIs;

const std::string kHandle = R"({"id":1})";

template <typename Call>
ports::BackendError errorOf(Call&& call) {
  try {
    call();
  } catch (const ports::BackendError& error) {
    return error;
  }
  throw std::logic_error("no BackendError was thrown");
}

TEST(PluginBackend, TranslatesEveryCall) {
  InProcessPlugin plugin;
  PluginBackend backend{plugin.create("good"), plugin.clock};

  const ports::BackendReport report = backend.probe();
  EXPECT_TRUE(report.ready);
  EXPECT_EQ(report.tool.version_number, 30201);
  EXPECT_THAT(report.tool.options, ElementsAre("alter"));

  EXPECT_EQ(backend.start({"r1", {"x"}, {}}), kHandle);
  EXPECT_EQ(backend.recover("known"), kHandle);
  EXPECT_EQ(backend.recover("unknown"), std::nullopt);
  const ports::RunEnd end = backend.status(kHandle);
  EXPECT_EQ(end.state, ports::RunState::kExited);
  EXPECT_EQ(end.exit_code, 3);
  backend.stop(kHandle, true);
}

TEST(PluginBackend, PassesTheSpecOn) {
  InProcessPlugin plugin;
  PluginBackend backend{plugin.create("echo_spec"), plugin.clock};
  EXPECT_EQ(backend.start({"r1", {"a", "{run_dir}"}, {}}),
            R"({"run_id":"r1","argv":["a","{run_dir}"],"files":[]})");
}

TEST(PluginBackend, KeepsThePluginsStatusAndWords) {
  InProcessPlugin plugin;
  PluginBackend backend{plugin.create("refuse"), plugin.clock};
  const auto refused = errorOf([&] { backend.start({"r1", {"x"}, {}}); });
  EXPECT_EQ(refused.kind(), Kind::kRefused);
  EXPECT_STREQ(refused.what(), "no room for a run");
  EXPECT_EQ(errorOf([&] { backend.stop(kHandle, false); }).kind(), Kind::kNotFound);
  EXPECT_EQ(errorOf([&] { backend.cleanup(kHandle); }).kind(), Kind::kUnavailable);
  const auto late = errorOf([&] { backend.set(kHandle, ports::Control::kPause, "v"); });
  EXPECT_EQ(late.kind(), Kind::kTooLate);
  EXPECT_STREQ(late.what(), R"({"set":"pause","value":"v"})");
  EXPECT_STREQ(errorOf([&] { backend.clear(kHandle, ports::Control::kStop); }).what(),
               R"({"clear":"stop"})");
  EXPECT_EQ(backend.fault(), std::nullopt);
}

TEST(PluginBackend, DeliversOutputFromTheOffsetOn) {
  InProcessPlugin plugin;
  PluginBackend backend{plugin.create("good"), plugin.clock};
  std::string text;
  std::uint64_t first = 0;
  const std::atomic<bool> stop{false};
  backend.attach(
      kHandle, 4,
      [&](std::uint64_t offset, std::string_view bytes) {
        first = offset;
        text += bytes;
        return true;
      },
      stop);
  EXPECT_EQ(first, 4u);
  EXPECT_EQ(text, "456789");
}

TEST(PluginBackend, ThrowsOnWhatTheOutputThrewWithoutBlamingThePlugin) {
  InProcessPlugin plugin;
  PluginBackend backend{plugin.create("good"), plugin.clock};
  const std::atomic<bool> stop{false};
  EXPECT_THROW(backend.attach(
                   kHandle, 0,
                   [](std::uint64_t, std::string_view) -> bool {
                     throw std::runtime_error("the store is gone");
                   },
                   stop),
               std::runtime_error);
  EXPECT_EQ(backend.fault(), std::nullopt);
}

TEST(PluginBackend, SurvivesAThrownIntAndStartsNothingMoreThere) {
  InProcessPlugin plugin;
  PluginBackend backend{plugin.create("run_throws_int"), plugin.clock};
  const auto thrown = errorOf([&] { backend.start({"r1", {"x"}, {}}); });
  EXPECT_EQ(thrown.kind(), Kind::kInternal);
  EXPECT_THAT(thrown.what(), HasSubstr("start threw"));
  ASSERT_TRUE(backend.fault());
  EXPECT_TRUE(plugin.log.contains("start threw"));
  const auto next = errorOf([&] { backend.start({"r2", {"x"}, {}}); });
  EXPECT_EQ(next.kind(), Kind::kRefused);
  EXPECT_THAT(next.what(), HasSubstr("restart oscard"));
  EXPECT_THAT(next.message().zh, HasSubstr("重启 oscard"));
  EXPECT_FALSE(backend.probe().ready);
  // Runs that exist stay under control.
  EXPECT_EQ(backend.status(kHandle).exit_code, 3);
  backend.stop(kHandle, true);
}

/// Deadlines that the fixture's hanging calls (400 ms) overrun.
constexpr CallDeadlines kShort{50ms, 60ms};

TEST(PluginBackend, EveryCallHasADeadline) {
  const std::map<std::string, std::function<void(PluginBackend&)>> calls{
      {"start",
       [](PluginBackend& b) {
         b.start({"r1", {"x"}, {}});
       }},
      {"recover", [](PluginBackend& b) { b.recover("known"); }},
      {"status", [](PluginBackend& b) { b.status(kHandle); }},
      {"control", [](PluginBackend& b) { b.set(kHandle, ports::Control::kPause, ""); }},
      {"stop", [](PluginBackend& b) { b.stop(kHandle, true); }},
      {"cleanup", [](PluginBackend& b) { b.cleanup(kHandle); }}};
  for (const auto& [name, call] : calls) {
    SCOPED_TRACE(name);
    InProcessPlugin plugin;
    PluginBackend backend{plugin.create("hangs_in_" + name), plugin.clock, kShort};
    const auto begun = std::chrono::steady_clock::now();
    const auto error = errorOf([&] { call(backend); });
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 350ms);
    EXPECT_EQ(error.kind(), Kind::kUnavailable);
    EXPECT_THAT(error.what(),
                AllOf(HasSubstr("plugin fixture"), HasSubstr(name + " did not return")));
    EXPECT_THAT(error.message().zh, HasSubstr(name + " 在 "));
    EXPECT_THAT(error.message().zh, Not(HasSubstr("did not return")));
    EXPECT_TRUE(plugin.log.contains(name + " did not return"));
    EXPECT_EQ(backend.fault(), std::nullopt) << "slow is not broken";
    const auto report = backend.probe();
    EXPECT_FALSE(report.ready);
    EXPECT_THAT(report.reason.en, HasSubstr("a call of " + name));
    for (int i = 0; i < 200 && !backend.probe().ready; ++i) std::this_thread::sleep_for(10ms);
    EXPECT_TRUE(backend.probe().ready) << "the call has returned";
  }
}

TEST(PluginBackend, ACallThatIsLeftBehindOutlivesTheBackend) {
  InProcessPlugin plugin;
  std::weak_ptr<HostBridge> left;
  {
    PluginBackend backend{plugin.create("hangs_in_status"), plugin.clock, kShort};
    left = plugin.bridge;
    std::string handle = kHandle;
    EXPECT_THROW(backend.status(handle), ports::BackendError);
    handle.assign(handle.size(), 'x');
  }
  EXPECT_FALSE(plugin.log.contains("destroyed"));
  plugin.bridge->disconnect();
  plugin.bridge.reset();
  for (int i = 0; i < 500 && !left.expired(); ++i) std::this_thread::sleep_for(10ms);
  EXPECT_TRUE(left.expired());
}

TEST(PluginBackend, DoesNotSayThatThereIsNoRunWhileItsStartHangs) {
  InProcessPlugin plugin;
  PluginBackend backend{plugin.create("hangs_in_start"), plugin.clock, kShort};
  EXPECT_THROW(backend.start({"r1", {"x"}, {}}), ports::BackendError);
  const auto error = errorOf([&] { backend.recover("r1"); });
  EXPECT_EQ(error.kind(), Kind::kUnavailable);
  EXPECT_THAT(error.what(), HasSubstr("start has not returned yet"));
  EXPECT_EQ(backend.recover("known"), kHandle) << "other runs are not concerned";
  for (int i = 0; i < 200 && !backend.probe().ready; ++i) std::this_thread::sleep_for(10ms);
  EXPECT_EQ(backend.recover("r1"), std::nullopt);
}

TEST(PluginBackend, ReportsAProbeThatThrows) {
  InProcessPlugin plugin;
  PluginBackend backend{plugin.create("probe_throws"), plugin.clock};
  const auto report = backend.probe();
  EXPECT_FALSE(report.ready);
  EXPECT_THAT(report.reason.en, HasSubstr("probe is broken"));
  EXPECT_TRUE(backend.fault());
}

TEST(PluginBackend, RefusesAnEndlessHandle) {
  InProcessPlugin plugin;
  PluginBackend backend{plugin.create("huge_handle"), plugin.clock};
  const auto error = errorOf([&] { backend.start({"r1", {"x"}, {}}); });
  EXPECT_EQ(error.kind(), Kind::kInternal);
  EXPECT_THAT(error.what(), HasSubstr("more than the interface allows"));
}

TEST(PluginBackend, BoundsWhatAPluginLogs) {
  InProcessPlugin plugin;
  PluginBackend backend{plugin.create("huge_log"), plugin.clock};
  backend.start({"r1", {"x"}, {}});
  std::size_t bytes = 0;
  for (const auto& line : plugin.log.lines()) bytes += line.text.size();
  EXPECT_LT(bytes, 64u << 10);
  EXPECT_THAT(plugin.log.lines(), SizeIs(Lt(600u)));
  EXPECT_TRUE(plugin.log.contains("shortened by the host"));
  plugin.clock.advance(11s);
  plugin.bridge->api().log(plugin.bridge->api().context, 2, "later", 5);
  EXPECT_TRUE(plugin.log.contains("log lines of this plugin were dropped"));
  EXPECT_TRUE(plugin.log.contains("later"));
}

TEST(PluginBackend, GivesThePluginItsHost) {
  InProcessPlugin plugin;
  test::FakeApiGateway api;
  api.response = {200, R"({"code":0})"};
  std::vector<std::string> events;
  plugin.services.secret = [](const std::string& id, const std::string& name) {
    return id == "fixture" && name == "token" ? std::optional{Secret{"s3cret"}} : std::nullopt;
  };
  plugin.services.emit = [&](const std::string& id, const std::string& json) {
    events.push_back(id + " " + json);
    return true;
  };
  PluginBackend backend{plugin.create("use_host"), plugin.clock};
  EXPECT_THAT(errorOf([&] {
                backend.start({"r0", {"x"}, {}});
              }).what(),
              HasSubstr("no JSON object"));  // status 0 and no body: nobody serves yet
  plugin.gateway.open(api);
  EXPECT_EQ(backend.start({"r1", {"x"}, {}}),
            R"({"status":200,"body":{"code":0},"secret":"s3cret","now_ms":1767225600000})");
  EXPECT_THAT(events,
              ElementsAre(R"(fixture {"type":"started"})", R"(fixture {"type":"started"})"));
  ASSERT_EQ(api.calls().size(), 1u);
  EXPECT_EQ(api.calls()[0].user_id, "user-1");
  EXPECT_EQ(api.calls()[0].path, "/api/v1/executions");
  EXPECT_TRUE(plugin.log.contains(R"(created with {"behaviour":"use_host"})"));
}

TEST(HostBridge, RefusesEventsThatAreNone) {
  InProcessPlugin plugin;
  int taken = 0;
  plugin.services.emit = [&](const std::string&, const std::string&) { return ++taken > 0; };
  const auto instance = plugin.create("good");
  const oscar_host_api& api = plugin.bridge->api();
  const auto emit = [&](const std::string& json) {
    return api.emit(api.context, json.data(), json.size());
  };
  EXPECT_EQ(emit(R"({"type":"x"})"), 0);
  for (const std::string& bad :
       {std::string{}, std::string{"{}"}, std::string{"[]"}, std::string{R"({"type":5})"},
        R"({"type":"x","fill":")" + std::string(70'000, 'x') + "\"}"}) {
    EXPECT_NE(emit(bad), 0) << bad.substr(0, 20);
  }
  EXPECT_EQ(taken, 1);
}

TEST(HostBridge, DoesNotLetAHostExceptionIntoThePlugin) {
  InProcessPlugin plugin;
  plugin.services.secret = [](const std::string&, const std::string&) -> std::optional<Secret> {
    throw std::runtime_error("the key is gone");
  };
  const auto instance = plugin.create("good");
  sdk::HostApi api{plugin.bridge->api()};
  EXPECT_EQ(api.secret("token"), std::nullopt);
  EXPECT_TRUE(plugin.log.contains("the key is gone"));
}

TEST(HostBridge, SaysNothingOnceDisconnected) {
  InProcessPlugin plugin;
  const auto instance = plugin.create("good");
  plugin.bridge->disconnect();
  sdk::HostApi api{plugin.bridge->api()};
  const std::size_t lines = plugin.log.lines().size();
  api.log(sdk::LogLevel::kError, "too late");
  EXPECT_EQ(plugin.log.lines().size(), lines);
  EXPECT_EQ(api.nowMs(), 0);
  EXPECT_EQ(api.call("u", "GET", "/", "").status, 0);
}

/// Runs an attach whose `stop` is set after 30 ms.
sdk::Status attachAndStop(InProcessPlugin& plugin, const std::string& behaviour,
                          const AttachCall::Output& output, std::string& error) {
  std::atomic<bool> stop{false};
  std::thread stopper{[&] {
    std::this_thread::sleep_for(30ms);
    stop = true;
  }};
  const auto status =
      AttachCall::run(plugin.create(behaviour), kHandle, 0, output, stop, error, 200ms);
  stopper.join();
  return status;
}

TEST(AttachCall, LeavesBehindAPluginThatIgnoresStop) {
  InProcessPlugin plugin;
  std::string text;
  std::string error;
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(attachAndStop(
                plugin, "ignores_stop",
                [&](std::uint64_t, std::string_view bytes) {
                  text += bytes;
                  return true;
                },
                error),
            sdk::Status::kInternal);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 1500ms);
  EXPECT_THAT(error, HasSubstr("ignored the stop token"));
  EXPECT_TRUE(plugin.log.contains("ignored the stop token"));
  std::weak_ptr<HostBridge> left{plugin.bridge};
  plugin.bridge->disconnect();
  plugin.bridge.reset();
  for (int i = 0; i < 500 && !left.expired(); ++i) std::this_thread::sleep_for(10ms);
  EXPECT_TRUE(left.expired()) << "the thread left behind still holds its instance";
  EXPECT_EQ(text, "0123456789") << "it wrote to an output that was gone";
}

TEST(AttachCall, TakesNothingAfterAStop) {
  InProcessPlugin plugin;
  std::string text;
  std::string error;
  EXPECT_EQ(attachAndStop(
                plugin, "writes_after_stop",
                [&](std::uint64_t, std::string_view bytes) {
                  text += bytes;
                  return true;
                },
                error),
            sdk::Status::kOk);
  EXPECT_EQ(text, "0123456789");
}

TEST(AttachCall, DoesNotBlameThePluginForASlowHost) {
  InProcessPlugin plugin;
  std::string error;
  EXPECT_EQ(attachAndStop(
                plugin, "good",
                [&](std::uint64_t, std::string_view) {
                  std::this_thread::sleep_for(600ms);  // longer than the patience of 200 ms
                  return true;
                },
                error),
            sdk::Status::kOk);
  EXPECT_FALSE(plugin.log.contains("ignored"));
}

}  // namespace
}  // namespace oscar::plugin_runtime
