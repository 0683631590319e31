#include "tool_probe.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <sys/stat.h>
#include <unistd.h>

namespace oscar::backend_local {
namespace {

// Older ones lack hooks that the observer needs, and --no-version-check's meaning differs.
constexpr std::array<int, 3> kOldestVersion = {3, 0, 11};
constexpr std::chrono::seconds kPatience{10};

bool isDigit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

std::array<int, 3> versionNumbers(const std::string& version) {
  std::array<int, 3> numbers{};
  std::size_t part = 0;
  for (const char c : version) {
    if (c == '.') {
      ++part;
    } else {
      numbers.at(part) = numbers.at(part) * 10 + (c - '0');
    }
  }
  return numbers;
}

std::string firstLine(std::string_view text) {
  constexpr std::size_t kLongest = 200;
  return std::string{text.substr(0, std::min(text.find('\n'), kLongest))};
}

SpokenText installRemedy() {
  return {
      "请安装 percona-toolkit（Debian/Ubuntu：apt-get install percona-toolkit），或在插件配置 "
      "tool 中写明 pt-online-schema-change 的绝对路径。",
      "Install percona-toolkit (Debian/Ubuntu: apt-get install percona-toolkit), or set the "
      "plugin's option tool to the absolute path of pt-online-schema-change."};
}

}  // namespace

std::string parseToolVersion(std::string_view output) {
  for (std::size_t at = 0; at < output.size(); ++at) {
    if (!isDigit(output[at])) continue;
    std::size_t end = at;
    int points = 0;
    while (end < output.size() &&
           (isDigit(output[end]) || (output[end] == '.' && points < 2 && end + 1 < output.size() &&
                                     isDigit(output[end + 1])))) {
      if (output[end] == '.') ++points;
      ++end;
    }
    constexpr std::size_t kLongest = 20;
    if (points == 2 && end - at <= kLongest) return std::string{output.substr(at, end - at)};
    at = end;
  }
  return {};
}

std::vector<std::string> parseToolOptions(std::string_view output) {
  constexpr std::string_view kIndent = "\n  --";
  constexpr std::string_view kNegatable = "[no]";
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789-";
  std::vector<std::string> options;
  for (std::size_t at = output.find(kIndent); at != std::string_view::npos;
       at = output.find(kIndent, at)) {
    at += kIndent.size();
    if (output.substr(at, kNegatable.size()) == kNegatable) at += kNegatable.size();
    const std::size_t end = std::min(output.find_first_not_of(kLetters, at), output.size());
    if (end > at) options.emplace_back(output.substr(at, end - at));
  }
  std::sort(options.begin(), options.end());
  options.erase(std::unique(options.begin(), options.end()), options.end());
  return options;
}

ToolProbe::ToolProbe(std::string tool, Environment environment)
    : tool_{std::move(tool)}, environment_{std::move(environment)} {}

ToolReport ToolProbe::report() {
  std::lock_guard lock{mutex_};
  const FileFacts facts = find();
  if (facts.path.empty()) {
    ToolReport missing;
    missing.reason = {"本机找不到 " + tool_ + "。", tool_ + " was not found on this machine."};
    missing.remedy = installRemedy();
    return missing;
  }
  if (!(facts == asked_)) {
    answer_ = ask(facts.path);
    // A failure may pass (a machine without memory for a moment), so only a success is kept.
    asked_ = answer_.ready ? facts : FileFacts{};
  }
  return answer_;
}

ToolProbe::FileFacts ToolProbe::find() const {
  std::vector<std::string> candidates;
  if (tool_.find('/') != std::string::npos) {
    candidates.push_back(tool_);
  } else {
    const auto path = environment_.find("PATH");
    std::string_view folders = path == environment_.end() ? std::string_view{} : path->second;
    while (!folders.empty()) {
      const std::size_t end = std::min(folders.find(':'), folders.size());
      if (end > 0) candidates.push_back(std::string{folders.substr(0, end)} + '/' + tool_);
      folders.remove_prefix(std::min(end + 1, folders.size()));
    }
  }
  for (const std::string& candidate : candidates) {
    struct stat facts {};
    if (::stat(candidate.c_str(), &facts) == 0 && S_ISREG(facts.st_mode) &&
        ::access(candidate.c_str(), X_OK) == 0) {
      constexpr std::int64_t kNsPerSecond = 1'000'000'000;
      return {candidate, facts.st_mtim.tv_sec * kNsPerSecond + facts.st_mtim.tv_nsec,
              facts.st_size};
    }
  }
  return {};
}

ToolReport ToolProbe::ask(const std::string& path) const {
  ToolReport report;
  report.path = path;
  const CommandResult version = runCommand({path, "--version"}, environment_, kPatience);
  report.version = parseToolVersion(version.output);
  if (version.exit_code != 0 || report.version.empty()) {
    const std::string said = version.timed_out ? "timeout" : firstLine(version.output);
    report.reason = {path + " 无法运行：" + said, path + " does not run: " + said};
    report.remedy = installRemedy();
    return report;
  }
  if (versionNumbers(report.version) < kOldestVersion) {
    report.reason = {
        "pt-online-schema-change " + report.version + " 太旧，需要 3.0.11 或更高版本。",
        "pt-online-schema-change " + report.version + " is too old; 3.0.11 or newer is needed."};
    report.remedy = installRemedy();
    return report;
  }
  report.options = parseToolOptions(runCommand({path, "--help"}, environment_, kPatience).output);
  report.ready = !report.options.empty();
  if (!report.ready) {
    report.reason = {path + " --help 没有列出任何选项。", path + " --help lists no options."};
    report.remedy = installRemedy();
  }
  return report;
}

}  // namespace oscar::backend_local
