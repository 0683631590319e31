#include "ctl/progress.hpp"

#include "ctl/render.hpp"
#include "ctl/terminal.hpp"
#include "ctl/words.hpp"

#include <algorithm>
#include <cmath>

namespace oscar::ctl {
namespace {

constexpr std::size_t kBar = 24;
constexpr std::size_t kSmallestBar = 8;  // shorter ones tell nothing
constexpr std::size_t kReasonLines = 3;
constexpr const char* kGap = "  ";

std::string percentOf(const ExecutionView& v) {
  return v.progress ? oneDecimal(*v.progress) + " %" : "";
}

std::string barOf(double percent, std::size_t size) {
  const auto share = std::clamp(percent / 100, 0.0, 1.0);
  const auto filled = static_cast<std::size_t>(std::floor(share * static_cast<double>(size)));
  return "[" + std::string(filled, '#') + std::string(size - filled, '.') + "]";
}

std::string rowsOf(const ExecutionView& v, Language language) {
  return withThousands(v.processed_rows) + " / " + withThousands(v.total_rows) +
         (language == Language::kZh ? " 行" : " rows");
}

std::string stageOf(const ExecutionView& v, Language language) {
  return v.stage.empty() ? statusName(v.status, language) : stageName(v.stage, language);
}

/// What stands behind stage and percent.
std::vector<std::string> figures(const ExecutionView& v, Language language) {
  const bool zh = language == Language::kZh;
  std::vector<std::string> parts;
  if (v.processed_rows > 0 || v.total_rows > 0) parts.push_back(rowsOf(v, language));
  if (v.speed) {
    parts.push_back(withThousands(std::llround(*v.speed)) + (zh ? " 行/秒" : " rows/s"));
  }
  if (v.eta_seconds) {
    parts.push_back((zh ? "剩余 " : "ETA ") + renderDuration(*v.eta_seconds, language));
  }
  if (v.paused) parts.emplace_back(zh ? "已暂停" : "paused");
  return parts;
}

/// Stage and percent, with a bar in between where `bar` is not 0.
std::string headOf(const ExecutionView& v, std::size_t bar, Language language) {
  std::string head = stageOf(v, language);
  if (!v.progress) return head;
  head += kGap;
  if (bar > 0) head += barOf(*v.progress, bar) + " ";
  return head + percentOf(v);
}

/// The longest bar that leaves `others` columns free on a line of `width`; 0 where there is none.
std::size_t barFor(std::size_t width, std::size_t others) {
  constexpr std::size_t kFrame = 3;  // two brackets and a space
  if (width < others + kFrame + kSmallestBar) return 0;
  return std::min(kBar, width - others - kFrame);
}

std::string reasonOf(const ExecutionView& v) {
  return v.status == "pending" ? v.waiting_for : v.throttled_by;
}

}  // namespace

ExecutionView viewOf(json::Reader& data) {
  ExecutionView v;
  v.number = data.rawText("number").value_or("");
  v.status = data.string("status").value_or("");
  v.stage = data.string("stage").value_or(data.string("current_stage").value_or(""));
  v.error_message = data.string("error_message").value_or("");
  v.attention = data.string("attention").value_or("");
  v.throttled_by = data.string("throttled_by").value_or("");
  v.waiting_for = data.string("waiting_for").value_or("");
  v.progress = data.number("progress", 0, 100);
  v.speed = data.number("current_speed", 0, 1e15);
  v.processed_rows = data.integer("processed_rows").value_or(0);
  v.total_rows = data.integer("total_rows").value_or(0);
  v.eta_seconds = data.integer("eta_seconds");
  v.paused = data.boolean("paused").value_or(false);
  return v;
}

bool hasEnded(const ExecutionView& v) {
  return v.status != "pending" && v.status != "running";
}

std::vector<std::string> progressLines(const ExecutionView& v, int width, Language language) {
  const auto columns = static_cast<std::size_t>(std::max(width, 1));
  const auto parts = v.status == "pending" ? std::vector<std::string>{} : figures(v, language);
  const std::size_t head = displayWidth(headOf(v, 0, language));
  std::size_t all = head;
  for (const auto& part : parts) all += 2 + displayWidth(part);
  // Either everything beside a bar on one line, or the figures below stage, bar and percent.
  const std::size_t bar = barFor(columns, all);
  const bool one_line = bar > 0 || all <= columns;
  std::vector<std::string> lines{
      headOf(v, one_line && v.progress ? bar : barFor(columns, head), language)};
  bool fresh = !one_line;
  for (const auto& part : parts) {
    if (fresh || displayWidth(lines.back()) + 2 + displayWidth(part) > columns) {
      lines.push_back(part);
    } else {
      lines.back() += kGap + part;
    }
    fresh = false;
  }
  for (auto& line : lines) line = clipped(line, columns);
  auto reason = wrapped(reasonOf(v), columns);
  if (reason.size() > kReasonLines) {
    reason.resize(kReasonLines);
    reason.back() = clipped(reason.back(), columns - 1) + "…";
  }
  lines.insert(lines.end(), reason.begin(), reason.end());
  return lines;
}

std::string progressText(const ExecutionView& v, Language language) {
  std::string text = headOf(v, v.progress ? kBar : 0, language);
  if (v.status != "pending") {
    for (const auto& part : figures(v, language)) text += kGap + part;
  }
  const std::string reason = reasonOf(v);
  return reason.empty() ? text : text + kGap + reason;
}

std::string outcomeText(const ExecutionView& v, Language language) {
  const bool zh = language == Language::kZh;
  if (v.status == "completed") {
    if (v.processed_rows == 0) return {};
    return withThousands(v.processed_rows) + (zh ? " 行" : " rows");
  }
  std::string text;
  if (v.status == "failed" && !v.stage.empty()) {
    text = (zh ? "最后阶段：" : "last stage: ") + stageName(v.stage, language);
  }
  if (v.processed_rows > 0) {
    text +=
        (text.empty() ? "" : kGap) + std::string{zh ? "已复制 " : "copied "} + rowsOf(v, language);
    if (v.progress) text += (zh ? "（" : " (") + percentOf(v) + (zh ? "）" : ")");
  }
  return text;
}

}  // namespace oscar::ctl
