#include "http/url.hpp"

#include "domain/execution.hpp"
#include "domain/user.hpp"
#include "http/query_reader.hpp"
#include "http/request.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace oscar::http {
namespace {

using Segments = std::vector<std::string>;

TEST(Url, PathIsSplitBeforeItIsDecoded) {
  EXPECT_EQ(splitPath("/a/b"), (Segments{"a", "b"}));
  EXPECT_EQ(splitPath("/tables/shop/a%2Fb"), (Segments{"tables", "shop", "a/b"}));
  EXPECT_EQ(splitPath("/a%252Fb"), (Segments{"a%2Fb"}));
  EXPECT_EQ(splitPath("/a+b"), (Segments{"a+b"}));
  EXPECT_EQ(splitPath("/%E8%AE%A2%E5%8D%95"), (Segments{"订单"}));
  EXPECT_EQ(splitPath("/"), Segments{});
  EXPECT_EQ(splitPath("/a/"), (Segments{"a", ""}));
  EXPECT_EQ(splitPath("/a//b"), (Segments{"a", "", "b"}));
}

TEST(Url, WhatCannotBeDecodedIsRefused) {
  for (const char* path : {"", "a", "/%", "/%4", "/%zz", "/a%00b"}) {
    EXPECT_FALSE(splitPath(path)) << path;
  }
  EXPECT_FALSE(parseQuery("a=%zz"));
  EXPECT_FALSE(parseQuery("%0g=1"));
}

TEST(Url, QueryIsDecoded) {
  const auto pairs = parseQuery("a=1&b=x+y%2B&&c&d==");
  ASSERT_TRUE(pairs);
  using Pair = std::pair<std::string, std::string>;
  EXPECT_EQ(*pairs, (std::vector<Pair>{{"a", "1"}, {"b", "x y+"}, {"c", ""}, {"d", "="}}));
}

TEST(Headers, NamesCompareWithoutCase) {
  HeaderMap headers;
  headers.add("Content-Type", "a");
  EXPECT_EQ(headers.get("content-type"), "a");
  headers.set("CONTENT-TYPE", "b");
  EXPECT_EQ(headers.get("Content-Type"), "b");
  EXPECT_EQ(headers.all().size(), 1u);
  EXPECT_FALSE(headers.has("Content"));
}

TEST(Language, IsNegotiated) {
  const auto best = [](const char* header) { return negotiateLanguage(header, Language::kZh); };
  EXPECT_EQ(best(""), Language::kZh);
  EXPECT_EQ(best("en"), Language::kEn);
  EXPECT_EQ(best("en-GB,zh;q=0.9"), Language::kEn);
  EXPECT_EQ(best("zh-CN,zh;q=0.9,en;q=0.8"), Language::kZh);
  EXPECT_EQ(best("fr, en;q=0.5, zh;q=0.2"), Language::kEn);
  EXPECT_EQ(best("fr"), Language::kZh);
  EXPECT_EQ(best("en;q=0"), Language::kZh);
  EXPECT_EQ(best("en;q=nonsense, zh;q=0.1"), Language::kZh);
  EXPECT_EQ(negotiateLanguage("*", Language::kEn), Language::kEn);
}

Request requestWith(std::string query) {
  Request request;
  request.query = std::move(query);
  return request;
}

std::vector<std::string> wrongFields(const std::function<void()>& action) {
  std::vector<std::string> names;
  try {
    action();
  } catch (const ServiceError& error) {
    EXPECT_EQ(error.code(), ErrorCode::kBadRequest);
    for (const FieldError& field : error.fields()) names.push_back(field.field);
  }
  return names;
}

TEST(QueryReader, ReadsPagesWithinBounds) {
  QueryReader query{requestWith("page=3&page_size=200&before_number=7")};
  const PageRequest page = query.page();
  query.finish();
  EXPECT_EQ(page.page, 3);
  EXPECT_EQ(page.page_size, 200);
  EXPECT_EQ(page.before_number, 7);
}

TEST(QueryReader, NamesEverythingThatIsWrong) {
  const auto wrong = wrongFields([] {
    QueryReader query{requestWith("page=0&page_size=201&from=yesterday&role=boss&x=1&x=2&y=3")};
    query.page();
    query.timestamp("from");
    query.word("role", parseRole, "viewer, operator, admin");
    query.finish();
  });
  EXPECT_EQ(wrong, (std::vector<std::string>{"page", "page_size", "from", "role", "x", "y"}));
}

TEST(QueryReader, RefusesRepeatedNumbersAndNonsense) {
  for (const char* bad : {"page=1&page=2", "page=1x", "page=-1", "page=1.5",
                          "page=99999999999999999999", "page=%201"}) {
    EXPECT_EQ(wrongFields([&] {
                QueryReader query{requestWith(bad)};
                query.page();
                query.finish();
              }),
              std::vector<std::string>{"page"})
        << bad;
  }
}

TEST(QueryReader, EmptyValueCountsAsAbsent) {
  QueryReader query{requestWith("page=&keyword=")};
  EXPECT_EQ(query.page().page, 1);
  EXPECT_FALSE(query.text("keyword", 10));
  query.finish();
}

TEST(QueryReader, ReadsListsOfWords) {
  QueryReader query{requestWith("status=pending,running")};
  const auto statuses = query.wordList<ExecutionStatus>("status", parseExecutionStatus, "...");
  query.finish();
  EXPECT_EQ(statuses, (std::vector{ExecutionStatus::kPending, ExecutionStatus::kRunning}));
  EXPECT_EQ(wrongFields([] {
              QueryReader bad{requestWith("status=pending,done")};
              bad.wordList<ExecutionStatus>("status", parseExecutionStatus, "...");
              bad.finish();
            }),
            std::vector<std::string>{"status"});
}

}  // namespace
}  // namespace oscar::http
