#pragma once

#include "ports/launch_check.hpp"

#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace oscar::test {

/// Lets everything start unless `answer` says otherwise; remembers what it was asked about.
/// Thread-safe; `answer` is called without a lock, so that it may block or throw.
class FakeLaunchCheck final : public ports::LaunchCheck {
 public:
  void answerWith(std::function<Text(const Execution&)> answer) {
    const std::lock_guard lock{mutex_};
    answer_ = std::move(answer);
  }
  std::vector<std::string> asked() {
    const std::lock_guard lock{mutex_};
    return asked_;
  }

  Text refusal(const Execution& execution) override {
    std::function<Text(const Execution&)> answer;
    {
      const std::lock_guard lock{mutex_};
      asked_.push_back(execution.id);
      answer = answer_;
    }
    return answer ? answer(execution) : Text{};
  }

 private:
  std::mutex mutex_;
  std::function<Text(const Execution&)> answer_;
  std::vector<std::string> asked_;
};

}  // namespace oscar::test
