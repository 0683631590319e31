#include <oscar/sdk/chat_frontend.hpp>
#include <oscar/sdk/chat_transport.hpp>
#include <oscar/sdk/execution_backend.hpp>
#include <oscar/sdk/notifier.hpp>
#include <oscar/sdk/plugin_abi.h>
#include <oscar/sdk/toolchain.hpp>

#include <cstddef>
#include <string_view>

extern "C" {
std::size_t c99SizeOfHostApi();
std::size_t c99SizeOfCapability();
std::size_t c99SizeOfDescriptor();
std::size_t c99OffsetOfCapabilities();
std::uint32_t c99HostAbi();
}

namespace oscar::sdk {
namespace {

using ::testing::MatchesRegex;

TEST(PluginAbi, IsTheSameInC99AndInCpp) {
  EXPECT_EQ(c99SizeOfHostApi(), sizeof(oscar_host_api));
  EXPECT_EQ(c99SizeOfCapability(), sizeof(oscar_capability));
  EXPECT_EQ(c99SizeOfDescriptor(), sizeof(oscar_plugin_descriptor));
  EXPECT_EQ(c99OffsetOfCapabilities(), offsetof(oscar_plugin_descriptor, capabilities));
  EXPECT_EQ(c99HostAbi(), OSCAR_HOST_ABI);
}

// Version 1 is frozen: a failure here means that plugins built before would be misread.
TEST(PluginAbi, KeepsItsLayout) {
  static_assert(sizeof(void*) == 8, "the figures below are those of 64-bit platforms");
  EXPECT_EQ(sizeof(oscar_text_sink), 16u);
  EXPECT_EQ(offsetof(oscar_host_api, abi), 4u);
  EXPECT_EQ(offsetof(oscar_host_api, context), 8u);
  EXPECT_EQ(offsetof(oscar_host_api, log), 16u);
  EXPECT_EQ(offsetof(oscar_host_api, now_ms), 24u);
  EXPECT_EQ(offsetof(oscar_host_api, configuration), 32u);
  EXPECT_EQ(offsetof(oscar_host_api, secret), 40u);
  EXPECT_EQ(offsetof(oscar_host_api, emit), 48u);
  EXPECT_EQ(offsetof(oscar_host_api, call), 56u);
  EXPECT_EQ(offsetof(oscar_capability, interface_id), 8u);
  EXPECT_EQ(offsetof(oscar_capability, type), 16u);
  EXPECT_EQ(offsetof(oscar_capability, config_schema), 24u);
  EXPECT_EQ(offsetof(oscar_capability, create), 32u);
  EXPECT_EQ(offsetof(oscar_capability, destroy), 40u);
  EXPECT_EQ(sizeof(oscar_capability), 48u);
  EXPECT_EQ(offsetof(oscar_plugin_descriptor, abi_major), 4u);
  EXPECT_EQ(offsetof(oscar_plugin_descriptor, abi_minor), 6u);
  EXPECT_EQ(offsetof(oscar_plugin_descriptor, toolchain), 8u);
  EXPECT_EQ(offsetof(oscar_plugin_descriptor, manifest_json), 16u);
  EXPECT_EQ(offsetof(oscar_plugin_descriptor, capabilities), 24u);
  EXPECT_EQ(offsetof(oscar_plugin_descriptor, capability_count), 32u);
}

TEST(PluginAbi, ToolchainNamesCompilerLibraryAndSdk) {
  EXPECT_THAT(OSCAR_SDK_TOOLCHAIN, MatchesRegex("(gcc|clang)[0-9]+-(cxx11abi|libcxx)[0-9]+-sdk1"));
}

TEST(Interfaces, KeepTheirIds) {
  EXPECT_STREQ(ExecutionBackend::kInterfaceId, "oscar.ExecutionBackend/1");
  EXPECT_STREQ(Notifier::kInterfaceId, "oscar.Notifier/1");
  EXPECT_STREQ(ChatTransport::kInterfaceId, "oscar.ChatTransport/1");
  EXPECT_STREQ(ChatFrontend::kInterfaceId, "oscar.ChatFrontend/1");
}

TEST(Status, KeepsItsNumbers) {
  EXPECT_EQ(static_cast<int>(Status::kOk), 1);
  EXPECT_EQ(static_cast<int>(Status::kNotFound), 2);
  EXPECT_EQ(static_cast<int>(Status::kUnavailable), 3);
  EXPECT_EQ(static_cast<int>(Status::kRefused), 4);
  EXPECT_EQ(static_cast<int>(Status::kTooLate), 5);
  EXPECT_EQ(static_cast<int>(Status::kInternal), 6);
}

}  // namespace
}  // namespace oscar::sdk
