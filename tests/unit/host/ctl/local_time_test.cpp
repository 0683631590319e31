#include "ctl/local_time.hpp"

#include "ctl/ctl_error.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <tuple>
#include <vector>

namespace oscar::ctl {
namespace {

/// TZ of the test, and what was there before at the end.
class InZone {
 public:
  explicit InZone(const char* zone) {
    if (const char* before = std::getenv("TZ")) before_ = before;
    setenv("TZ", zone, 1);
    tzset();
  }
  ~InZone() {
    before_.empty() ? unsetenv("TZ") : setenv("TZ", before_.c_str(), 1);
    tzset();
  }
  InZone(const InZone&) = delete;
  InZone& operator=(const InZone&) = delete;

 private:
  std::string before_;
};

// POSIX forms: they need no zone files.
constexpr const char* kShanghai = "CST-8";
constexpr const char* kNewYork = "EST5EDT,M3.2.0,M11.1.0";

TEST(LocalTime, IsTheReadersClock) {
  const InZone shanghai{kShanghai};
  EXPECT_EQ(localTime("2026-01-15T18:30:05.123Z"), "2026-01-16 02:30:05");
  EXPECT_EQ(localTimeWithOffset("2026-01-15T18:30:05.123Z"), "2026-01-16 02:30:05 +08:00");
  EXPECT_EQ(localTime(""), "");
  EXPECT_EQ(localTimeWithOffset("soon"), "soon");
}

TEST(InstantOf, TakesWhatPeopleType) {
  using enum PeriodEnd;
  const std::vector<std::tuple<const char*, std::string, PeriodEnd, std::string>> cases{
      {kShanghai, "2026-01-15", kFrom, "2026-01-14T16:00:00.000Z"},
      {kShanghai, "2026-01-15", kTo, "2026-01-15T16:00:00.000Z"},
      {kShanghai, "2026-01-31", kTo, "2026-01-31T16:00:00.000Z"},
      {kShanghai, "2026-01-15T10:30:00", kFrom, "2026-01-15T02:30:00.000Z"},
      {kShanghai, "2026-01-15 10:30:00", kTo, "2026-01-15T02:30:00.000Z"},
      {kShanghai, "2026-01-15T10:30:00Z", kTo, "2026-01-15T10:30:00.000Z"},
      {kShanghai, "2026-01-15T10:30:00-05:00", kTo, "2026-01-15T15:30:00.000Z"},
      {kNewYork, "2026-07-01", kFrom, "2026-07-01T04:00:00.000Z"},
      {kNewYork, "2026-03-08", kTo, "2026-03-09T04:00:00.000Z"}};  // a day of 23 hours
  for (const auto& [zone, typed, end, instant] : cases) {
    const InZone here{zone};
    EXPECT_EQ(instantOf("from", typed, end), instant) << zone << " " << typed;
  }
}

TEST(InstantOf, ExplainsTheForms) {
  for (const char* wrong : {"", "yesterday", "2026-02-30", "2026-01-15T25:00:00", "15.1.2026"}) {
    try {
      instantOf("to", wrong, PeriodEnd::kTo);
      ADD_FAILURE() << wrong;
    } catch (const CtlError& e) {
      EXPECT_EQ(e.exit(), Exit::kUsage);
      EXPECT_NE(e.message().en.find("--to takes a time such as 2026-01-15"), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace oscar::ctl
