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
  using Answer = std::function<Text(const Execution&, const GoesOn&)>;

  void answerAsking(Answer answer) {
    const std::lock_guard lock{mutex_};
    answer_ = std::move(answer);
  }
  /// An answer that cannot be interrupted.
  void answerWith(std::function<Text(const Execution&)> answer) {
    answerAsking([answer = std::move(answer)](const Execution& execution, const GoesOn&) {
      return answer(execution);
    });
  }
  std::vector<std::string> asked() {
    const std::lock_guard lock{mutex_};
    return asked_;
  }

  Text refusal(const Execution& execution, const GoesOn& goes_on) override {
    Answer answer;
    {
      const std::lock_guard lock{mutex_};
      asked_.push_back(execution.id);
      answer = answer_;
    }
    return answer ? answer(execution, goes_on) : Text{};
  }

 private:
  std::mutex mutex_;
  Answer answer_;
  std::vector<std::string> asked_;
};

}  // namespace oscar::test
