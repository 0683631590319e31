// Tokens, their kinds and their byte offsets.

#include "ddl/lexer.hpp"

#include <gtest/gtest.h>

namespace oscar::ddl {
namespace {

/// `kind:text` of each token but the last: w(ord) q(uoted) s(tring) i(nteger) d(ecimal) b(its) and
/// the bare text of a symbol.
std::string render(std::string_view text) {
  const auto tokens = tokenize(text);
  if (!tokens) return "error " + std::to_string(tokens.error().offset);
  constexpr std::string_view kLetters = " wqsidb";
  std::string line;
  for (const Token& token : tokens.value()) {
    if (token.kind == TokenKind::kEnd) break;
    if (!line.empty()) line += ' ';
    if (token.kind != TokenKind::kSymbol) {
      line += std::string{kLetters[static_cast<std::size_t>(token.kind)]} + ":";
    }
    line += text.substr(token.offset, token.length);
  }
  return line;
}

struct LexCase {
  const char* text;
  const char* rendering;
};

constexpr LexCase kCases[] = {
    {"", ""},
    {" \t\r\n\v\f", ""},
    {"ADD a", "w:ADD w:a"},
    {"a,b", "w:a , w:b"},
    {"`a b`", "q:`a b`"},
    {"`a``b`", "q:`a``b`"},
    {"'a''b'", "s:'a''b'"},
    {"'a\\'b'", "s:'a\\'b'"},
    {"\"a'b\"", "s:\"a'b\""},
    {"'--' '#' '/*'", "s:'--' s:'#' s:'/*'"},
    {"N'x' n'y'", "s:N'x' s:n'y'"},
    {"_utf8'x'", "w:_utf8 s:'x'"},
    {"1 23 1.5 .5 1. 1e3 1.5E-3", "i:1 i:23 d:1.5 d:.5 d:1. d:1e3 d:1.5E-3"},
    {"1a 1e a1 $x _y", "w:1a w:1e w:a1 w:$x w:_y"},
    {"d.1t d.t", "w:d . w:1t w:d . w:t"},
    {"0x1F x'1F' 0b10 b'10' 0xZ", "b:0x1F b:x'1F' b:0b10 b:b'10' w:0xZ"},
    {"a<=>b <= >= <> != || && -> ->> :=", "w:a <=> w:b <= >= <> != || && -> ->> :="},
    {"a -- b\nc", "w:a w:c"},
    {"a --b", "w:a - - w:b"},
    {"a --", "w:a"},
    {"a # b\nc", "w:a w:c"},
    {"a /* b */ c", "w:a w:c"},
    {"a /**/ c", "w:a w:c"},
    {"a /*+ b */ c", "w:a w:c"},
    {"/*! a */ b", "w:a w:b"},
    {"/*!50100 a */", "w:a"},
    {"/*!100100 a */", "w:a"},
    {"/*!50100a*/", "w:a"},
    {"/*M!100100 a */", "w:a"},
    {"/*! a /* b */ c */ d", "w:a w:c w:d"},
    {"名称 `状 态`", "w:名称 q:`状 态`"},
    {"'x", "error 0"},
    {"a 'x\\'", "error 2"},
    {"a `x", "error 2"},
    {"a /* x", "error 2"},
    {"a /*! x", "error 2"},
    {"/*! /*! x */ */", "error 4"},
    {"x'123'", "error 0"},
    {"b'12'", "error 0"},
    {"a，b", "error 1"},
    {"\xFF", "error 0"},
    {"a\xC0\x80", "error 1"},
};

TEST(Lexer, CutsTextIntoTokens) {
  for (const LexCase& c : kCases) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(render(c.text), c.rendering);
  }
}

TEST(Lexer, MarksWhatStandsInAVersionComment) {
  const auto tokens = tokenize("a /*! b */ c").value();
  ASSERT_EQ(tokens.size(), 4U);
  EXPECT_FALSE(tokens[0].in_version_comment);
  EXPECT_TRUE(tokens[1].in_version_comment);
  EXPECT_EQ(tokens[1].offset, 6U);
  EXPECT_FALSE(tokens[2].in_version_comment);
}

TEST(Lexer, UnquotesNamesAndStrings) {
  const auto value = [](std::string_view text) {
    return stringValue(text, tokenize(text).value().front());
  };
  EXPECT_EQ(nameOf("`a``b`", tokenize("`a``b`").value().front()), "a`b");
  EXPECT_EQ(value("'it''s'"), "it's");
  EXPECT_EQ(value("\"a\"\"b\""), "a\"b");
  EXPECT_EQ(value("'a\\nb\\t\\\\\\'\\x'"), "a\nb\t\\'x");
  EXPECT_EQ(value("'100\\%'"), "100\\%");
  EXPECT_EQ(value("N'x'"), "x");
  EXPECT_EQ(value("''"), "");
}

TEST(Lexer, CountsCodePointsNotBytes) {
  EXPECT_EQ(codePoints("a名😀"), 3U);
}

}  // namespace
}  // namespace oscar::ddl
