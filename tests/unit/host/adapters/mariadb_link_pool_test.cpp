// Against real servers, as mariadb_target_database_test.cpp.
#include "adapters/mariadb_target_database.hpp"
#include "target_test.hpp"

#include <chrono>
#include <thread>

namespace oscar::adapters {
namespace {

/// Sessions that may be used again, as the server sees them.
class BorrowTest : public TargetTest {
 protected:
  void SetUp() override {
    TargetTest::SetUp();
    if (admin_) address_ = newUser("BY 'Pa55-word'", "Pa55-word");
  }
  /// The ids of this account's connections.
  std::vector<std::string> open() {
    std::vector<std::string> ids;
    for (const auto& row :
         admin_
             ->query("SELECT ID FROM information_schema.PROCESSLIST WHERE USER = ? ORDER BY ID",
                     {address_.username})
             .rows) {
      ids.push_back(toText(row[0]));
    }
    return ids;
  }
  /// The server takes a moment to see that a connection is closed.
  std::size_t openAtLast(std::size_t expected) {
    for (int i = 0; i < 250 && open().size() != expected; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
    return open().size();
  }

  TargetAddress address_;
};

TEST_P(BorrowTest, UsesAnIdleLinkAgain) {
  MariadbTargetDatabase targets;
  targets.borrow(address_)->databases();
  const auto before = open();
  ASSERT_EQ(before.size(), 1U);
  const auto again = targets.borrow(address_);
  EXPECT_FALSE(again->server().version.empty());
  EXPECT_EQ(open(), before);
  const auto second = targets.borrow(address_);  // the first is taken
  EXPECT_EQ(open().size(), 2U);
}

TEST_P(BorrowTest, ConnectAlwaysOpensAndCloses) {
  MariadbTargetDatabase targets;
  targets.borrow(address_);
  {
    const auto fresh = targets.connect(address_);
    EXPECT_EQ(open().size(), 2U);
  }
  EXPECT_EQ(openAtLast(1), 1U);
}

TEST_P(BorrowTest, AnotherPasswordOrDatabaseIsAnotherAddress) {
  MariadbTargetDatabase targets;
  targets.borrow(address_);
  TargetAddress other = address_;
  other.password = Secret{"guessed"};
  EXPECT_EQ(errorOf([&] { targets.borrow(other); }).code(), 1045);
  other = address_;
  other.database = "information_schema";
  targets.borrow(other);
  EXPECT_EQ(open().size(), 2U);
}

TEST_P(BorrowTest, GivesNothingBackThatHasThrown) {
  MariadbTargetDatabase targets;
  errorOf([&] { targets.borrow(address_)->showCreateTable("no_such", "t"); });
  EXPECT_EQ(openAtLast(0), 0U);
}

TEST_P(BorrowTest, OpensANewOneWhenTheServerClosedTheIdleOne) {
  MariadbTargetDatabase targets;
  targets.borrow(address_)->databases();
  admin_->query("KILL " + open().at(0));
  ASSERT_EQ(openAtLast(0), 0U);
  EXPECT_NO_THROW(targets.borrow(address_)->databases());
}

TEST_P(BorrowTest, ClosesIdleLinksInTimeAndAtTheEnd) {
  {
    MariadbTargetDatabase targets{{2, 16, std::chrono::milliseconds{400}}};
    targets.borrow(address_)->databases();
    EXPECT_EQ(open().size(), 1U);
    EXPECT_EQ(openAtLast(0), 0U);  // nobody asks again: the pool's own thread closes it
    targets.borrow(address_)->databases();
    const auto first = open();
    std::this_thread::sleep_for(std::chrono::milliseconds{450});
    targets.borrow(address_)->databases();
    EXPECT_NE(open(), first);
  }
  EXPECT_EQ(openAtLast(0), 0U);
}

TEST_P(BorrowTest, KeepsOnlyAFew) {
  MariadbTargetDatabase targets;
  std::vector<std::unique_ptr<ports::TargetSession>> sessions;
  for (int i = 0; i < 4; ++i) sessions.push_back(targets.borrow(address_));
  EXPECT_EQ(open().size(), 4U);
  sessions.clear();
  EXPECT_EQ(openAtLast(2), 2U);
}

INSTANTIATE_TEST_SUITE_P(Servers, BorrowTest,
                         testing::Values("OSCAR_TEST_MARIADB_URL", "OSCAR_TEST_MYSQL_URL"),
                         [](const auto& server) {
                           return std::string{server.param}.find("MARIADB") != std::string::npos
                                      ? "MariaDB"
                                      : "MySQL";
                         });

}  // namespace
}  // namespace oscar::adapters
