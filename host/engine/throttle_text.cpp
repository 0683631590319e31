#include "engine/throttle_text.hpp"

#include <regex>

namespace oscar::engine {
namespace {

std::string seconds(const std::string& value) {
  return value.empty() ? "?" : value + " s";
}

Text replicaLag(const std::string& host, const std::string& lag, const std::string& max) {
  if (max.empty()) {
    return {"从库 " + host + "：延迟 " + seconds(lag), "replica " + host + ": lag " + seconds(lag)};
  }
  return {"从库 " + host + "：延迟 " + seconds(lag) + " > " + seconds(max),
          "replica " + host + ": lag " + seconds(lag) + " > " + seconds(max)};
}

Text replicaStopped(const std::string& host) {
  return {
      "从库 " + host + " 的复制已停止；在它恢复之前将一直等待（启动复制，或停止本次执行）",
      "replica " + host +
          ": replication is stopped; the copy waits until it runs again (start it, or stop this "
          "execution)"};
}

Text load(const std::string& variable, const std::string& value, const std::string& limit) {
  const std::string now = variable + " = " + value;
  const std::string bound = limit.empty() ? "" : " ≥ " + limit;
  return {"服务器负载：" + now + bound, "server load: " + now + bound};
}

/// A number as its JSON text; empty when it is not known.
std::string numberText(json::Reader& object, std::string_view key) {
  return object.rawText(key).value_or("");
}

Text pauseFile(const std::string& file) {
  return {"暂停文件存在：" + file, "the pause file exists: " + file};
}

}  // namespace

Text throttleFromEvent(json::Reader& event) {
  const std::string kind = event.string("kind").value_or("");
  auto detail = event.object("detail");
  if (detail && kind == "load") {
    Text all;
    for (auto& value : detail->objects("values").value_or(std::vector<json::Reader>{})) {
      const Text one = load(value.string("variable").value_or("?"), numberText(value, "value"),
                            numberText(value, "limit"));
      all.zh += (all.zh.empty() ? "" : "；") + one.zh;
      all.en += (all.en.empty() ? "" : "; ") + one.en;
    }
    if (!all.empty()) return all;
  }
  if (detail && kind == "replica_lag") {
    return replicaLag(detail->string("host").value_or("?"), numberText(*detail, "lag"),
                      numberText(*detail, "max"));
  }
  if (detail && kind == "replica_stopped") {
    return replicaStopped(detail->string("host").value_or("?"));
  }
  const std::string text = event.string("text").value_or(kind);
  return {"限速等待：" + text, "waiting: " + text};
}

Text retryFromEvent(json::Reader& event) {
  const std::string attempt = numberText(event, "attempt") + "/" + numberText(event, "attempts");
  const std::string reason = event.string("reason").value_or("");
  if (reason == "lock_wait_timeout") {
    return {
        "等待锁超时，正在重试（第 " + attempt + " 次）：有事务占用该表",
        "a lock was not to be had, trying again (" + attempt + "): a transaction holds the table"};
  }
  return {"语句失败（" + reason + "），正在重试（第 " + attempt + " 次）",
          "a statement failed (" + reason + "), trying again (" + attempt + ")"};
}

Text throttleFromLine(std::string_view line) {
  const std::string text{line};
  std::smatch m;
  static const std::regex kLag{R"(Replica lag is (\d+) seconds? on ([^ ]+?)\.?  ?Waiting)"};
  static const std::regex kStopped{R"(Replica '?([^' ]+)'? is stopped\.)"};
  static const std::regex kLoad{R"(Pausing because ([A-Za-z_]+)=([0-9.]*[0-9]))"};
  static const std::regex kFile{R"(Sleeping \d+ seconds because (.+) exists)"};
  if (std::regex_search(text, m, kLag)) return replicaLag(m[2], m[1], "");
  if (std::regex_search(text, m, kStopped)) return replicaStopped(m[1]);
  if (std::regex_search(text, m, kLoad)) return load(m[1], m[2], "");
  if (std::regex_search(text, m, kFile)) return pauseFile(m[1]);
  return {};
}

}  // namespace oscar::engine
