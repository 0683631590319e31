#include "plugin_runtime/plugin_runtime.hpp"

#include "support/fake_api_gateway.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_log.hpp"
#include "support/run_program.hpp"
#include "support/temp_folder.hpp"

#include <chrono>
#include <filesystem>

namespace oscar::plugin_runtime {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string fixture(const std::string& name) {
  return OSCAR_BINARY_DIR "/tests/fixtures/plugins/" + name;
}

class PluginRuntimeTest : public ::testing::Test {
 protected:
  PluginRuntime& load(std::vector<std::string> paths) {
    settings_.paths = std::move(paths);
    runtime_ = std::make_unique<PluginRuntime>(settings_, log_, clock_, HostServices{}, facts_);
    return *runtime_;
  }
  ports::PluginInfo loadOne(const std::string& path) { return load({path}).plugins().at(0); }

  PluginSettings settings_;
  test::FakeLog log_;
  test::FakeClock clock_;
  std::string facts_ = "{}";
  std::unique_ptr<PluginRuntime> runtime_;
};

TEST_F(PluginRuntimeTest, ServesAGoodPlugin) {
  facts_ = R"({"run_root":"/data/runs"})";
  settings_.configuration = {{"good", R"({"behaviour":"x"})"}};
  const ports::PluginInfo info = loadOne(fixture("good"));
  EXPECT_EQ(info.id, "good");
  EXPECT_EQ(info.version, "1.0.0");
  EXPECT_EQ(info.state, "active");
  EXPECT_TRUE(info.reason.empty());
  ASSERT_EQ(info.capabilities.size(), 1u);
  EXPECT_EQ(info.capabilities[0].interface_id, "oscar.ExecutionBackend/1");
  EXPECT_EQ(info.capabilities[0].type, "good");
  EXPECT_TRUE(info.capabilities[0].ready);
  EXPECT_THAT(info.capabilities[0].detail, HasSubstr("3.2.1"));
  EXPECT_THAT(info.capabilities[0].config_schema, HasSubstr("behaviour"));

  EXPECT_THAT(runtime_->types(), ElementsAre("good"));
  ports::ExecutionBackend* backend = runtime_->find("good");
  ASSERT_NE(backend, nullptr);
  EXPECT_EQ(backend->start({"r1", {"x"}, {}}), R"({"id":1})");
  EXPECT_TRUE(log_.contains(R"(created with {"behaviour":"x","run_root":"/data/runs"})"));
  runtime_.reset();
  EXPECT_TRUE(log_.contains("destroyed"));
}

TEST_F(PluginRuntimeTest, LoadsAStrippedPlugin) {
  EXPECT_EQ(loadOne(fixture("stripped")).state, "active");
}

TEST_F(PluginRuntimeTest, AGoodPluginExportsOneSymbol) {
  const auto nm = test::runProgram(
      {"nm", "-D", "--defined-only", "--format=just-symbols", fixture("good/libfixture_good.so")});
  ASSERT_EQ(nm.status, 0) << nm.output;
  EXPECT_EQ(nm.output, "oscar_plugin_entry\n");
}

struct Defect {
  const char* name;
  const char* state;
  const char* reason;
};

class DefectTest : public PluginRuntimeTest, public ::testing::WithParamInterface<Defect> {};

TEST_P(DefectTest, IsAStateWithItsReasonInBothLanguages) {
  const ports::PluginInfo info = loadOne(fixture(GetParam().name));
  EXPECT_EQ(info.state, GetParam().state);
  EXPECT_THAT(info.reason.en, HasSubstr(GetParam().reason));
  EXPECT_FALSE(info.reason.zh.empty());
  EXPECT_NE(info.reason.zh, info.reason.en);
  EXPECT_EQ(info.id, GetParam().name);
  ASSERT_FALSE(info.capabilities.empty());
  EXPECT_FALSE(info.capabilities[0].ready);
  EXPECT_FALSE(info.capabilities[0].reason.empty());
  const std::string type = info.capabilities[0].type;
  EXPECT_EQ(runtime_->find(type), nullptr);
  EXPECT_THAT(runtime_->types(), IsEmpty());
  EXPECT_FALSE(runtime_->whyNot(type).empty());
  EXPECT_TRUE(log_.contains(GetParam().state));
}

INSTANTIATE_TEST_SUITE_P(
    All, DefectTest,
    ::testing::Values(
        Defect{"no_entry", "entry_missing", "does not export oscar_plugin_entry"},
        Defect{"null_entry", "bad_descriptor", "returned no descriptor"},
        Defect{"throwing_entry", "bad_descriptor", "the entry threw: against the contract"},
        Defect{"undefined_symbol", "load_failed", "oscar_fixture_nobody_defines_this"},
        Defect{"newer_minor", "abi_too_new", "needs ABI 1.1, this oscard has 1.0"},
        Defect{"other_major", "abi_major_mismatch", "built for ABI major 2"},
        Defect{"wrong_toolchain", "toolchain_mismatch", "gcc1-cxx11abi0-sdk1"},
        Defect{"short_struct", "bad_descriptor", "oscar_plugin_descriptor 8 < 40"},
        Defect{"short_capability", "bad_descriptor", "oscar_capability 16 < 48"},
        Defect{"no_capabilities", "bad_descriptor", "lists no capabilities"},
        Defect{"empty_field", "bad_descriptor", "empty field"},
        Defect{"bad_schema", "bad_descriptor", "\"oneOf\" is not known"},
        Defect{"manifest_mismatch", "manifest_mismatch", "version is 0.9.0 in the file and 1.0.0"},
        Defect{"type_mismatch", "manifest_mismatch", "oscar.ExecutionBackend/1 other"},
        Defect{"unknown_interface", "unknown_interface", "oscar.Teleporter/1"},
        Defect{"create_null", "create_failed", "the moon is in the wrong phase"},
        Defect{"create_throws", "create_failed", "threw an exception: against the contract"}),
    [](const auto& param) { return std::string{param.param.name}; });

TEST_F(PluginRuntimeTest, PutsAConstructorsExceptionIntoTheReason) {
  settings_.configuration = {{"good", R"({"behaviour":"throw_in_constructor"})"}};
  const auto info = loadOne(fixture("good"));
  EXPECT_EQ(info.state, "create_failed");
  EXPECT_THAT(info.reason.en, HasSubstr("cannot write /nowhere"));
}

TEST_F(PluginRuntimeTest, ListsWhatIsConfiguredButNotThere) {
  settings_.configuration = {{"godo", R"({"behaviour":"x"})"}, {"good", "{}"}};
  auto& runtime = load({fixture("good")});
  const auto list = runtime.plugins();
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].state, "active");
  EXPECT_EQ(list[1].id, "godo");
  EXPECT_EQ(list[1].state, "absent");
  EXPECT_THAT(list[1].reason.en, HasSubstr("plugins.configuration.godo has no effect"));
  EXPECT_NE(list[1].reason.zh, list[1].reason.en);
  EXPECT_TRUE(log_.contains("absent: plugins.configuration.godo"));
  EXPECT_THAT(runtime.types(), ElementsAre("good"));
}

TEST_F(PluginRuntimeTest, RefusesTheSecondPluginOfAnId) {
  auto& runtime = load({fixture("good"), fixture("duplicate_id")});
  const auto list = runtime.plugins();
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].state, "active");
  EXPECT_EQ(list[1].state, "duplicate_id");
  EXPECT_THAT(list[1].reason.en, HasSubstr(fixture("good")));
  EXPECT_NE(runtime.find("good"), nullptr);
}

TEST_F(PluginRuntimeTest, RefusesTheSecondProviderOfAType) {
  auto& runtime = load({fixture("good"), fixture("duplicate_type")});
  EXPECT_EQ(runtime.plugins()[1].state, "duplicate_id");
  EXPECT_THAT(runtime.plugins()[1].reason.en, HasSubstr("already provided by the plugin good"));
  EXPECT_THAT(runtime.types(), ElementsAre("good"));
}

TEST_F(PluginRuntimeTest, LeavesADisabledPluginAlone) {
  settings_.configuration = {{"good", R"({"enabled":false})"}};
  const auto info = loadOne(fixture("good"));
  EXPECT_EQ(info.state, "disabled");
  EXPECT_THAT(runtime_->whyNot("good").en, HasSubstr("plugins.configuration.good.enabled"));
  EXPECT_FALSE(log_.contains("created with"));
}

TEST_F(PluginRuntimeTest, NamesEveryWrongFieldOfAConfiguration) {
  settings_.configuration = {{"good", R"({"behaviour":5,"typo":1})"}};
  const auto info = loadOne(fixture("good"));
  EXPECT_EQ(info.state, "config_invalid");
  EXPECT_THAT(info.reason.en, HasSubstr("behaviour must be a string"));
  EXPECT_THAT(info.reason.en, HasSubstr("typo is not a known field"));
}

TEST_F(PluginRuntimeTest, KeepsServingOthersBesideABrokenOne) {
  auto& runtime = load({fixture("create_null"), fixture("other_major"), fixture("good")});
  const auto list = runtime.plugins();
  ASSERT_EQ(list.size(), 3u);
  EXPECT_EQ(list[0].state, "create_failed");
  EXPECT_EQ(list[2].state, "active");
  EXPECT_NE(runtime.find("good"), nullptr);
}

TEST_F(PluginRuntimeTest, ShowsAPluginThatMisbehavedLater) {
  settings_.configuration = {{"good", R"({"behaviour":"run_throws_int"})"}};
  auto& runtime = load({fixture("good")});
  EXPECT_EQ(runtime.plugins()[0].state, "active");
  EXPECT_THROW(runtime.find("good")->start({"r1", {"x"}, {}}), ports::BackendError);
  const auto info = runtime.plugins()[0];
  EXPECT_EQ(info.state, "faulty");
  EXPECT_THAT(info.reason.en, HasSubstr("start threw"));
  EXPECT_FALSE(info.capabilities[0].ready);
  ASSERT_NE(runtime.find("good"), nullptr) << "its runs must stay under control";
}

TEST_F(PluginRuntimeTest, DoesNotHoldAListUpForSlowProbes) {
  settings_.configuration = {{"good", R"({"behaviour":"slow_probe"})"},
                             {"stripped", R"({"behaviour":"slow_probe"})"}};
  auto& runtime = load({fixture("good"), fixture("stripped")});
  const auto begun = std::chrono::steady_clock::now();
  const auto list = runtime.plugins();  // both probes take 400 ms, side by side
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 750ms);
  EXPECT_TRUE(list[0].capabilities[0].ready);
  EXPECT_TRUE(list[1].capabilities[0].ready);
}

TEST_F(PluginRuntimeTest, APluginThatCouldDoNothingNowIsNotReady) {
  settings_.configuration = {{"good", R"({"behaviour":"not_ready"})"}};
  auto& runtime = load({fixture("good")});
  const auto info = runtime.plugins()[0];
  EXPECT_EQ(info.state, "not_ready");
  EXPECT_THAT(info.reason.en, HasSubstr("the tool is missing"));
  EXPECT_FALSE(info.capabilities[0].ready);
  EXPECT_NE(runtime.find("good"), nullptr) << "it is loaded: once the tool is there it serves";
}

TEST_F(PluginRuntimeTest, SaysWhichBackendsThereAre) {
  load({fixture("good")});
  EXPECT_THAT(runtime_->whyNot("docker").en, HasSubstr("Available: good"));
  EXPECT_THAT(runtime_->whyNot("docker").zh, HasSubstr("docker"));
}

TEST_F(PluginRuntimeTest, LendsTheGatewayUntilItIsClosed) {
  settings_.configuration = {{"good", R"({"behaviour":"use_host"})"}};
  test::FakeApiGateway api;
  load({fixture("good")});
  runtime_->openGateway(api);
  EXPECT_THAT(runtime_->find("good")->start({"r1", {"x"}, {}}), HasSubstr("\"status\":200"));
  runtime_->closeGateway();
  EXPECT_THROW(runtime_->find("good")->start({"r2", {"x"}, {}}), ports::BackendError);
  EXPECT_EQ(api.calls().size(), 1u);
}

/// Files that are wrong before any library is looked at.
class PluginFolderTest : public PluginRuntimeTest {
 protected:
  static constexpr const char* kManifest = R"({"id":"p","version":"1","abi":"1.0",
    "library":"LIB","capabilities":[{"interface":"oscar.ExecutionBackend/1","type":"p"}]})";

  std::string manifestFor(const std::string& library) {
    std::string text{kManifest};
    return text.replace(text.find("LIB"), 3, library);
  }
  void expect(const std::string& path, const char* state, const char* reason) {
    const auto info = loadOne(path);
    EXPECT_EQ(info.state, state);
    EXPECT_THAT(info.reason.en, HasSubstr(reason));
    EXPECT_FALSE(info.reason.zh.empty());
  }

  test::TempFolder folder_;
};

TEST_F(PluginFolderTest, MustBeAbsoluteAndExist) {
  expect("plugins/local", "path_not_allowed", "not an absolute path");
  expect("", "path_not_allowed", "not an absolute path");
  expect((folder_.path() / "none").string(), "path_not_allowed", "does not exist");
  expect(folder_.write("file", "x").string(), "path_not_allowed", "not a folder");
}

TEST_F(PluginFolderTest, MustNotBeWritableByEverybody) {
  folder_.write("plugin.json", manifestFor("libp.so"));
  fs::permissions(folder_.path(), fs::perms::others_write, fs::perm_options::add);
  expect(folder_.path().string(), "path_not_allowed", "chmod o-w");
}

TEST_F(PluginFolderTest, NeedsAManifest) {
  expect(folder_.path().string(), "manifest_missing", "plugin.json was not found");
  EXPECT_EQ(runtime_->plugins()[0].id, folder_.path().filename().string());
  folder_.write("plugin.json", "{\"id\":");
  expect(folder_.path().string(), "manifest_invalid", "plugin.json is invalid");
  folder_.write("plugin.json", std::string(1 << 20, '['));
  expect(folder_.path().string(), "manifest_invalid", "plugin.json is invalid");
}

TEST_F(PluginFolderTest, NeedsALibraryInsideIt) {
  const auto path = folder_.path().string();
  folder_.write("plugin.json", manifestFor("libp.so"));
  expect(path, "library_missing", "libp.so was not found");
  folder_.write("plugin.json", manifestFor("../libp.so"));
  expect(path, "path_not_allowed", "is not inside");
  folder_.write("plugin.json", manifestFor("libp.so"));
  fs::create_symlink(fixture("good/libfixture_good.so"), folder_.path() / "libp.so");
  expect(path, "path_not_allowed", "is not inside");
}

TEST_F(PluginFolderTest, RefusesAGarbageLibrary) {
  folder_.write("plugin.json", manifestFor("libp.so"));
  const auto library = folder_.write("libp.so",
                                     "\x7f"
                                     "ELF, or so it says");
  expect(folder_.path().string(), "not_a_library", "is not a shared library");
  fs::permissions(library, fs::perms::others_write, fs::perm_options::add);
  expect(folder_.path().string(), "path_not_allowed", "writable by every user");
}

}  // namespace
}  // namespace oscar::plugin_runtime
