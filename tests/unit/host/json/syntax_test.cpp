#include "json/syntax.hpp"

#include "json/reader.hpp"

#include <gtest/gtest.h>

namespace oscar::json {
namespace {

struct Case {
  std::string text;
  std::size_t line;
  std::size_t column;
  std::string english;  ///< part of the sentence
};

class Syntax : public testing::TestWithParam<Case> {};

TEST_P(Syntax, SaysWhereAndWhat) {
  const auto wrong = findSyntaxError(GetParam().text, 4);
  ASSERT_TRUE(wrong) << GetParam().text;
  EXPECT_EQ(wrong->line, GetParam().line) << wrong->message;
  EXPECT_EQ(wrong->column, GetParam().column) << wrong->message;
  EXPECT_NE(wrong->text.en.find(GetParam().english), std::string::npos) << wrong->text.en;
  const std::string position = "line " + std::to_string(wrong->line);
  EXPECT_TRUE(wrong->message.starts_with(position)) << wrong->message;
  EXPECT_FALSE(wrong->text.zh.empty());
  EXPECT_NE(wrong->text.zh, wrong->text.en);
  // Whatever is wrong is wrong for the reader too, and in the same words.
  FieldErrors errors;
  EXPECT_FALSE(Reader::parse(GetParam().text, errors).ok());
}

INSTANTIATE_TEST_SUITE_P(
    Texts, Syntax,
    testing::Values(
        Case{"", 1, 1, "empty"}, Case{" \n ", 2, 2, "empty"}, Case{"12", 1, 1, "object"},
        Case{"\"x\"", 1, 1, "object"}, Case{"{", 1, 2, "ends too early"},
        Case{"{\"a\":1", 1, 7, "ends too early"}, Case{"{\"a\":1}}", 1, 8, "after the end"},
        Case{"{a:1}", 1, 2, "field name"}, Case{"{'a':1}", 1, 2, "field name"},
        Case{"{\"a\" 1}", 1, 6, "colon"}, Case{"{\"a\":}", 1, 6, "a value is expected"},
        Case{"{\"a\":1,}", 1, 8, "field name"}, Case{"[1,]", 1, 4, "a value is expected"},
        Case{"[1 2]", 1, 4, "comma or ]"}, Case{"{\"a\":1 \"b\":2}", 1, 8, "comma or }"},
        Case{"{\"a\":tru}", 1, 6, "a value is expected"},
        Case{"{\"a\":NaN}", 1, 6, "a value is expected"}, Case{"{\"a\":01}", 1, 6, "number"},
        Case{"{\"a\":-}", 1, 6, "number"}, Case{"{\"a\":1.}", 1, 6, "number"},
        Case{"{\"a\":1e+}", 1, 6, "number"}, Case{"{\"a\":\"x}", 1, 6, "no closing"},
        Case{"{\"a\":\"x\ny\"}", 1, 8, "escaped"}, Case{R"({"a":"C:\dir"})", 1, 9, "backslash"},
        Case{R"({"a":"\u12"})", 1, 7, "four"}, Case{R"({"a":"\ud800"})", 1, 7, "whole"},
        Case{R"({"a":"\udc00"})", 1, 7, "whole"}, Case{R"({"a":1,"a":2})", 1, 8, "twice"},
        Case{"[[[[[]]]]]", 1, 5, "4 levels"},
        Case{"{\n  \"列\": \"值\",\n  x\n}", 3, 3, "field name"}, Case{"{\"列\" 1}", 1, 6, "colon"},
        Case{"{\"a\":\"\xff\"}", 1, 7, "UTF-8"},
        Case{std::string{"{\"a\":1}\0", 8}, 1, 8, "after the end"},
        Case{std::string{"{\"a\":\"\0\"}", 9}, 1, 7, "escaped"},
        Case{"{\"a\":1/*x*/}", 1, 7, "comma or }"}));

TEST(Syntax, TakesWhatIsRight) {
  for (const char* text :
       {"{}", "[]", " { \"a\" : [ 1 , -0 , 2.5e-3 , true , false , null ] } \r\n",
        R"({"a":"\"\\\/\b\f\n\r\té\ud83d\ude9a"})", "[[[[]]]]", R"({"a":{"a":1},"b":[{"a":2}]})"}) {
    const auto wrong = findSyntaxError(text, 4);
    EXPECT_FALSE(wrong) << text << ": " << wrong->message;
    EXPECT_TRUE(isValid(text)) << text;
  }
}

TEST(Syntax, CountsBytesInTheOffset) {
  EXPECT_EQ(findSyntaxError("{\"列\" 1}", 4)->offset, 7U);
}

TEST(Syntax, NamesThatAreEqualAfterTheirEscapesAreRefusedToo) {
  FieldErrors errors;
  const auto parsed = Reader::parse(R"({"a":1,"\u0061":2})", errors);
  ASSERT_FALSE(parsed.ok());
  EXPECT_EQ(parsed.error().text.en, "the field a is there twice");
}

}  // namespace
}  // namespace oscar::json
