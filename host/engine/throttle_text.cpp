#include "engine/throttle_text.hpp"

#include "engine/line_scanner.hpp"

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

constexpr std::string_view kDigits = "0123456789";

// pt-osc's own lines; each gives an empty text for a line of another form.

/// `Replica lag is 14 seconds on db2.  Waiting.`
Text lagLine(LineScanner line) {
  if (!line.find("Replica lag is ")) return {};
  const std::string_view lag = line.takeOf(kDigits);
  if (lag.empty() || !line.skip(" second")) return {};
  line.skip("s");
  if (!line.skip(" on ")) return {};
  std::string_view host = line.takeUntil(" ");
  if (host.size() > 1 && host.ends_with('.')) host.remove_suffix(1);
  line.takeOf(" ");
  if (host.empty() || !line.skip("Waiting")) return {};
  return replicaLag(std::string{host}, std::string{lag}, "");
}

/// `Replica 'db2' is stopped.  Waiting.`, with or without quotes
Text stoppedLine(LineScanner line) {
  if (!line.find("Replica ")) return {};
  line.skip("'");
  const std::string_view host = line.takeUntil("' ");
  line.skip("'");
  if (host.empty() || !line.skip(" is stopped.")) return {};
  return replicaStopped(std::string{host});
}

/// `Pausing because Threads_running=60.`
Text loadLine(LineScanner line) {
  if (!line.find("Pausing because ")) return {};
  const std::string_view variable = line.takeUntil("= ");
  if (variable.empty() || !line.skip("=")) return {};
  std::string_view value = line.takeOf("0123456789.");
  while (value.ends_with('.')) value.remove_suffix(1);  // the sentence's
  if (value.empty()) return {};
  return load(std::string{variable}, std::string{value}, "");
}

/// `Sleeping 60 seconds because <pause file> exists`
Text fileLine(LineScanner line) {
  if (!line.find("Sleeping ") || line.takeOf(kDigits).empty()) return {};
  if (!line.skip(" seconds because ")) return {};
  const std::size_t end = line.rest().rfind(" exists");
  if (end == std::string_view::npos || end == 0) return {};
  return pauseFile(std::string{line.rest().substr(0, end)});
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
  for (const auto form : {lagLine, stoppedLine, loadLine, fileLine}) {
    if (Text text = form(LineScanner{line}); !text.empty()) return text;
  }
  return {};
}

}  // namespace oscar::engine
