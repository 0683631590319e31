#include "services/login_throttle.hpp"

#include "support/fake_clock.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace oscar::services {
namespace {

using namespace std::chrono_literals;

class LoginThrottleTest : public testing::Test {
 protected:
  test::FakeClock clock_;
  LoginThrottle throttle_{clock_, 3, 60s, 100};
};

/// How many of `count` attempts pass; `account` and `address` may use the number of the attempt.
int admitted(LoginThrottle& throttle, int count, const std::function<std::string(int)>& account,
             const std::function<std::string(int)>& address) {
  int passed = 0;
  for (int i = 0; i < count; ++i) passed += throttle.admit(account(i), address(i)) == 0 ? 1 : 0;
  return passed;
}

std::function<std::string(int)> always(const std::string& text) {
  return [text](int) { return text; };
}
std::function<std::string(int)> numbered(const std::string& text) {
  return [text](int i) { return text + std::to_string(i); };
}

TEST_F(LoginThrottleTest, WhoeverMistypesLocksOutOnlyThemselves) {
  for (const char* name : {"ann", "ANN", "Ann"}) EXPECT_EQ(throttle_.admit(name, "10.0.0.1"), 0);
  EXPECT_EQ(throttle_.admit("aNN", "10.0.0.1"), 60);
  EXPECT_EQ(throttle_.admit("bob", "10.0.0.1"), 0) << "another user at the same address";
  EXPECT_EQ(throttle_.admit("ann", "10.0.0.2"), 0) << "the same user at another address";
}

TEST_F(LoginThrottleTest, OneAddressCannotLockAnAccountOutElsewhere) {
  for (int i = 0; i < 1000; ++i) throttle_.admit("ann", "10.0.0.1");
  EXPECT_EQ(throttle_.admit("ann", "10.0.0.2"), 0);
}

TEST_F(LoginThrottleTest, LimitsAnAccountOverManyAddresses) {
  const int limit = 3 * static_cast<int>(LoginThrottle::kAccountFactor);
  EXPECT_EQ(admitted(throttle_, 99, always("ann"), numbered("10.0.0.")), limit);
  EXPECT_EQ(throttle_.admit("bob", "10.0.0.1"), 0);
}

TEST_F(LoginThrottleTest, LimitsAnAddressOverManyAccounts) {
  LoginThrottle throttle{clock_, 3, 60s, 1000};
  const int limit = 3 * static_cast<int>(LoginThrottle::kAddressFactor);
  EXPECT_EQ(admitted(throttle, 200, numbered("user"), always("10.0.0.1")), limit);
  EXPECT_EQ(throttle.admit("d", "10.0.0.2"), 0);
}

TEST_F(LoginThrottleTest, CountsAnIpv6NetworkAsOneAddress) {
  EXPECT_EQ(admitted(throttle_, 9, always("ann"), numbered("2001:db8:1:2::")), 3);
  EXPECT_GT(throttle_.admit("ann", "2001:db8:1:2:ffff::1"), 0);
  EXPECT_EQ(throttle_.admit("ann", "2001:db8:1:3::1"), 0);
  EXPECT_EQ(admitted(throttle_, 9, always("bob"), numbered("::ffff:10.0.0.")), 9);
}

TEST_F(LoginThrottleTest, NamesAndAddressesDoNotRunTogether) {
  for (int i = 0; i < 3; ++i) throttle_.admit("ann1", "0.0.0.1");
  EXPECT_EQ(throttle_.admit("ann", "10.0.0.1"), 0);
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

TEST_F(LoginThrottleTest, SuccessClearsThePairOnly) {
  LoginThrottle throttle{clock_, 3, 60s, 1000};
  const int others = 3 * static_cast<int>(LoginThrottle::kAddressFactor) - 3;
  EXPECT_EQ(admitted(throttle, others, numbered("user"), always("10.0.0.1")), others);
  EXPECT_EQ(admitted(throttle, 3, always("ann"), always("10.0.0.1")), 3);
  throttle.succeeded("ann", "10.0.0.1");
  EXPECT_EQ(throttle.admit("ann", "10.0.0.1"), 0);      // the pair started afresh ...
  EXPECT_GT(throttle.admit("another", "10.0.0.1"), 0);  // ... the address lost one attempt only
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
    throttle_.admit("invented" + std::to_string(i), "address" + std::to_string(i));
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
