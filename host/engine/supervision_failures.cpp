#include "engine/supervision_failures.hpp"

#include <algorithm>

namespace oscar::engine {

const SupervisionFailures::Failure& SupervisionFailures::add(const std::string& execution_id,
                                                             const std::string& why, Time now) {
  Failure& failure = failures_[execution_id];
  ++failure.count;
  failure.why = why;
  failure.waiting = true;
  std::chrono::seconds delay = kFirstDelay;
  for (int i = 1; i < failure.count && delay < kLongestDelay; ++i) delay *= 2;
  failure.next_try = now + std::min(delay, kLongestDelay);
  return failure;
}

bool SupervisionFailures::mayTry(const std::string& execution_id, Time now) const {
  const auto found = failures_.find(execution_id);
  return found == failures_.end() || now >= found->second.next_try;
}

void SupervisionFailures::tried(const std::string& execution_id) {
  const auto found = failures_.find(execution_id);
  if (found != failures_.end()) found->second.waiting = false;
}

void SupervisionFailures::keepOnly(const std::vector<std::string>& execution_ids) {
  std::erase_if(failures_, [&](const auto& each) {
    return std::find(execution_ids.begin(), execution_ids.end(), each.first) == execution_ids.end();
  });
}

bool SupervisionFailures::due(Time now) const {
  return std::any_of(failures_.begin(), failures_.end(), [now](const auto& each) {
    return each.second.waiting && now >= each.second.next_try;
  });
}

std::map<std::string, std::string> SupervisionFailures::untold() const {
  std::map<std::string, std::string> reasons;
  for (const auto& [id, failure] : failures_) {
    if (failure.count >= kTellAfter && !failure.told) reasons[id] = failure.why;
  }
  return reasons;
}

void SupervisionFailures::told(const std::string& execution_id) {
  const auto found = failures_.find(execution_id);
  if (found != failures_.end()) found->second.told = true;
}

Text SupervisionFailures::attention(const std::string& why) {
  return {"oscard 对本次执行的监督反复失败（" + why +
              "），会不断重试。已启动的 pt-osc 不受影响，会自行继续；恢复之前进度和日志不更新，"
              "停止请求也不会送达。请查看 oscard 的日志并排除原因，之后会自动恢复",
          "oscard failed several times to supervise this execution (" + why +
              ") and keeps trying. A pt-osc that was started is not touched and goes on by itself; "
              "until supervision works again progress and log stand still, and a stop does not "
              "reach the run. See oscard's log and remove the cause; the rest happens by itself"};
}

}  // namespace oscar::engine
