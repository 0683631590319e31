#include "engine/throttle_text.hpp"

#include <gtest/gtest.h>

namespace oscar::engine {
namespace {

struct Case {
  std::string input;
  std::string zh;
  std::string en;
};

using Describe = Text (*)(json::Reader&);

void expectTexts(Describe describe, const std::vector<Case>& cases) {
  for (const auto& c : cases) {
    SCOPED_TRACE(c.input);
    json::FieldErrors errors;
    auto event = json::Reader::parse(c.input, errors);
    ASSERT_TRUE(event.ok());
    const Text text = describe(event.value());
    EXPECT_EQ(text.zh, c.zh);
    EXPECT_EQ(text.en, c.en);
  }
}

TEST(ThrottleText, SaysWhyTheObserverWaits) {
  expectTexts(
      throttleFromEvent,
      {{R"({"kind":"replica_lag","detail":{"host":"db2","lag":14,"max":1}})",
        "从库 db2：延迟 14 s > 1 s", "replica db2: lag 14 s > 1 s"},
       {R"({"kind":"replica_lag","detail":{"host":"db2","lag":14}})", "从库 db2：延迟 14 s",
        "replica db2: lag 14 s"},
       {R"({"kind":"replica_lag","detail":{"host":"db2","max":1}})", "从库 db2：延迟 ? > 1 s",
        "replica db2: lag ? > 1 s"},
       {R"({"kind":"replica_stopped","detail":{"host":"db2"}})",
        "从库 db2 的复制已停止；在它恢复之前将一直等待（启动复制，或停止本次执行）",
        "replica db2: replication is stopped; the copy waits until it runs again (start it, or "
        "stop this execution)"},
       {R"({"kind":"load","detail":{"values":[{"variable":"Threads_running","value":60,"limit":50},)"
        R"({"variable":"Threads_connected","value":900,"limit":800}]}})",
        "服务器负载：Threads_running = 60 ≥ 50；服务器负载：Threads_connected = 900 ≥ 800",
        "server load: Threads_running = 60 ≥ 50; server load: Threads_connected = 900 ≥ 800"},
       {R"({"kind":"load","detail":{"values":[]},"text":"busy"})", "限速等待：busy",
        "waiting: busy"},
       {R"({"kind":"something_new","text":"for the moon"})", "限速等待：for the moon",
        "waiting: for the moon"},
       {R"({"kind":"something_new"})", "限速等待：something_new", "waiting: something_new"}});
}

TEST(ThrottleText, SaysWhatIsTriedAgain) {
  expectTexts(retryFromEvent,
              {{R"({"attempt":2,"attempts":10,"reason":"lock_wait_timeout"})",
                "等待锁超时，正在重试（第 2/10 次）：有事务占用该表",
                "a lock was not to be had, trying again (2/10): a transaction holds the table"},
               {R"({"attempt":1,"attempts":3,"reason":"deadlock"})",
                "语句失败（deadlock），正在重试（第 1/3 次）",
                "a statement failed (deadlock), trying again (1/3)"}});
}

TEST(ThrottleText, ReadsPtoscsOwnLines) {
  for (const auto& [line, zh, en] : std::vector<Case>{
           {"Replica lag is 14 seconds on db2.  Waiting.", "从库 db2：延迟 14 s",
            "replica db2: lag 14 s"},
           {"Pausing because Threads_running=60.", "服务器负载：Threads_running = 60",
            "server load: Threads_running = 60"},
           {"Sleeping 60 seconds because /tmp/pause exists", "暂停文件存在：/tmp/pause",
            "the pause file exists: /tmp/pause"},
           {"Copying `shop`.`orders`:  19% 00:30 remain", "", ""},
           {"Replica lag is 1 second on db2.example. Waiting.", "从库 db2.example：延迟 1 s",
            "replica db2.example: lag 1 s"},
           {"2026-01-01T00:00:02 Replica lag is 9 seconds on db2  Waiting.", "从库 db2：延迟 9 s",
            "replica db2: lag 9 s"},
           {"Pausing because Threads_running=60.5.", "服务器负载：Threads_running = 60.5",
            "server load: Threads_running = 60.5"},
           {"Sleeping 5 seconds because /tmp/it exists exists", "暂停文件存在：/tmp/it exists",
            "the pause file exists: /tmp/it exists"},
           {"Replica lag is unknown seconds on db2.  Waiting.", "", ""},
           {"Replica lag is 14 seconds on db2.", "", ""},
           {"Replica lag is 14", "", ""},
           {"Replica db2 is fine.", "", ""},
           {"Pausing because Threads_running=much", "", ""},
           {"Pausing because ", "", ""},
           {"Sleeping long because /tmp/pause exists", "", ""},
           {"Sleeping 60 seconds because  exists", "", ""},
           {"", "", ""}}) {
    SCOPED_TRACE(line);
    EXPECT_EQ(throttleFromLine(line).zh, zh);
    EXPECT_EQ(throttleFromLine(line).en, en);
  }
  EXPECT_NE(throttleFromLine("Replica 'db2' is stopped.  Waiting.").en.find("replica db2"),
            std::string::npos);
}

}  // namespace
}  // namespace oscar::engine
