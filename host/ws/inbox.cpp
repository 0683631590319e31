#include "ws/inbox.hpp"

#include <algorithm>

namespace oscar::ws {
namespace {

constexpr std::size_t kMaxKeptLines = 2000;

void addLines(News& news, const std::vector<LogLine>& lines) {
  if (lines.empty()) return;
  const bool contiguous =
      news.lines.empty() || news.lines.back().number + 1 == lines.front().number;
  // A gap or too many: only the newest are kept, older ones are read from the store.
  if (!contiguous || news.lines.size() + lines.size() > kMaxKeptLines) news.lines.clear();
  if (lines.size() <= kMaxKeptLines) {
    news.lines.insert(news.lines.end(), lines.begin(), lines.end());
  }
  news.last_line = std::max(news.last_line, lines.back().number);
}

}  // namespace

void Inbox::beginWatching(const std::string& execution_id) {
  const std::lock_guard lock{mutex_};
  ++watched_[execution_id];
}

void Inbox::endWatching(const std::string& execution_id) {
  const std::lock_guard lock{mutex_};
  const auto it = watched_.find(execution_id);
  if (it == watched_.end() || --it->second > 0) return;
  watched_.erase(it);
  contents_.news.erase(execution_id);
}

void Inbox::put(Arrival arrival) {
  const std::lock_guard lock{mutex_};
  contents_.arrivals.push_back(std::move(arrival));
}

void Inbox::put(std::function<void()> result) {
  const std::lock_guard lock{mutex_};
  contents_.results.push_back(std::move(result));
}

bool Inbox::put(const Event& event) {
  const std::lock_guard lock{mutex_};
  if (const auto* changed = std::get_if<ExecutionChanged>(&event)) {
    if (!watched_.contains(changed->execution_id)) return false;
    contents_.news[changed->execution_id].state = stateOf(*changed);
    return true;
  }
  if (const auto* appended = std::get_if<LogAppended>(&event)) {
    if (!watched_.contains(appended->execution_id)) return false;
    addLines(contents_.news[appended->execution_id], appended->lines);
    return true;
  }
  return false;
}

Inbox::Contents Inbox::takeAll() {
  const std::lock_guard lock{mutex_};
  return std::exchange(contents_, {});
}

}  // namespace oscar::ws
