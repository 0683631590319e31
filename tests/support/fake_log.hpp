#pragma once

#include "ports/log.hpp"

#include <mutex>
#include <string>
#include <vector>

namespace oscar::test {

/// Keeps what was logged.
class FakeLog final : public ports::Log {
 public:
  struct Line {
    ports::LogLevel level;
    std::string component;
    std::string text;
  };

  void write(ports::LogLevel level, std::string_view component, std::string_view text) override {
    const std::lock_guard lock{mutex_};
    lines_.push_back({level, std::string{component}, std::string{text}});
  }
  std::vector<Line> lines() const {
    const std::lock_guard lock{mutex_};
    return lines_;
  }
  bool contains(std::string_view text) const {
    for (const auto& line : lines()) {
      if (line.text.find(text) != std::string::npos) return true;
    }
    return false;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Line> lines_;
};

}  // namespace oscar::test
