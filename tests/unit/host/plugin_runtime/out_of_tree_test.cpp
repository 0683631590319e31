#include "in_process_plugin.hpp"
#include "plugin_runtime/plugin_runtime.hpp"
#include "support/run_program.hpp"
#include "support/temp_folder.hpp"
#include <oscar/sdk/notifier.hpp>
#include <oscar/sdk/testing/fake_sinks.hpp>

#include <fstream>
#include <memory>
#include <sstream>

namespace oscar::plugin_runtime {
namespace {

/// Builds sdk/examples/hello_notifier once, as its author would: outside the tree, against the
/// package of the build tree.
class OutOfTreePlugin : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<test::TempFolder>();
    const std::string build = (folder_->path() / "build").string();
    const auto configured = test::runProgram(
        {"cmake", "-G", "Ninja", "-S", OSCAR_SOURCE_DIR "/sdk/examples/hello_notifier", "-B", build,
         "-DCMAKE_BUILD_TYPE=Debug", "-DOscarSDK_DIR=" OSCAR_BINARY_DIR "/sdk"});
    EXPECT_EQ(configured.status, 0) << configured.output;
    const auto built = test::runProgram({"cmake", "--build", build});
    EXPECT_EQ(built.status, 0) << built.output;
    plugin_folder_ = build + "/plugins/hello_notifier";
  }
  static void TearDownTestSuite() { folder_.reset(); }

  static inline std::unique_ptr<test::TempFolder> folder_;
  static inline std::string plugin_folder_;
};

TEST_F(OutOfTreePlugin, BuildsLoadsAndWorks) {
  const std::string file = (folder_->path() / "messages").string();
  InProcessPlugin host;

  PluginSettings settings;
  settings.paths = {plugin_folder_};
  settings.configuration = {{"hello_notifier", R"({"file":")" + file + R"("})"}};
  PluginRuntime runtime{settings, host.log, host.clock, HostServices{}, "{}"};
  const auto info = runtime.plugins().at(0);
  EXPECT_EQ(info.state, "active") << info.reason.en;
  ASSERT_EQ(info.capabilities.size(), 1u);
  EXPECT_EQ(info.capabilities[0].interface_id, "oscar.Notifier/1");
  EXPECT_TRUE(info.capabilities[0].ready);

  // What the notification service will do with it.
  const auto manifest = readPluginFolder(plugin_folder_);
  ASSERT_TRUE(manifest);
  const auto plugin = negotiate(plugin_folder_, manifest.value());
  ASSERT_TRUE(plugin) << plugin.error().reason.en;
  const auto bridge = std::make_shared<HostBridge>(
      HostBridge::Host{host.log, host.clock, host.services, host.gateway}, "hello_notifier",
      settings.configuration[0].second);
  const auto instance =
      PluginInstance::create(plugin.value(), *plugin.value()->capabilities[0], bridge);
  ASSERT_TRUE(instance) << instance.error();
  sdk::testing::FakeTextSink result;
  sdk::testing::FakeTextSink error;
  const sdk::testing::FakeStopToken stop;
  EXPECT_EQ(
      instance.value()->as<sdk::Notifier>().send(R"({"title":"#42 done"})", stop, result, error),
      sdk::Status::kOk);
  EXPECT_EQ(result.text(), R"({"outcome":"delivered"})");
  std::ifstream in{file};
  std::stringstream text;
  text << in.rdbuf();
  EXPECT_EQ(text.str(), "hello: #42 done\n");
}

TEST_F(OutOfTreePlugin, ShowsItsConstructorsReason) {
  InProcessPlugin host;
  PluginSettings settings;
  settings.paths = {plugin_folder_};
  settings.configuration = {{"hello_notifier", R"({"file":"relative"})"}};
  PluginRuntime runtime{settings, host.log, host.clock, HostServices{}, "{}"};
  EXPECT_EQ(runtime.plugins().at(0).state, "create_failed");
  EXPECT_THAT(runtime.plugins().at(0).reason.en, ::testing::HasSubstr("absolute path"));
}

}  // namespace
}  // namespace oscar::plugin_runtime
