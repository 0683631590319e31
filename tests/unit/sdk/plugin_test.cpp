#include <oscar/sdk/plugin.hpp>
#include <oscar/sdk/testing/fake_host.hpp>

#include <cstdint>
#include <stdexcept>
#include <string_view>

namespace oscar::sdk {
namespace {

using ::testing::ElementsAre;

/// An interface as small as can be.
class Greeter {
 public:
  static constexpr const char* kInterfaceId = "test.Greeter/1";
  virtual std::int64_t greet() = 0;

 protected:
  ~Greeter() = default;
};

class Other {
 public:
  virtual ~Other() = default;
  int padding = 0;
};

/// Not at the beginning of its class, over-aligned and final: the thunks must find their way back.
class alignas(64) TimeGreeter final : public Other, public Greeter {
 public:
  TimeGreeter(HostApi& host, std::string_view config) : host_{host} {
    if (config == "throw") throw std::runtime_error("bad configuration");
    if (config == "throw int") throw 42;
    host_.log(LogLevel::kInfo, "born");
  }
  ~TimeGreeter() override { host_.log(LogLevel::kInfo, "died"); }
  std::int64_t greet() override { return host_.nowMs(); }

 private:
  HostApi& host_;
};

class ThrowingDestructor final : public Greeter {
 public:
  ThrowingDestructor(HostApi&, std::string_view) {}
  ~ThrowingDestructor() noexcept(false) { throw 42; }
  std::int64_t greet() override { return 0; }
};

struct Created {
  void* instance;
  std::string error;
};

Created create(const oscar_capability& capability, testing::FakeHost& host,
               std::string_view config) {
  Created created{};
  const oscar_text_sink sink{&created.error, [](void* context, const char* text, std::size_t n) {
                               static_cast<std::string*>(context)->append(text, n);
                             }};
  created.instance = capability.create(&host.abi(), config.data(), config.size(), sink);
  return created;
}

constexpr oscar_capability kTime = capability<Greeter, TimeGreeter>("time", "{}");

TEST(Capability, DescribesTheInterface) {
  EXPECT_EQ(kTime.struct_size, sizeof(oscar_capability));
  EXPECT_STREQ(kTime.interface_id, "test.Greeter/1");
  EXPECT_STREQ(kTime.type, "time");
  EXPECT_STREQ(kTime.config_schema, "{}");
}

TEST(Capability, CreatesAnInstanceThatSpeaksToItsHostUntilItsEnd) {
  testing::FakeHost host;
  host.setNowMs(77);
  const Created created = create(kTime, host, "{}");
  ASSERT_NE(created.instance, nullptr);
  EXPECT_EQ(static_cast<Greeter*>(created.instance)->greet(), 77);
  kTime.destroy(created.instance);
  ASSERT_EQ(host.logs().size(), 2u);
  EXPECT_EQ(host.logs()[1].text, "died");
}

TEST(Capability, TurnsAThrowingConstructorIntoAReason) {
  testing::FakeHost host;
  const Created created = create(kTime, host, "throw");
  EXPECT_EQ(created.instance, nullptr);
  EXPECT_EQ(created.error, "bad configuration");
  const Created odd = create(kTime, host, "throw int");
  EXPECT_EQ(odd.instance, nullptr);
  EXPECT_FALSE(odd.error.empty());
}

TEST(Capability, SurvivesAThrowingDestructor) {
  testing::FakeHost host;
  constexpr oscar_capability kBad = capability<Greeter, ThrowingDestructor>("bad", "{}");
  const Created created = create(kBad, host, "{}");
  kBad.destroy(created.instance);  // without the guard: std::terminate
}

TEST(HostApi, PassesEverythingThroughTheCFunctions) {
  testing::FakeHost host;
  host.setConfiguration(R"({"a":1})");
  host.setSecret("token", "s3cret");
  host.onCall([](const testing::FakeHost::Call& call) {
    return CallResult{201, call.principal + " " + call.method + " " + call.path + " " + call.body};
  });
  HostApi& api = host.api();
  EXPECT_EQ(api.configuration(), R"({"a":1})");
  EXPECT_EQ(api.secret("token"), "s3cret");
  EXPECT_EQ(api.secret("other"), std::nullopt);
  EXPECT_TRUE(api.emit(R"({"type":"x"})"));
  EXPECT_THAT(host.events(), ElementsAre(R"({"type":"x"})"));
  const CallResult result = api.call("u1", "POST", "/api/v1/x", "{}");
  EXPECT_EQ(result.status, 201);
  EXPECT_EQ(result.body, "u1 POST /api/v1/x {}");
  api.log(LogLevel::kError, "oops");
  ASSERT_EQ(host.logs().size(), 1u);
  EXPECT_EQ(host.logs()[0].level, LogLevel::kError);
}

TEST(HostApi, SaysThatNobodyServesCalls) {
  testing::FakeHost host;
  EXPECT_EQ(host.api().call("u1", "GET", "/", "").status, 0);
}

}  // namespace
}  // namespace oscar::sdk
