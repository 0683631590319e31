#include "ctl/terminal.hpp"

#include "ctl/ctl_error.hpp"
#include "json/utf8.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <optional>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

namespace oscar::ctl {
namespace {

/// Turns echo off while it lives.
class NoEcho {
 public:
  NoEcho() {
    tcgetattr(STDIN_FILENO, &before_);
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
  }
  ~NoEcho() { tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_); }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;

 private:
  termios before_{};
};

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::uint32_t decode(std::string_view sequence) {
  const auto lead = static_cast<unsigned char>(sequence[0]);
  if (sequence.size() == 1) return lead;
  std::uint32_t point = lead & (0xffU >> (sequence.size() + 1));
  for (std::size_t i = 1; i < sequence.size(); ++i) {
    point = (point << 6) | (static_cast<unsigned char>(sequence[i]) & 0x3fU);
  }
  return point;
}

/// The wide ranges of Unicode's East Asian Width that occur in names and messages.
bool isWide(std::uint32_t p) {
  return (p >= 0x1100 && p <= 0x115f) || (p >= 0x2e80 && p <= 0xa4cf) ||
         (p >= 0xac00 && p <= 0xd7a3) || (p >= 0xf900 && p <= 0xfaff) ||
         (p >= 0xfe30 && p <= 0xfe6f) || (p >= 0xff00 && p <= 0xff60) ||
         (p >= 0xffe0 && p <= 0xffe6) || (p >= 0x1f300 && p <= 0x1faff) ||
         (p >= 0x20000 && p <= 0x3fffd);
}

}  // namespace

Language terminalLanguage() {
  for (const char* name : {"OSCAR_LANG", "LC_ALL", "LC_MESSAGES", "LANG"}) {
    const std::string value = environment(name);
    if (value.empty()) continue;
    return value.starts_with("zh") ? Language::kZh : Language::kEn;
  }
  return Language::kZh;
}

Language chosenLanguage(const std::vector<std::string>& words) {
  constexpr std::string_view kOption = "--lang";
  std::optional<std::string> word;
  for (std::size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
    if (words[i] == kOption && i + 1 < words.size()) word = words[i + 1];
    if (words[i].starts_with("--lang=")) word = words[i].substr(kOption.size() + 1);
  }
  if (!word) return terminalLanguage();
  if (word->starts_with("zh")) return Language::kZh;
  if (word->starts_with("en")) return Language::kEn;
  throw CtlError{Exit::kUsage,
                 {"--lang 须为 zh 或 en，而不是 " + *word, "--lang takes zh or en, not " + *word}};
}

std::vector<std::string> commandFirst(std::vector<std::string> words) {
  std::size_t command = 0;
  while (command < words.size()) {
    const std::string& word = words[command];
    if (word == "--lang") {
      command += 2;
    } else if (word == "--json" || word.starts_with("--lang=")) {
      ++command;
    } else {
      break;
    }
  }
  if (command >= words.size()) return words;
  const auto first = words.begin() + static_cast<std::ptrdiff_t>(command);
  std::rotate(words.begin(), first, first + 1);
  return words;
}

Secret passwordFrom(const std::string& variable, const std::string& prompt) {
  if (const char* given = std::getenv(variable.c_str())) return Secret{given};
  const std::string path = environment((variable + "_FILE").c_str());
  if (path.empty()) return readPassword(prompt);
  std::ifstream in{path};
  std::string line;
  if (!std::getline(in, line) || line.empty()) {
    throw CtlError{Exit::kUsage,
                   {variable + "_FILE：文件 " + path + " 中没有密码，或者无法读取",
                    variable + "_FILE: no password in " + path + ", or it cannot be read"}};
  }
  return Secret{std::move(line)};
}

bool stdoutIsTerminal() {
  return isatty(STDOUT_FILENO) == 1;
}

bool stdinIsTerminal() {
  return isatty(STDIN_FILENO) == 1;
}

bool askedYes(const std::string& question) {
  std::cerr << question << std::flush;
  std::string line;
  return std::getline(std::cin, line) && (line.starts_with('y') || line.starts_with('Y'));
}

int terminalWidth() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

Secret readPassword(const std::string& prompt) {
  std::string line;
  if (isatty(STDIN_FILENO) == 1) {
    std::cerr << prompt << std::flush;
    const NoEcho quiet;
    std::getline(std::cin, line);
    std::cerr << '\n';
  } else {
    std::getline(std::cin, line);
  }
  if (line.empty()) {
    throw CtlError{Exit::kUsage,
                   {"没有给出密码（可在终端输入、由标准输入给出，或用环境变量，见命令的帮助）",
                    "no password given (type it, send it by standard input, or take a variable of "
                    "the environment: see the command's help)"}};
  }
  return Secret{std::move(line)};
}

std::size_t displayWidth(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const std::size_t length = std::max<std::size_t>(1, json::utf8SequenceLength(text));
    width += isWide(decode(text.substr(0, length))) ? 2 : 1;
    text.remove_prefix(length);
  }
  return width;
}

}  // namespace oscar::ctl
