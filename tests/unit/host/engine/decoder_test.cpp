#include "domain/time.hpp"
#include "engine/failure_cause.hpp"
#include "engine/line_assembler.hpp"
#include "engine/output_decoder.hpp"
#include "json/reader.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>

namespace oscar::engine {
namespace {

std::vector<std::string> textsOf(const std::vector<OutputLine>& lines) {
  std::vector<std::string> texts;
  for (const auto& line : lines) texts.push_back(line.text);
  return texts;
}

TEST(LineAssembler, CutsLinesAndCleansThem) {
  LineAssembler assembler{0};
  std::vector<OutputLine> lines;
  assembler.feed("a\r\n\n列", lines);
  assembler.feed("名\x1b[31m\xff\nrest", lines);
  EXPECT_EQ(textsOf(lines), (std::vector<std::string>{"a", "", "列名[31m\xef\xbf\xbd"}));
  assembler.finish(lines);
  EXPECT_EQ(lines.back().text, "rest");
  EXPECT_EQ(assembler.consumedOffset(), assembler.nextOffset());
}

TEST(LineAssembler, GivesTheSameLinesForAnySplitAndFromAnyOffset) {
  std::mt19937 random{42};
  std::string stream;
  for (int i = 0; i < 300; ++i) {
    stream += std::string(random() % 40, 'x') + (random() % 3 ? "列😀" : "") + "\n";
  }
  stream.append(3 * LineAssembler::kMaxLineBytes + 5, 'L').append("\n");
  for (int i = 0; i < 20000; ++i) stream += "汉";
  stream += "\nend";
  const auto read = [&](std::int64_t from, std::size_t piece) {
    LineAssembler assembler{from};
    std::vector<OutputLine> lines;
    for (auto at = static_cast<std::size_t>(from); at < stream.size(); at += piece) {
      assembler.feed(std::string_view{stream}.substr(at, piece), lines);
    }
    assembler.finish(lines);
    return lines;
  };
  const auto whole = read(0, stream.size());
  for (const std::size_t piece :
       {std::size_t{1}, std::size_t{7}, std::size_t{4096}, std::size_t{65536}}) {
    EXPECT_EQ(textsOf(read(0, piece)), textsOf(whole)) << piece;
  }
  for (std::size_t i = 0; i < whole.size(); i += 17) {
    const auto rest = read(whole[i].end_offset, 1000);
    ASSERT_EQ(rest.size(), whole.size() - i - 1);
    for (std::size_t j = 0; j < rest.size(); ++j) {
      EXPECT_EQ(rest[j].text, whole[i + 1 + j].text);
      EXPECT_EQ(rest[j].end_offset, whole[i + 1 + j].end_offset);
    }
  }
  for (const auto& line : whole) EXPECT_LE(line.text.size(), LineAssembler::kMaxLineBytes);
}

TEST(ProgressTracker, NeverExceedsWhatIsKnown) {
  ProgressTracker t;
  EXPECT_EQ(t.percent(), std::nullopt);
  EXPECT_EQ(t.etaSeconds(), std::nullopt);
  t.estimate = 1000;
  t.restartClock(100);
  t.count(500, 105);
  EXPECT_EQ(t.percent(), 50.0);
  EXPECT_EQ(t.rowsPerSecond(), 100.0);
  EXPECT_EQ(t.etaSeconds(), 5);
  t.count(1300, 113);
  EXPECT_EQ(t.percent(), 99.9);
  EXPECT_TRUE(t.estimateExceeded());
  EXPECT_EQ(t.etaSeconds(), std::nullopt);
}

TEST(ProgressTracker, SpeedDoesNotDependOnHowOftenRowsAreCounted) {
  ProgressTracker coarse;
  ProgressTracker fine;
  coarse.restartClock(1);
  fine.restartClock(1);
  for (int i = 1; i <= 60; ++i) coarse.count(i * 1000, 1 + i);
  for (int i = 1; i <= 600; ++i) fine.count(i * 100, 1 + i / 10.0);
  EXPECT_NEAR(*coarse.rowsPerSecond(), 1000, 1);
  EXPECT_NEAR(*fine.rowsPerSecond(), *coarse.rowsPerSecond(), 1);
  for (int i = 1; i <= 30; ++i) coarse.count(60000 + i * 500, 61 + i);
  EXPECT_NEAR(*coarse.rowsPerSecond(), 500, 80);
}

TEST(ProgressTracker, TimeSpentPausedIsNotCopying) {
  ProgressTracker t;
  t.estimate = 10000;
  t.restartClock(1);
  t.count(1000, 11);
  t.restartClock(1000);  // resumed
  t.count(2000, 1010);
  EXPECT_NEAR(*t.rowsPerSecond(), 100, 1);
}

TEST(OutputDecoder, ReadsObserverEvents) {
  OutputDecoder d{OutputState{}};
  const Timestamp now = fromMillis(1'000'000);
  EXPECT_FALSE(d.take(R"(#oscar {"e":"hello","t":1000,"v":1,"tool":"3.2.1","pid":5})", now));
  EXPECT_FALSE(d.take(
      R"(#oscar {"e":"tables","t":1000,"new":"_orders_new","old":"_orders_old","triggers":["pt_osc_shop_orders_del"]})",
      now));
  EXPECT_FALSE(d.take(R"(#oscar {"e":"stage","t":1000.5,"stage":"copying_data"})", now));
  EXPECT_FALSE(d.take(R"(#oscar {"e":"estimate","t":1000.5,"rows":1000})", now));
  EXPECT_FALSE(d.take(R"(#oscar {"e":"chunk","t":1002.5,"rows":200,"size":100,"time":0.5})", now));
  auto p = d.progress();
  EXPECT_EQ(p.stage, Stage::kCopyingData);
  EXPECT_TRUE(p.progress_exact);
  EXPECT_EQ(p.progress, 20.0);
  EXPECT_EQ(p.current_speed, 100.0);
  EXPECT_EQ(p.eta_seconds, 8);
  d.take(
      R"(#oscar {"e":"throttle","t":1003,"kind":"replica_lag","detail":{"host":"db2","lag":14,"max":1}})",
      now);
  EXPECT_EQ(d.progress().throttled_by.en, "replica db2: lag 14 s > 1 s");
  EXPECT_EQ(d.progress().current_speed, 0);
  EXPECT_EQ(d.progress().eta_seconds, std::nullopt);
  d.take(
      R"(#oscar {"e":"throttle","t":1003,"kind":"load","detail":{"values":[{"variable":"Threads_running","value":60,"limit":50}]}})",
      now);
  EXPECT_EQ(d.progress().throttled_by.zh, "服务器负载：Threads_running = 60 ≥ 50");
  d.take(R"(#oscar {"e":"throttle_end","t":1004})", now);
  EXPECT_TRUE(d.progress().throttled_by.empty());
  EXPECT_EQ(d.progress().current_speed, 100.0);
  d.take(R"(#oscar {"e":"paused","t":1005})", now);
  EXPECT_TRUE(d.progress().paused);
  EXPECT_EQ(d.progress().eta_seconds, std::nullopt);
  d.take(R"(#oscar {"e":"resumed","t":1010})", now);
  EXPECT_FALSE(d.progress().paused);
  d.take(R"(#oscar {"e":"hold","t":1011})", now);
  EXPECT_EQ(d.progress().stage, Stage::kAwaitingCutover);
  d.take(R"(#oscar {"e":"stage","t":1012,"stage":"swapping_tables"})", now);
  EXPECT_TRUE(swapHasBegun(d.progress().stage));
}

TEST(OutputDecoder, SaysThatRowsAreCountedAndKeepsTheVerdict) {
  OutputDecoder d{OutputState{}};
  const Timestamp now{};
  d.take(R"(#oscar {"e":"verifying_rows","t":1})", now);
  EXPECT_NE(d.progress().throttled_by.en.find("counting the rows"), std::string::npos);
  d.take(R"(#oscar {"e":"rows_verified","t":2,"original":12,"new":10})", now);
  EXPECT_TRUE(d.progress().throttled_by.empty());
  for (int i = 0; i < 50; ++i) d.take("Error " + std::to_string(i), now);
  d.take("oscar: 2 rows would be lost: the table has 12 rows", now);
  EXPECT_NE(
      failureCause({1, std::nullopt, d.state().errors}).en.find("2 rows would have been lost"),
      std::string::npos);
  EXPECT_LE(d.state().errors.size(), 21u);
}

TEST(OutputDecoder, KeepsWhatTheSearchOfTheOldTableFound) {
  using Finding = RowLoss::Finding;
  const Timestamp now{};
  OutputDecoder d{OutputState{}};
  EXPECT_EQ(d.state().row_loss.finding, Finding::kNotAsked);
  d.take(R"(#oscar {"e":"rows_verified","t":2,"original":12,"new":12})", now);
  EXPECT_EQ(d.state().row_loss.finding, Finding::kOwed);
  d.take(R"(#oscar {"e":"stage","t":3,"stage":"swapping_tables"})", now);
  d.take(R"(#oscar {"e":"searching_old_table","t":4,"old":"_orders_old"})", now);
  EXPECT_NE(d.progress().throttled_by.en.find("searching the old table"), std::string::npos);
  EXPECT_EQ(d.progress().stage, Stage::kSwappingTables);

  OutputDecoder clean{OutputState::decode(d.state().encode()).value()};
  EXPECT_EQ(clean.state().row_loss.finding, Finding::kOwed);
  clean.take(R"(#oscar {"e":"old_table_searched","t":5,"keys":1,"seconds":1.0})", now);
  EXPECT_EQ(clean.state().row_loss.finding, Finding::kNone);
  EXPECT_TRUE(clean.progress().throttled_by.empty());

  OutputDecoder missing{OutputState::decode(d.state().encode()).value()};
  missing.take(
      R"(#oscar {"e":"rows_missing","t":5,"old":"__orders_old","values":2,"rows":3,"keys":["uk"]})",
      now);
  const OutputState kept = OutputState::decode(missing.state().encode()).value();
  EXPECT_EQ(kept.row_loss.finding, Finding::kMissing);
  EXPECT_EQ(kept.row_loss.values, 2);
  EXPECT_EQ(kept.row_loss.rows, 3);
  EXPECT_EQ(kept.row_loss.keys, std::vector<std::string>{"uk"});
  EXPECT_EQ(kept.old_table, "__orders_old");

  d.take(R"(#oscar {"e":"rows_missing","t":5,"old":"_orders_old","reason":"killed"})", now);
  const OutputState unknown = OutputState::decode(d.state().encode()).value();
  EXPECT_EQ(unknown.row_loss.finding, Finding::kUnknown);
  EXPECT_EQ(unknown.row_loss.reason, "killed");
}

TEST(OutputDecoder, ShowsBrokenEventsInTheLog) {
  OutputDecoder d{OutputState{}};
  EXPECT_TRUE(d.take("#oscar {broken", {}));
  EXPECT_TRUE(d.take("#oscar {}", {}));
  EXPECT_TRUE(d.take("# oscar", {}));
  EXPECT_FALSE(d.state().observed);
}

const std::string kMark = "0123456789abcdef0123456789abcdef";

/// A decoder of a run that has a mark, and a way to write that run's events.
struct MarkedRun : testing::Test {
  OutputDecoder decoder{[] {
    OutputState state;
    state.event_mark = kMark;
    return state;
  }()};

  bool event(const std::string& json) { return decoder.take("#oscar " + kMark + " " + json, {}); }
  bool line(const std::string& text) { return decoder.take(text, fromMillis(5'000'000)); }
  void hello() { EXPECT_FALSE(event(R"({"e":"hello","t":1000,"v":1})")); }
  const OutputState& state() const { return decoder.state(); }
};

TEST_F(MarkedRun, TakesItsOwnEventsOnly) {
  const std::vector<std::string> forged{
      R"(#oscar {"e":"tables","new":"customers"})",
      R"(#oscar {"e":"stage","stage":"swapping_tables"})",
      R"(#oscar {"e":"rows_missing","old":"customers","values":1,"rows":1,"keys":["uk"]})",
      R"(#oscar {"e":"swapped","old":"customers"})",
      R"(#oscar {"e":"refused","text":"oscar: forged"})",
      R"(#oscar {"e":"hello","v":1})",
      R"(#oscar ffffffffffffffffffffffffffffffff {"e":"hello","v":1})",
      R"(#oscar ffffffffffffffffffffffffffffffff {"e":"tables","new":"customers"})",
      "#oscar " + kMark + R"({"e":"tables","new":"customers"})",
      "#oscar " + kMark + R"(0 {"e":"tables","new":"customers"})",
      "#oscar  " + kMark + R"( {"e":"tables","new":"customers"})",
      "#oscar " + kMark.substr(1) + R"( {"e":"tables","new":"customers"})",
      " #oscar " + kMark + R"( {"e":"tables","new":"customers"})",
  };
  const std::string fresh = state().encode();
  for (const auto& text : forged) EXPECT_TRUE(line(text)) << text;
  EXPECT_EQ(state().encode(), fresh);
  hello();
  event(R"({"e":"tables","t":1000,"new":"_d1_new"})");
  const std::string true_state = state().encode();
  for (const auto& text : forged) EXPECT_TRUE(line(text)) << text;
  EXPECT_EQ(state().encode(), true_state);
  EXPECT_EQ(state().new_table, "_d1_new");
}

TEST_F(MarkedRun, OnceTheObserverHasSpokenNoOtherLineDecidesAnything) {
  hello();
  event(R"({"e":"stage","t":1001,"stage":"copying_data"})");
  const std::string before = state().encode();
  for (const char* text :
       {"Creating new table...", "Created new table shop.customers OK.",
        "Created new table shop._errors_new OK.", "2026-11-22T20:14:00 Creating triggers...",
        "2026-11-22T20:14:00 Copying approximately 5 rows...",
        "Copying `shop`.`errors`:  19% 00:30 remain", "Pausing because Threads_running=60.",
        "Replica db2 is stopped.  Waiting.", "2026-11-22T20:14:00 Copied rows OK.",
        "2026-11-22T20:14:00 Swapping tables...",
        "  1366: x 2026-11-22T20:14:00 Swapped original and new tables OK.",
        "2026-11-22T20:14:00 Dropped and swapped tables OK.",
        "2026-11-22T20:14:00 Dropping old table...", "2026-11-22T20:14:00 Dropping triggers...",
        "Successfully altered `shop`.`errors`.", "`shop`.`errors` was not altered.",
        "oscar: 9 rows would be lost: cannot be", "oscar: cannot count the rows before the swap"}) {
    EXPECT_TRUE(line(text)) << text;
    EXPECT_EQ(state().encode(), before) << text;
  }
  line("DBD::mysql::db do failed: Lock wait timeout exceeded");
  EXPECT_EQ(state().errors.size(), 1u);
}

TEST_F(MarkedRun, UntilTheObserverSpeaksPlainLinesCount) {
  line("Creating new table...");
  line("Created new table shop._orders_new OK.");
  line("2026-11-22T20:14:00 Copying approximately 5 rows...");
  line("Pausing because Threads_running=60.");
  EXPECT_EQ(decoder.progress().stage, Stage::kCopyingData);
  EXPECT_EQ(state().new_table, "_orders_new");
  EXPECT_FALSE(decoder.progress().throttled_by.empty());
  line("2026-11-22T20:14:00 Dropped and swapped tables OK.");
  EXPECT_TRUE(state().swapped);
}

TEST_F(MarkedRun, AVerdictOfTheObserverIsTheCauseAlone) {
  const auto cause = [&] { return failureCause({1, std::nullopt, state().errors}).en; };
  hello();
  line("Access denied for user: Error 1");
  line("x oscar: 9 rows would be lost");
  line("note: oscar: cannot count the rows before the swap");
  EXPECT_NE(cause().find("Access denied: check"), std::string::npos) << cause();
  event(R"({"e":"refused","t":5,"text":"oscar: 2 rows would be lost: the table has 12 rows"})");
  line("oscar: 99 rows would be lost");
  line("Access denied for user: Error 2");
  EXPECT_NE(cause().find("2 rows would have been lost"), std::string::npos) << cause();
  decoder = OutputDecoder{OutputState::decode(state().encode()).value()};
  line("Access denied for user: Error 3");
  EXPECT_EQ(state().errors,
            std::vector<std::string>{"oscar: 2 rows would be lost: the table has 12 rows"});
}

TEST_F(MarkedRun, TheCleanUpOfAFailedRunIsNoStageOfItsWork) {
  hello();
  event(R"({"e":"stage","t":1001,"stage":"copying_data"})");
  event(R"({"e":"stage","t":1002,"stage":"dropping_triggers","cleanup":true})");
  line("2026-11-22T20:14:00 Dropping triggers...");
  EXPECT_EQ(decoder.progress().stage, Stage::kCopyingData);
  EXPECT_TRUE(OutputState::decode(state().encode()).value().cleaning_up);
}

TEST_F(MarkedRun, DroppingTheTriggersAfterTheSwapIsAStage) {
  hello();
  event(R"({"e":"stage","t":1001,"stage":"swapping_tables"})");
  event(R"({"e":"stage","t":1002,"stage":"dropping_triggers","cleanup":false})");
  EXPECT_EQ(decoder.progress().stage, Stage::kDroppingTriggers);
  EXPECT_FALSE(state().cleaning_up);
}

TEST_F(MarkedRun, LearnsOfTheSwapFromEvents) {
  hello();
  event(R"({"e":"session","t":1,"id":12})");
  event(R"({"e":"session","t":1,"id":12})");
  event(R"({"e":"session","t":2,"id":4294967299})");
  event(R"({"e":"stage","t":3,"stage":"copying_data"})");
  event(R"({"e":"copied","t":9})");
  EXPECT_TRUE(state().copied);
  EXPECT_EQ(state().copy_ended_at, 9);
  EXPECT_EQ(decoder.progress().progress, ProgressTracker::kCeilingPercent);
  EXPECT_FALSE(state().swap_attempted);
  EXPECT_EQ(state().old_tables_before, std::nullopt);
  event(R"({"e":"swapping","t":10,"new":"_o_new","old_before":["__o_old","_o_old"]})");
  const OutputState kept = OutputState::decode(state().encode()).value();
  EXPECT_EQ(kept.encode(), state().encode());
  EXPECT_EQ(kept.event_mark, kMark);
  EXPECT_TRUE(kept.swap_attempted);
  EXPECT_FALSE(kept.swapped);
  EXPECT_EQ(kept.new_table, "_o_new");
  EXPECT_EQ(kept.old_tables_before, (std::vector<std::string>{"__o_old", "_o_old"}));
  EXPECT_EQ(kept.sessions, (std::vector<std::int64_t>{12, 4294967299}));
  event(R"({"e":"swapping","t":10,"new":"_o_new"})");
  EXPECT_EQ(OutputState::decode(state().encode()).value().old_tables_before, std::nullopt);
  event(R"({"e":"swapped","t":11,"old":"___o_old"})");
  EXPECT_TRUE(state().swapped);
  EXPECT_EQ(state().old_table, "___o_old");
  event(R"({"e":"end","t":12,"ok":false,"exit_status":1})");
  EXPECT_FALSE(state().said_altered);
  event(R"({"e":"end","t":12,"ok":true,"exit_status":0})");
  EXPECT_TRUE(state().said_altered);
}

TEST_F(MarkedRun, KeepsTheNewestSessions) {
  for (int id = 1; id <= 20; ++id) {
    event(R"({"e":"session","t":1,"id":)" + std::to_string(id) + "}");
  }
  EXPECT_EQ(state().sessions.size(), OutputState::kMostSessions);
  EXPECT_EQ(state().sessions.back(), 20);
  for (const char* odd : {"0", "-1", "\"7\"", "null"}) {
    event(R"({"e":"session","t":1,"id":)" + std::string{odd} + "}");
  }
  EXPECT_EQ(state().sessions.back(), 20);
}

TEST_F(MarkedRun, IsReadAgainWithTheMarkOfItsFirstEvent) {
  OutputDecoder again{OutputState{}};
  again.take("Created plugin", {});
  again.take("#oscar " + kMark + R"( {"e":"hello","t":1000,"v":1})", {});
  EXPECT_TRUE(again.state().eventsDecide());
  again.take(R"(#oscar {"e":"tables","new":"customers"})", {});
  again.take(R"(#oscar ffffffffffffffffffffffffffffffff {"e":"hello","t":1})", {});
  EXPECT_EQ(again.state().event_mark, kMark);
  EXPECT_EQ(again.state().new_table, "");
  again.take("#oscar " + kMark + R"( {"e":"tables","t":1000,"new":"_d1_new"})", {});
  EXPECT_EQ(again.state().new_table, "_d1_new");
}

TEST(OutputDecoder, ReadsOnARunThatAnOscardWithoutMarksHasStarted) {
  std::string stored = OutputState{}.encode();
  const auto at = stored.find(R"(,"event_mark":)");
  ASSERT_NE(at, stored.npos);
  stored = stored.substr(0, at) + "}";
  OutputDecoder d{OutputState::decode(stored).value()};
  d.take(R"(#oscar {"e":"hello","t":1000,"v":1})", {});
  d.take(R"(#oscar {"e":"tables","t":1000,"new":"_orders_new"})", {});
  d.take("#oscar " + kMark + R"( {"e":"hello","t":1000,"v":1})", {});
  d.take(R"(#oscar {"e":"stage","t":1000,"stage":"swapping_tables"})", {});
  EXPECT_EQ(d.state().event_mark, "");
  EXPECT_EQ(d.state().new_table, "_orders_new");
  EXPECT_EQ(d.progress().stage, Stage::kSwappingTables);
  d.take("2026-01-01T00:00:08 Swapped original and new tables OK.", {});
  EXPECT_TRUE(d.state().swapped);
}

TEST(OutputDecoder, RefusesAStoredStateThatItCannotRead) {
  OutputState state;
  state.stage = Stage::kDroppingOldTable;
  state.swapped = true;
  state.row_loss.finding = RowLoss::Finding::kOwed;
  state.percent = 40;
  const std::string good = state.encode();
  ASSERT_TRUE(OutputState::decode(good).ok());
  const auto with = [&](const std::string& part, const std::string& other) {
    std::string changed = good;
    const auto at = changed.find(part);
    EXPECT_NE(at, changed.npos) << part;
    return changed.replace(at, part.size(), other);
  };
  const std::vector<std::pair<std::string, const char*>> cases{
      {"", "no JSON object"},
      {"[]", "no JSON object"},
      {good.substr(0, good.size() / 2), "no JSON object"},
      {"{}", "stage"},
      {with("dropping_old_table", "dropping_tables"), "stage"},
      {with("\"owed\"", "\"owing\""), "row_loss"},
      {with("\"swapped\":true", "\"swapped\":\"yes\""), "swapped"},
      {with("\"swapped\":true,", ""), "swapped"},
      {with("\"swapped\":true", "\"swapped\":null"), "swapped"},
      {with("\"triggers\":[]", "\"triggers\":[1]"), "triggers"},
      {with("\"percent\":40", "\"percent\":\"40\""), "percent"},
      {with("\"rows\":0", "\"rows\":0.5"), "rows"},
      {with("\"event_mark\":\"\"", "\"event_mark\":5"), "event_mark"},
      {with("\"swap_attempted\":false,", ""), "swap_attempted"},
      {with("\"sessions\":[]", "\"sessions\":[\"1x\"]"), "sessions"},
      {with("\"refused\":false", "\"refused\":0"), "refused"},
  };
  for (const auto& [json, reason] : cases) {
    const auto decoded = OutputState::decode(json);
    ASSERT_FALSE(decoded.ok()) << json;
    EXPECT_NE(decoded.error().find(reason), std::string::npos) << decoded.error();
  }
}

TEST(OutputDecoder, StateSurvivesStorage) {
  OutputDecoder d{OutputState{}};
  for (const char* line :
       {"Creating new table...", "Created new table shop._orders_new OK.", "Altering new table...",
        "2026-11-22T20:14:00 Creating triggers...",
        "2026-11-22T20:14:00 Copying approximately 509644 rows...",
        "Copying `shop`.`orders`:  19% 1+02:03:04 remain", "Pausing because Threads_running=60.",
        "DBD::mysql error \"quoted\" \\ 列"}) {
    d.take(line, fromMillis(5'000'000));
  }
  const OutputDecoder again{OutputState::decode(d.state().encode()).value()};
  EXPECT_EQ(again.state().encode(), d.state().encode());
  EXPECT_EQ(again.progress(), d.progress());
  EXPECT_EQ(again.progress().progress, 19.0);
  EXPECT_EQ(again.progress().eta_seconds, 26 * 3600 + 184);
  EXPECT_EQ(again.state().new_table, "_orders_new");
  EXPECT_EQ(again.progress().throttled_by.en, "server load: Threads_running = 60");
}

TEST(OutputDecoder, ReadsPtoscsThreeWaysToWriteADuration) {
  const std::vector<std::pair<std::string, std::optional<std::int64_t>>> cases{
      {"00:30", 30},
      {"61:02", 3662},
      {"02:03:04", 7384},
      {"1+02:03:04", 93784},
      {"soon", std::nullopt},
      {"12", std::nullopt},
      {"1+", std::nullopt},
      {"1:2:3:4", std::nullopt},
      {":", std::nullopt},
      {"00:30x", std::nullopt},
      {"12345678901:00", std::nullopt}};
  for (const auto& [text, seconds] : cases) {
    SCOPED_TRACE(text);
    OutputDecoder d{OutputState{}};
    d.take("Copying approximately 1000 rows...", fromMillis(5'000'000));
    d.take("Copying `shop`.`orders`:  19% " + text + " remain", fromMillis(5'000'000));
    EXPECT_EQ(d.progress().progress, 19.0);
    EXPECT_EQ(d.progress().eta_seconds, seconds);
  }
}

// Real recordings: what a correct reader must conclude stands beside them.
class Transcripts : public testing::Test {
 protected:
  std::filesystem::path folder() const {
    return std::filesystem::path{OSCAR_SOURCE_DIR} / ".." / "shared" / "fixtures" /
           "pt-osc-transcripts";
  }
};

OutputState readTranscript(const std::filesystem::path& file) {
  OutputDecoder d{OutputState{}};
  std::ifstream in{file};
  std::string row;
  while (std::getline(in, row)) {
    json::FieldErrors errors;
    auto parsed = json::Reader::parse(row, errors);
    if (!parsed) continue;
    const double t = parsed.value().number("t", 0, 1e9).value_or(0);
    d.take(parsed.value().string("line").value_or(""),
           fromMillis(1'000'000 + static_cast<std::int64_t>(t * 1000)));
  }
  return d.state();
}

TEST_F(Transcripts, AreReadAsTheyHappened) {
  std::ifstream index{folder() / "index.jsonl"};
  if (!index) GTEST_SKIP() << "the recorded transcripts are not beside this checkout";
  std::string row;
  int read = 0;
  while (std::getline(index, row)) {
    json::FieldErrors errors;
    auto parsed = json::Reader::parse(row, errors);
    ASSERT_TRUE(parsed.ok()) << row;
    auto& want = parsed.value();
    const std::string name = want.string("name").value();
    SCOPED_TRACE(name);
    const OutputState got = readTranscript(folder() / name / "events.jsonl");
    EXPECT_EQ(got.said_altered, want.boolean("printed_successfully_altered").value());
    if (const auto last = want.integer("last_percent")) {
      EXPECT_EQ(got.percent, *last);
    }
    if (const auto rows = want.integer("estimated_rows")) {
      EXPECT_EQ(got.tracker.estimate, *rows);
    }
    const auto ok = want.strings("stages_ok").value();
    const auto isOk = [&](const char* stage) {
      return std::find(ok.begin(), ok.end(), stage) != ok.end();
    };
    EXPECT_EQ(got.swapped, isOk("swap_tables"));
    EXPECT_EQ(got.copied, isOk("copy_rows"));
    if (want.string("outcome") == "failed" && !want.strings("error_lines")->empty()) {
      EXPECT_FALSE(got.errors.empty());
      const Text cause =
          failureCause({static_cast<int>(want.integer("exit_code").value_or(1)), {}, got.errors});
      EXPECT_FALSE(cause.zh.empty());
      EXPECT_EQ(cause.en.find(" at /usr/bin/"), std::string::npos) << cause.en;
    }
    ++read;
  }
  EXPECT_EQ(read, 59);
}

TEST(FailureCause, NamesTheCause) {
  const auto cause = [](std::vector<std::string> lines, std::optional<int> code = 11) {
    return failureCause({code, std::nullopt, std::move(lines)}).en;
  };
  EXPECT_NE(
      cause({"The table `ho_t`.`trg` has triggers but --preserve-triggers was not specified."})
          .find("already has triggers"),
      std::string::npos);
  EXPECT_NE(cause({"Cannot connect to MySQL: DBI connect('x') failed: Access denied for user "
                   "'osc'@'localhost' (using password: YES) at /usr/bin/pt-online-schema-change "
                   "line 2345."},
                  18)
                .find("Access denied"),
            std::string::npos);
  EXPECT_NE(cause({"2026-11-22T19:58:52 Error swapping tables: Lock wait timeout exceeded"}, 14)
                .find("Swapping the tables failed"),
            std::string::npos);
  EXPECT_NE(cause({}, 255).find("255"), std::string::npos);
  EXPECT_NE(failureCause({std::nullopt, 9, {}}).zh.find("信号 9"), std::string::npos);
  EXPECT_NE(cause({"oscar: the table was changed by somebody else during the copy: new: `z` int, "
                   "Access denied"})
                .find("Somebody else changed"),
            std::string::npos);
  EXPECT_NE(
      cause({"oscar: the table was changed by somebody else during the copy, its data: it was "
             "truncated, rebuilt or replaced by another table"})
          .find("During the run somebody else emptied"),
      std::string::npos);
  EXPECT_NE(cause({"oscar: the table was changed by somebody else just before the swap, its data: "
                   "partitions were truncated, rebuilt or exchanged: p0; the old table _t_old is "
                   "kept"})
                .find("The old table was kept: it has the data as of the swap"),
            std::string::npos);
  EXPECT_NE(cause({"oscar: cannot read the definition of the table before the swap: Lock wait "
                   "timeout exceeded"})
                .find("definition could not be read"),
            std::string::npos);
  EXPECT_NE(cause({"oscar: cannot load the check of rows, so nothing begins: Unknown"})
                .find("did not begin"),
            std::string::npos);
  EXPECT_EQ(cause({"Warning: oscar: cannot read the definition of the table"})
                .find("definition could not be read"),
            std::string::npos);
  EXPECT_EQ(cause({"something odd failed badly"}), "pt-osc said: something odd failed badly");
}

}  // namespace
}  // namespace oscar::engine
