#include "services/tools_service.hpp"

#include "domain/error.hpp"
#include "support/fake_target_database.hpp"
#include "support/fake_target_directory.hpp"

#include <gtest/gtest.h>

namespace oscar::services {
namespace {

class ToolsServiceTest : public testing::Test {
 protected:
  ToolsServiceTest() {
    TargetAddress address;
    address.host = "db1";
    address.database = "dropped_meanwhile";
    directory_.addresses["c1"] = address;
    targets_.databases["shop"]["orders"].facts.name = "orders";
    targets_.databases["empty"];
  }
  template <typename Call>
  std::optional<ErrorCode> codeOf(Call call) {
    try {
      call();
    } catch (const ServiceError& error) {
      return error.code();
    }
    return std::nullopt;
  }

  test::FakeTargetDirectory directory_;
  test::FakeTargetDatabase targets_;
  ToolsService tools_{directory_, targets_};
};

TEST_F(ToolsServiceTest, ListsDatabasesWithoutTheDefaultOne) {
  EXPECT_EQ(tools_.databases("c1"), (std::vector<std::string>{"empty", "shop"}));
  ASSERT_EQ(targets_.connections.size(), 1U);
  EXPECT_EQ(targets_.connections[0].host, "db1");
  EXPECT_EQ(targets_.connections[0].database, "");
}

TEST_F(ToolsServiceTest, ListsTables) {
  ASSERT_EQ(tools_.tables("c1", "shop").size(), 1U);
  EXPECT_EQ(tools_.tables("c1", "shop")[0].name, "orders");
  EXPECT_TRUE(tools_.tables("c1", "empty").empty());
}

TEST_F(ToolsServiceTest, TellsWhatIsNotThere) {
  EXPECT_EQ(codeOf([&] { tools_.databases("none"); }), ErrorCode::kNotFound);
  EXPECT_EQ(codeOf([&] { tools_.tables("none", "shop"); }), ErrorCode::kNotFound);
  EXPECT_EQ(codeOf([&] { tools_.tables("c1", "none"); }), ErrorCode::kNotFound);
  EXPECT_EQ(codeOf([&] { tools_.tables("c1", "mysql"); }), ErrorCode::kNotFound);
}

TEST_F(ToolsServiceTest, PassesOnTheServersWords) {
  targets_.query_error = ports::TargetError{2013, "Lost connection"};
  EXPECT_EQ(codeOf([&] { tools_.databases("c1"); }), ErrorCode::kConnectionFailed);
  targets_.connect_error = ports::TargetError{2002, "Can't connect"};
  EXPECT_EQ(codeOf([&] { tools_.tables("c1", "shop"); }), ErrorCode::kConnectionFailed);
}

}  // namespace
}  // namespace oscar::services
