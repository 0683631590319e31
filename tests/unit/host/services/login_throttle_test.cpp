#include "services/login_throttle.hpp"

#include "support/fake_clock.hpp"

#include <gtest/gtest.h>

namespace oscar::services {
namespace {

using namespace std::chrono_literals;

class LoginThrottleTest : public testing::Test {
 protected:
  test::FakeClock clock_;
  LoginThrottle throttle_{clock_, 3, 60s, 100};
};

TEST_F(LoginThrottleTest, StopsAnAccountFromManyAddresses) {
  EXPECT_EQ(throttle_.admit("ann", "10.0.0.1"), 0);
  EXPECT_EQ(throttle_.admit("ann", "10.0.0.2"), 0);
  EXPECT_EQ(throttle_.admit("ANN", "10.0.0.3"), 0);
  EXPECT_EQ(throttle_.admit("Ann", "10.0.0.4"), 60);
  EXPECT_EQ(throttle_.admit("bob", "10.0.0.4"), 0);
}

TEST_F(LoginThrottleTest, StopsAnAddressAcrossManyAccounts) {
  for (const char* account : {"a", "b", "c"}) EXPECT_EQ(throttle_.admit(account, "10.0.0.1"), 0);
  EXPECT_EQ(throttle_.admit("d", "10.0.0.1"), 60);
  EXPECT_EQ(throttle_.admit("d", "10.0.0.2"), 0);
}

TEST_F(LoginThrottleTest, CountsAnIpv6NetworkAsOneAddress) {
  for (const char* account : {"a", "b", "c"}) {
    EXPECT_EQ(throttle_.admit(account, std::string{"2001:db8:1:2::"} + account), 0);
  }
  EXPECT_GT(throttle_.admit("d", "2001:db8:1:2:ffff::1"), 0);
  EXPECT_EQ(throttle_.admit("d", "2001:db8:1:3::1"), 0);
  EXPECT_EQ(throttle_.admit("e", "::ffff:10.0.0.1"), 0);
  EXPECT_EQ(throttle_.admit("f", "::ffff:10.0.0.2"), 0);
}

TEST_F(LoginThrottleTest, SlidesInsteadOfStartingAfresh) {
  throttle_.admit("ann", "");
  clock_.advance(30s);
  throttle_.admit("ann", "");
  throttle_.admit("ann", "");
  EXPECT_EQ(throttle_.admit("ann", ""), 30);
  clock_.advance(29'001ms);
  EXPECT_EQ(throttle_.admit("ann", ""), 1);
  clock_.advance(999ms);
  EXPECT_EQ(throttle_.admit("ann", ""), 0);  // the first attempt has left the window
  EXPECT_EQ(throttle_.admit("ann", ""), 30);
}

TEST_F(LoginThrottleTest, CountsAttemptsBeforeTheirOutcomeIsKnown) {
  int admitted = 0;
  for (int i = 0; i < 10; ++i) admitted += throttle_.admit("ann", "") == 0 ? 1 : 0;
  EXPECT_EQ(admitted, 3);
}

TEST_F(LoginThrottleTest, SuccessClearsTheAccountButNotTheAddress) {
  throttle_.admit("ann", "10.0.0.1");
  throttle_.admit("ann", "10.0.0.1");
  throttle_.admit("ann", "10.0.0.1");
  throttle_.succeeded("ann", "10.0.0.1");
  EXPECT_EQ(throttle_.admit("ann", "10.0.0.2"), 0);
  EXPECT_EQ(throttle_.admit("bob", "10.0.0.1"), 0);
  EXPECT_GT(throttle_.admit("bob", "10.0.0.1"), 0);
}

TEST_F(LoginThrottleTest, SomebodyWhoAlwaysSucceedsIsNeverStopped) {
  for (int i = 0; i < 50; ++i) {
    ASSERT_EQ(throttle_.admit("ann", "10.0.0.1"), 0);
    throttle_.succeeded("ann", "10.0.0.1");
  }
}

TEST_F(LoginThrottleTest, ForgottenAttemptsDoNotCount) {
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(throttle_.admit("ann", "10.0.0.1"), 0);
    throttle_.forgotten("ann", "10.0.0.1");
  }
}

TEST_F(LoginThrottleTest, InventedNamesDoNotFreeABlockedAccount) {
  for (int i = 0; i < 3; ++i) throttle_.admit("ann", "");
  for (int i = 0; i < 5000; ++i) {
    clock_.advance(1ms);
    throttle_.admit("invented" + std::to_string(i), "10.0." + std::to_string(i) + ".1");
  }
  EXPECT_GT(throttle_.admit("ann", ""), 0);
}

TEST_F(LoginThrottleTest, ForgetsTheLongestUnusedWhenFull) {
  LoginThrottle small{clock_, 2, 60s, 4};
  small.admit("first", "");
  for (int i = 0; i < 10; ++i) {
    clock_.advance(1ms);
    small.admit("other" + std::to_string(i), "");
  }
  EXPECT_EQ(small.admit("first", ""), 0);
  EXPECT_EQ(small.admit("first", ""), 0);  // would be refused had the first attempt been kept
}

}  // namespace
}  // namespace oscar::services
