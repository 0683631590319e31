#include "services/audit_service.hpp"

#include "support/fake_audit_store.hpp"
#include "support/fake_log.hpp"

#include <gtest/gtest.h>

#include <set>
#include <thread>

namespace oscar::services {
namespace {

AuditEntry entry(const std::string& action, const std::string& username = "ann") {
  AuditEntry e;
  e.action = action;
  e.username = username;
  return e;
}

class AuditServiceTest : public testing::Test {
 protected:
  test::FakeAuditStore store_;
  test::FakeLog log_;
  AuditService audit_{store_, log_};
};

TEST_F(AuditServiceTest, StoresAndListsEntries) {
  audit_.record(entry("auth.login"));
  audit_.record(entry("user.create", "bob"));
  EXPECT_EQ(store_.actions(), (std::vector<std::string>{"auth.login", "user.create"}));
  AuditFilter filter;
  filter.username = "bob";
  EXPECT_EQ(audit_.list(filter, {}).total, 1);
  EXPECT_TRUE(log_.lines().empty());
}

TEST_F(AuditServiceTest, KeepsEntriesWhileTheStoreIsAway) {
  store_.away = true;
  audit_.record(entry("one"));
  audit_.record(entry("two"));
  EXPECT_TRUE(store_.actions().empty());
  EXPECT_TRUE(log_.contains("one"));
  EXPECT_TRUE(log_.contains("two"));
  store_.away = false;
  audit_.record(entry("three"));
  EXPECT_EQ(store_.actions(), (std::vector<std::string>{"one", "two", "three"}));
  audit_.record(entry("four"));
  EXPECT_EQ(store_.actions().size(), 4U);
}

TEST_F(AuditServiceTest, EntryThatTheStoreRefusesDoesNotBlockTheOthers) {
  store_.away = true;
  audit_.record(entry("poison"));
  audit_.record(entry("good"));
  store_.away = false;
  store_.poison = "poison";
  audit_.record(entry("later"));
  EXPECT_EQ(store_.actions(), (std::vector<std::string>{"good", "later"}));
  audit_.record(entry("poison"));
  EXPECT_TRUE(log_.contains("cannot be stored"));
  audit_.record(entry("last"));
  EXPECT_EQ(store_.actions().size(), 3U);
}

TEST_F(AuditServiceTest, KeepsAtMostTenThousand) {
  store_.away = true;
  for (int i = 0; i < 10'050; ++i) audit_.record(entry("e" + std::to_string(i)));
  store_.away = false;
  audit_.record(entry("last"));
  EXPECT_EQ(store_.actions().size(), 10'001U);
  EXPECT_TRUE(log_.contains("e10049"));  // what was not kept is at least in the log
}

TEST_F(AuditServiceTest, LosesAndDoublesNothingUnderConcurrency) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 250; ++i) {
        if (i % 50 == t * 10) store_.away = !store_.away;
        audit_.record(entry(std::to_string(t) + "-" + std::to_string(i)));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  store_.away = false;
  audit_.record(entry("end"));
  const auto actions = store_.actions();
  EXPECT_EQ(actions.size(), 1001U);
  EXPECT_EQ(std::set<std::string>(actions.begin(), actions.end()).size(), 1001U);
}

}  // namespace
}  // namespace oscar::services
