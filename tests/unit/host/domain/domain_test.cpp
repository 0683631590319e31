#include "domain/error.hpp"
#include "domain/execution.hpp"
#include "domain/ids.hpp"
#include "domain/secret.hpp"
#include "domain/time.hpp"
#include "domain/user.hpp"

#include <gtest/gtest.h>

#include <set>

namespace oscar {
namespace {

TEST(Time, FormatsAndReadsRfc3339) {
  const auto t = parseTimestamp("2024-01-15T10:30:00.5Z");
  ASSERT_TRUE(t);
  EXPECT_EQ(formatTimestamp(*t), "2024-01-15T10:30:00.500Z");
  EXPECT_EQ(parseTimestamp("2024-01-15T18:30:00.500+08:00"), t);
  EXPECT_EQ(formatTimestamp(*parseTimestamp("2024-02-29")), "2024-02-29T00:00:00.000Z");
  EXPECT_EQ(formatTimestamp(fromMillis(-1)), "1969-12-31T23:59:59.999Z");
}

TEST(Time, RefusesWhatIsNoTime) {
  for (const char* text : {"", "2024", "2024-13-01", "2023-02-29", "2024-01-15T",
                           "2024-01-15T24:00:00Z", "2024-01-15T10:30:00", "2024-01-15T10:30:00.Z",
                           "2024-01-15T10:30:00Zx", "2024-01-15T10:30:00+8:00", "15-01-2024"}) {
    EXPECT_EQ(parseTimestamp(text), std::nullopt) << text;
  }
}

TEST(Words, AreTheSameInBothDirections) {
  for (int i = 1; i <= 11; ++i) {
    const auto stage = static_cast<Stage>(i);
    EXPECT_EQ(parseStage(toString(stage)), stage);
  }
  for (int i = 1; i <= 7; ++i) {
    const auto type = static_cast<DdlType>(i);
    EXPECT_EQ(parseDdlType(toString(type)), type);
  }
  EXPECT_EQ(toString(Stage::kCopyingData), "copying_data");
  EXPECT_EQ(parseStage("phase"), std::nullopt);
  EXPECT_EQ(parseRole("root"), std::nullopt);
}

TEST(StateMachine, HasNoWayOutOfAFinalState) {
  using S = ExecutionStatus;
  const std::set<std::pair<S, S>> legal{{S::kPending, S::kRunning}, {S::kPending, S::kCancelled},
                                        {S::kPending, S::kFailed},  {S::kRunning, S::kCompleted},
                                        {S::kRunning, S::kFailed},  {S::kRunning, S::kCancelled}};
  for (int from = 1; from <= 5; ++from) {
    for (int to = 1; to <= 5; ++to) {
      const std::pair<S, S> change{static_cast<S>(from), static_cast<S>(to)};
      EXPECT_EQ(mayChange(change.first, change.second), legal.contains(change))
          << toString(change.first) << " -> " << toString(change.second);
    }
  }
}

TEST(StateMachine, TheSwapIsThePointOfNoReturn) {
  EXPECT_FALSE(swapHasBegun(Stage::kAwaitingCutover));
  EXPECT_TRUE(swapHasBegun(Stage::kSwappingTables));
  EXPECT_TRUE(swapHasBegun(Stage::kDroppingTriggers));
}

TEST(Ids, AreVersionFourAndDiffer) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string id = newUuid();
    ASSERT_TRUE(isUuid(id)) << id;
    ASSERT_EQ(id[14], '4');
    ASSERT_NE(std::string{"89ab"}.find(id[19]), std::string::npos);
    ASSERT_TRUE(seen.insert(id).second);
  }
  for (const char* text :
       {"", "x", "../../../../etc/passwd-------------", "g0000000-0000-4000-8000-000000000000"}) {
    EXPECT_FALSE(isUuid(text)) << text;
  }
}

TEST(Secret, MovesWithoutLeavingACopy) {
  Secret a{std::string(64, 'p')};
  Secret b{std::move(a)};
  EXPECT_TRUE(a.empty());  // NOLINT(bugprone-use-after-move): that it is empty is what is tested
  EXPECT_EQ(b.reveal(), std::string(64, 'p'));
}

TEST(ServiceError, ListsEveryField) {
  const auto error =
      ServiceError::invalidFields({{"a", {"必填", "is required"}}, {"b", {"未知字段", "unknown"}}});
  EXPECT_EQ(error.code(), ErrorCode::kBadRequest);
  EXPECT_EQ(error.fields().size(), 2U);
  EXPECT_NE(error.message().en.find("a is required; b unknown"), std::string::npos);
}

TEST(Role, AreOrderedByRights) {
  EXPECT_TRUE(allows(Role::kAdmin, Role::kViewer));
  EXPECT_FALSE(allows(Role::kViewer, Role::kOperator));
}

}  // namespace
}  // namespace oscar
