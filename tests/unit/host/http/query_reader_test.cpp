#include "http/query_reader.hpp"

#include "domain/error.hpp"

#include <gtest/gtest.h>

namespace oscar::http {
namespace {

Request asking(const std::string& query) {
  Request request;
  request.query = query;
  return request;
}

std::string timeOf(const std::optional<Timestamp>& time) {
  return time ? formatTimestamp(*time) : "-";
}

struct Range {
  const char* query;
  const char* from;
  const char* to;  ///< exclusive
};

class Ranges : public testing::TestWithParam<Range> {};

TEST_P(Ranges, AreReadInUtcAndABareDateIsAWholeDay) {
  QueryReader query{asking(GetParam().query)};
  EXPECT_EQ(timeOf(query.timestamp("from")), GetParam().from);
  EXPECT_EQ(timeOf(query.endTimestamp("to")), GetParam().to);
  EXPECT_NO_THROW(query.finish());
}

INSTANTIATE_TEST_SUITE_P(
    Queries, Ranges,
    testing::Values(Range{"", "-", "-"}, Range{"from=&to=", "-", "-"},
                    Range{"from=2026-01-15&to=2026-01-15", "2026-01-15T00:00:00.000Z",
                          "2026-01-16T00:00:00.000Z"},
                    Range{"to=2024-02-28", "-", "2024-02-29T00:00:00.000Z"},
                    Range{"to=2026-12-31", "-", "2027-01-01T00:00:00.000Z"},
                    Range{"from=2026-01-15T10:30:00Z&to=2026-01-15T10:30:00Z",
                          "2026-01-15T10:30:00.000Z", "2026-01-15T10:30:00.000Z"},
                    Range{"from=2026-01-15T00:00:00%2B08:00", "2026-01-14T16:00:00.000Z", "-"}));

class WrongTimes : public testing::TestWithParam<const char*> {};

TEST_P(WrongTimes, AreNamed) {
  QueryReader query{asking(std::string{"from="} + GetParam() + "&to=" + GetParam())};
  EXPECT_FALSE(query.timestamp("from"));
  EXPECT_FALSE(query.endTimestamp("to"));
  try {
    query.finish();
    FAIL() << GetParam() << " was taken";
  } catch (const ServiceError& error) {
    ASSERT_EQ(error.fields().size(), 2U);
    EXPECT_EQ(error.fields()[0].field, "from");
    EXPECT_EQ(error.fields()[1].field, "to");
  }
}

INSTANTIATE_TEST_SUITE_P(Texts, WrongTimes,
                         testing::Values("2026-02-30", "2026-13-01", "15.01.2026", "2026-01",
                                         "2026-01-15T25:00:00Z", "now", "0", "2026-01-15x"));

TEST(QueryReader, PagesWithinTheirLimits) {
  QueryReader given{asking("page=3&page_size=200&before_number=9")};
  const PageRequest page = given.page();
  EXPECT_EQ(page.page, 3);
  EXPECT_EQ(page.page_size, 200);
  EXPECT_EQ(page.before_number, 9);
  given.finish();
  for (const char* wrong : {"page=0", "page=-1", "page=1.5", "page=x", "page_size=201",
                            "page_size=99999999999999999999", "before_number=0"}) {
    QueryReader query{asking(wrong)};
    query.page();
    EXPECT_THROW(query.finish(), ServiceError) << wrong;
  }
}

TEST(QueryReader, RefusesWhatIsThereTwiceUnknownOrUndecodable) {
  QueryReader twice{asking("page=1&page=2")};
  twice.page();
  EXPECT_THROW(twice.finish(), ServiceError);
  QueryReader unknown{asking("a=1")};
  EXPECT_THROW(unknown.finish(), ServiceError);
  EXPECT_THROW(QueryReader{asking("a=%zz")}, ServiceError);
  QueryReader bytes{asking("keyword=%ff")};
  bytes.text("keyword", 100);
  EXPECT_THROW(bytes.finish(), ServiceError);
}

}  // namespace
}  // namespace oscar::http
