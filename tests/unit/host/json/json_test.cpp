#include "json/reader.hpp"
#include "json/utf8.hpp"
#include "json/writer.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace oscar::json {
namespace {

Reader readerOf(std::string_view text, FieldErrors& errors) {
  auto parsed = Reader::parse(text, errors);
  EXPECT_TRUE(parsed.ok()) << (parsed.ok() ? "" : parsed.error().message);
  return parsed.value();
}

TEST(Writer, WritesNestedDocumentsInOrder) {
  Writer w;
  w.beginObject().field("b", 1).field("a", "x\"\\\n\x01").key("list").beginArray();
  w.value(true).null().value(1.5).value(std::nan("")).endArray();
  w.field("none", std::optional<int>{}).key("raw").raw("{\"k\":[]}").endObject();
  EXPECT_EQ(w.text(),
            "{\"b\":1,\"a\":\"x\\\"\\\\\\n\\u0001\",\"list\":[true,null,1.5,null],"
            "\"none\":null,\"raw\":{\"k\":[]}}");
}

TEST(Writer, ReplacesWhatIsNotUtf8) {
  Writer w;
  w.value(
      std::string_view{"a\xff\xe4\xb8"
                       "b"});
  EXPECT_EQ(w.text(),
            "\"a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
            "b\"");
  EXPECT_TRUE(isValid("[" + w.text() + "]"));
}

TEST(Reader, ReadsEachType) {
  FieldErrors errors;
  auto r =
      readerOf(R"({"s":"列","i":-5,"n":2.5,"b":true,"o":{"x":1},"a":["p","q"],"z":null})", errors);
  EXPECT_EQ(r.string("s"), "列");
  EXPECT_EQ(r.integer("i"), -5);
  EXPECT_EQ(r.number("n", 0, 10), 2.5);
  EXPECT_EQ(r.number("i", -10, 10), -5.0);
  EXPECT_EQ(r.boolean("b"), true);
  EXPECT_EQ(r.object("o")->integer("x"), 1);
  EXPECT_EQ(r.strings("a"), (std::vector<std::string>{"p", "q"}));
  EXPECT_EQ(r.string("z"), std::nullopt);
  EXPECT_FALSE(r.has("z"));
  r.rejectUnknown();
  EXPECT_TRUE(errors.empty());
}

TEST(Reader, NamesEveryWrongField) {
  FieldErrors errors;
  auto r = readerOf(
      R"({"s":1,"i":"1","i2":1.5,"b":1,"n":"x","o":[],"p":{"q":true},"huge":9999999999999999999,"extra":0})",
      errors);
  r.string("s");
  r.integer("i");
  r.integer("i2");
  r.boolean("b");
  r.number("n", 0, 1);
  r.object("o");
  r.object("p")->integer("q");
  r.integer("huge");
  r.requireString("missing");
  r.rejectUnknown();
  std::vector<std::string> fields;
  for (const auto& e : errors.list()) fields.push_back(e.field);
  EXPECT_EQ(fields, (std::vector<std::string>{"s", "i", "i2", "b", "n", "o", "p.q", "huge",
                                              "missing", "extra"}));
  EXPECT_THROW(errors.throwIfAny(), ServiceError);
}

TEST(Reader, ChecksLengthsInCodePointsAndRanges) {
  FieldErrors errors;
  auto r = readerOf(R"({"name":"四个汉字","n":11})", errors);
  EXPECT_EQ(r.string("name", 1, 4), "四个汉字");
  EXPECT_EQ(r.string("name", 1, 3), std::nullopt);
  EXPECT_EQ(r.integer("n", 1, 10), std::nullopt);
  EXPECT_EQ(errors.list().size(), 2U);
}

TEST(Reader, ReadsScalarMapsAsText) {
  FieldErrors errors;
  auto r = readerOf(R"({"extra":{"sleep":0.5,"max-lag":3,"print":true,"a":"b"},"bad":{"x":[]}})",
                    errors);
  const std::map<std::string, std::string> wanted{
      {"sleep", "0.5"}, {"max-lag", "3"}, {"print", "true"}, {"a", "b"}};
  EXPECT_EQ(r.scalarMap("extra"), wanted);
  r.scalarMap("bad");
  ASSERT_EQ(errors.list().size(), 1U);
  EXPECT_EQ(errors.list()[0].field, "bad.x");
}

TEST(Reader, RefusesWhatIsNotOneObject) {
  const std::string deep = std::string(100, '[') + std::string(100, ']');
  const std::string zero{"{\"a\":\"\0\"}", 9};
  for (const std::string& text :
       {std::string{}, std::string{"[]"}, std::string{"{"}, std::string{"{} x"},
        std::string{"{\"a\":1,\"a\":2}"}, std::string{"{\"a\":\"\xff\"}"}, "{\"a\":" + deep + "}",
        zero, std::string{"{\"a\":NaN}"}, std::string{"\"x\""}}) {
    FieldErrors errors;
    EXPECT_FALSE(Reader::parse(text, errors).ok()) << text;
  }
  FieldErrors errors;
  EXPECT_FALSE(Reader::parse("{\"a\":1}", errors, 3).ok());
}

TEST(Reader, RefusesEscapedZeroAndLoneSurrogates) {
  FieldErrors errors;
  auto parsed = Reader::parse(R"({"a":"x\u0000y"})", errors);
  if (parsed.ok()) {
    EXPECT_EQ(parsed.value().string("a"), std::nullopt);
    EXPECT_EQ(errors.list().size(), 1U);
  }
}

TEST(Utf8, KnowsWellFormedSequences) {
  for (const char* good : {"", "a", "é", "列", "😀", "\xed\x9f\xbf", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(isUtf8(good)) << good;
  }
  for (const char* bad : {"\x80", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                          "\xf8\x88\x80\x80\x80", "a\xe4\xb8"}) {
    EXPECT_FALSE(isUtf8(bad)) << bad;
  }
  EXPECT_EQ(codePoints("a列😀"), 3U);
}

}  // namespace
}  // namespace oscar::json
