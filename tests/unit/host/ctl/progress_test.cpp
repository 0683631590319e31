#include "ctl/progress.hpp"

#include "ctl/live_block.hpp"
#include "ctl/render.hpp"
#include "ctl/terminal.hpp"
#include "ctl/words.hpp"

#include <gtest/gtest.h>

#include <numeric>

namespace oscar::ctl {
namespace {

ExecutionView copying() {
  ExecutionView v;
  v.status = "running";
  v.stage = "copying_data";
  v.progress = 50;
  v.processed_rows = 100000;
  v.total_rows = 200000;
  v.speed = 5420;
  v.eta_seconds = 19;
  return v;
}

ExecutionView large() {
  ExecutionView v = copying();
  v.progress = 49.9;
  v.processed_rows = 1234567890;
  v.total_rows = 2345678901;
  v.speed = 123456;
  v.eta_seconds = 12 * 3600 + 34 * 60 + 56;
  return v;
}

std::string joined(const std::vector<std::string>& lines) {
  return std::accumulate(lines.begin(), lines.end(), std::string{},
                         [](const std::string& all, const std::string& line) {
                           return all.empty() ? line : all + "\n" + line;
                         });
}

TEST(Progress, IsOneLineWhereThereIsRoom) {
  EXPECT_EQ(joined(progressLines(copying(), 200, Language::kEn)),
            "copying data  [############............] 50.0 %  100,000 / 200,000 rows  5,420 rows/s"
            "  ETA 19 s");
  // The bar gives way first.
  EXPECT_EQ(joined(progressLines(copying(), 80, Language::kEn)),
            "copying data  [####.....] 50.0 %  100,000 / 200,000 rows  5,420 rows/s  ETA 19 s");
}

TEST(Progress, ShowsEveryFigureHoweverNarrowTheTerminal) {
  struct Case {
    Language language;
    std::vector<std::string> words;
  };
  const std::vector<Case> cases{{Language::kEn,
                                 {"copying data", "49.9 %", "1,234,567,890 / 2,345,678,901 rows",
                                  "123,456 rows/s", "ETA 12 h 34 m 56 s", "paused"}},
                                {Language::kZh,
                                 {"复制数据", "49.9 %", "1,234,567,890 / 2,345,678,901 行",
                                  "123,456 行/秒", "剩余 12 时 34 分 56 秒", "已暂停"}}};
  for (const auto& [language, words] : cases) {
    ExecutionView view = large();
    view.paused = true;
    view.throttled_by = "lag";
    for (int width = 40; width <= 160; ++width) {
      const auto lines = progressLines(view, width, language);
      for (const auto& line : lines) {
        EXPECT_LE(displayWidth(line), static_cast<std::size_t>(width)) << line;
      }
      for (const auto& word : words) {
        EXPECT_NE(joined(lines).find(word), std::string::npos) << width << "\n" << joined(lines);
      }
      EXPECT_EQ(lines.back(), "lag") << width;
      EXPECT_LE(lines.size(), width >= 79 ? 3U : 5U) << joined(lines);
    }
  }
}

TEST(Progress, AReasonOfAnyLengthStaysInThreeLines) {
  ExecutionView view = copying();
  for (int i = 0; i < 40; ++i) view.throttled_by += "replica\n落后太多，";
  const auto lines = progressLines(view, 60, Language::kEn);
  EXPECT_LE(lines.size(), 2U + 3U);
  EXPECT_TRUE(lines.back().ends_with("…"));
  for (const auto& line : lines) EXPECT_LE(displayWidth(line), 60U) << line;
}

TEST(Progress, SaysNothingThatIsNotKnown) {
  ExecutionView view = copying();
  view.eta_seconds.reset();
  view.progress.reset();
  EXPECT_EQ(progressText(view, Language::kEn),
            "copying data  100,000 / 200,000 rows  5,420 rows/s");
  view.status = "pending";
  view.stage = "";
  view.waiting_for = "another execution";
  EXPECT_EQ(progressText(view, Language::kEn), "pending  another execution");
  EXPECT_EQ(joined(progressLines(view, 40, Language::kEn)), "pending\nanother execution");
}

TEST(Outcome, DoesNotLookAsIfSomethingStillGoesOn) {
  ExecutionView view;
  view.status = "cancelled";
  view.stage = "dropping_triggers";
  view.progress = 2;
  view.processed_rows = 1000;
  view.total_rows = 50000;
  EXPECT_EQ(outcomeText(view, Language::kEn), "copied 1,000 / 50,000 rows (2.0 %)");
  EXPECT_EQ(outcomeText(view, Language::kZh), "已复制 1,000 / 50,000 行（2.0 %）");
  view.processed_rows = 0;
  EXPECT_EQ(outcomeText(view, Language::kEn), "");
  view.status = "failed";
  view.stage = "preflight";
  EXPECT_EQ(outcomeText(view, Language::kEn), "last stage: preflight");
  EXPECT_EQ(outcomeText(view, Language::kZh), "最后阶段：预检");
  view.status = "completed";
  view.stage = "done";
  EXPECT_EQ(outcomeText(view, Language::kEn), "");
  view.processed_rows = 5000;
  EXPECT_EQ(outcomeText(view, Language::kEn), "5,000 rows");
}

TEST(Words, OfTypesAreTranslated) {
  EXPECT_EQ(ddlTypeName("add_column", Language::kZh), "添加列");
  EXPECT_EQ(ddlTypeName("add_column", Language::kEn), "add_column");
  EXPECT_EQ(ddlTypeName("new_word", Language::kZh), "new_word");
}

TEST(Wrapped, BreaksAtSpacesAndBetweenChineseCharacters) {
  using Lines = std::vector<std::string>;
  const std::vector<std::tuple<std::string, std::size_t, Lines>> cases{
      {"", 10, {}},
      {"one two three", 7, {"one two", "three"}},
      {"one  two", 4, {"one", "two"}},
      {"执行中，等待", 6, {"执行", "中，等", "待"}},
      {"abcdefgh", 3, {"abc", "def", "gh"}},
      {"连接 db1 失败", 8, {"连接 db1", "失败"}},
      {"a\nb", 10, {"a b"}}};
  for (const auto& [text, width, lines] : cases) EXPECT_EQ(wrapped(text, width), lines) << text;
}

TEST(LiveBlock, GoesUpAsManyRowsAsWereShown) {
  LiveBlock block;
  EXPECT_EQ(block.remove(80), "");
  EXPECT_EQ(block.replaceBy({"a", "b"}, 80), "a\nb");
  EXPECT_EQ(block.replaceBy({"c"}, 80), "\x1b[1A\r\x1b[Jc");
  EXPECT_EQ(block.replaceBy({std::string(70, 'x')}, 80), "\r\x1b[J" + std::string(70, 'x'));
  EXPECT_EQ(block.remove(40), "\x1b[1A\r\x1b[J");  // the terminal became narrower
  EXPECT_EQ(block.remove(40), "");
  EXPECT_EQ(block.leave(), "");
  block.replaceBy({"a"}, 80);
  EXPECT_EQ(block.leave(), "\n");
}

}  // namespace
}  // namespace oscar::ctl
