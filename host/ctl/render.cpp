#include "ctl/render.hpp"

#include "ctl/terminal.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace oscar::ctl {
namespace {

bool isNumeric(const std::string& cell) {
  return !cell.empty() && std::all_of(cell.begin(), cell.end(), [](char c) {
    return (c >= '0' && c <= '9') || c == ',' || c == '.' || c == '%' || c == '-';
  });
}

std::string oneDecimal(double number) {
  std::array<char, 32> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.1f", number);
  return buffer.data();
}

std::string clipped(const std::string& text, int width) {
  std::string out;
  std::size_t used = 0;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t length = 1;
    while (i + length < text.size() &&
           (static_cast<unsigned char>(text[i + length]) & 0xc0) == 0x80) {
      ++length;
    }
    const std::string character = text.substr(i, length);
    used += displayWidth(character);
    if (used > static_cast<std::size_t>(width)) break;
    out += character;
    i += length;
  }
  return out;
}

struct Named {
  std::string_view word;
  Text name;
};

const std::array<Named, 10>& stages() {
  static const std::array<Named, 10> kStages{
      {{"preflight", {"预检", "preflight"}},
       {"creating_new_table", {"创建新表", "creating new table"}},
       {"altering_new_table", {"修改新表", "altering new table"}},
       {"creating_triggers", {"创建触发器", "creating triggers"}},
       {"copying_data", {"复制数据", "copying data"}},
       {"awaiting_cutover", {"等待切换", "awaiting cut-over"}},
       {"swapping_tables", {"交换表名", "swapping tables"}},
       {"dropping_old_table", {"删除旧表", "dropping old table"}},
       {"dropping_triggers", {"删除触发器", "dropping triggers"}},
       {"done", {"完成", "done"}}}};
  return kStages;
}

const std::array<Named, 5>& statuses() {
  static const std::array<Named, 5> kStatuses{{{"pending", {"等待执行", "pending"}},
                                               {"running", {"执行中", "running"}},
                                               {"completed", {"执行完成", "completed"}},
                                               {"failed", {"执行失败", "failed"}},
                                               {"cancelled", {"已取消", "cancelled"}}}};
  return kStatuses;
}

template <typename Table>
std::string nameIn(const Table& table, const std::string& word, Language language) {
  for (const auto& entry : table) {
    if (entry.word == word) return entry.name.in(language);
  }
  return word;
}

}  // namespace

std::string stageName(const std::string& stage, Language language) {
  return nameIn(stages(), stage, language);
}

std::string statusName(const std::string& status, Language language) {
  return nameIn(statuses(), status, language);
}

std::string renderTable(const std::vector<Text>& heading, const std::vector<Row>& rows,
                        Language language) {
  std::vector<Row> all(1);
  for (const Text& cell : heading) all.front().push_back(cell.in(language));
  all.insert(all.end(), rows.begin(), rows.end());
  std::vector<std::size_t> widths;
  for (const Row& row : all) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], displayWidth(row[i]));
    }
  }
  std::string out;
  for (const Row& row : all) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string pad(widths[i] - displayWidth(row[i]), ' ');
      if (i > 0) line += "  ";
      line += isNumeric(row[i]) ? pad + row[i] : row[i] + pad;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

std::string withThousands(std::int64_t number) {
  const std::string digits = std::to_string(number);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const std::size_t left = digits.size() - i;
    if (i > 0 && left % 3 == 0 && digits[i - 1] != '-') text += ',';
    text += digits[i];
  }
  return text;
}

std::string renderBytes(std::int64_t bytes) {
  constexpr std::array<const char*, 5> kUnits{"B", "KiB", "MiB", "GiB", "TiB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (std::abs(value) >= 1024 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  return (unit == 0 ? std::to_string(bytes) : oneDecimal(value)) + " " + kUnits[unit];
}

std::string renderDuration(std::int64_t seconds, Language language) {
  const bool zh = language == Language::kZh;
  const std::int64_t hours = seconds / 3600;
  const std::int64_t minutes = seconds / 60 % 60;
  std::string text;
  if (hours > 0) text += std::to_string(hours) + (zh ? " 时 " : " h ");
  if (hours > 0 || minutes > 0) text += std::to_string(minutes) + (zh ? " 分 " : " m ");
  return text + std::to_string(seconds % 60) + (zh ? " 秒" : " s");
}

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

std::string renderProgress(const ExecutionView& v, int width, Language language) {
  const bool zh = language == Language::kZh;
  if (v.status == "pending") {
    return clipped(statusName(v.status, language) + "  " + v.waiting_for, width);
  }
  std::string line =
      v.stage.empty() ? statusName(v.status, language) : stageName(v.stage, language);
  constexpr int kBar = 24;
  if (v.progress) {
    const int filled = static_cast<int>(std::floor(*v.progress / 100 * kBar));
    line += "  [" + std::string(static_cast<std::size_t>(filled), '#') +
            std::string(static_cast<std::size_t>(kBar - filled), '.') + "] " +
            oneDecimal(*v.progress) + " %";
  }
  if (v.processed_rows > 0 || v.total_rows > 0) {
    line += "  " + withThousands(v.processed_rows) + " / " + withThousands(v.total_rows) +
            (zh ? " 行" : " rows");
  }
  if (v.speed) {
    line += "  " + withThousands(std::llround(*v.speed)) + (zh ? " 行/秒" : " rows/s");
  }
  if (v.eta_seconds) {
    line += (zh ? "  剩余 " : "  ETA ") + renderDuration(*v.eta_seconds, language);
  }
  if (v.paused) line += zh ? "  已暂停" : "  paused";
  if (!v.throttled_by.empty()) line += "  " + v.throttled_by;
  return clipped(line, width);
}

}  // namespace oscar::ctl
