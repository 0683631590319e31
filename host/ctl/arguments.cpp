#include "ctl/arguments.hpp"

#include "ctl/ctl_error.hpp"
#include "ctl/render.hpp"
#include "ctl/terminal.hpp"

#include <charconv>
#include <getopt.h>
#include <sstream>

namespace oscar::ctl {
namespace {

std::string callOf(const CommandSpec& spec) {
  return "oscarctl " + spec.name + (spec.options.empty() ? "" : " [OPTIONS]") +
         (spec.operands.empty() ? "" : " " + spec.operands);
}

/// `problem`, how the command is called, and where more is said: three lines at most.
CtlError wrongCall(const CommandSpec& spec, const Text& problem) {
  const std::string call = callOf(spec);
  const std::string more = "oscarctl " + spec.name + " --help";
  return {Exit::kUsage,
          {problem.zh + "\n用法：" + call + "\n详情：" + more,
           problem.en + "\nusage: " + call + "\nmore:  " + more}};
}

/// The operands that must be there, as the help names them: `A` and `[B.]C` of `A [B.]C [D]`.
std::vector<std::string> neededOperands(const CommandSpec& spec) {
  std::istringstream words{spec.operands};
  std::vector<std::string> needed;
  for (std::string word; words >> word;) {
    if (!word.starts_with('[') || !word.ends_with(']')) needed.push_back(word);
  }
  return needed;
}

void checkOperands(const CommandSpec& spec, const std::vector<std::string>& operands) {
  if (operands.size() > spec.max_operands) {
    const std::string& extra = operands[spec.max_operands];
    throw wrongCall(spec, {"多余的参数：" + extra, "one operand too many: " + extra});
  }
  if (operands.size() >= spec.min_operands) return;
  std::string missing;
  const auto needed = neededOperands(spec);
  for (std::size_t i = operands.size(); i < needed.size(); ++i) {
    missing += (missing.empty() ? "" : " ") + needed[i];
  }
  throw wrongCall(spec, {"缺少参数：" + missing, "missing: " + missing});
}

}  // namespace

std::optional<std::string> Arguments::get(const std::string& option) const {
  const auto it = options_.find(option);
  if (it == options_.end()) return std::nullopt;
  return it->second.back();
}

std::vector<std::string> Arguments::all(const std::string& option) const {
  const auto it = options_.find(option);
  return it == options_.end() ? std::vector<std::string>{} : it->second;
}

std::optional<std::int64_t> Arguments::number(const std::string& option) const {
  const auto text = get(option);
  if (!text) return std::nullopt;
  std::int64_t value = 0;
  const char* end = text->data() + text->size();
  const auto result = std::from_chars(text->data(), end, value);
  if (result.ec != std::errc{} || result.ptr != end) {
    throw CtlError{Exit::kUsage,
                   {"--" + option + " 须为整数，而不是：" + *text,
                    "--" + option + " takes a whole number, not: " + *text}};
  }
  return value;
}

Arguments parseArguments(const CommandSpec& spec, const std::vector<std::string>& words) {
  std::vector<option> table;
  std::string shorts = "+:";
  for (const auto& o : spec.options) {
    const int argument = o.value.empty() ? no_argument : required_argument;
    table.push_back({o.name.c_str(), argument, nullptr, 0});
    if (o.short_name != 0) {
      shorts += o.short_name;
      if (argument == required_argument) shorts += ':';
    }
  }
  table.push_back({nullptr, 0, nullptr, 0});

  Arguments arguments;
  std::vector<std::string> copies{spec.name};
  copies.insert(copies.end(), words.begin(), words.end());
  std::vector<char*> argv;
  argv.reserve(copies.size() + 1);
  for (auto& copy : copies) argv.push_back(copy.data());
  argv.push_back(nullptr);
  const int count = static_cast<int>(copies.size());
  opterr = 0;
  optind = 0;
  while (optind == 0 || optind < count) {
    int index = -1;
    const int found = getopt_long(count, argv.data(), shorts.c_str(), table.data(), &index);
    const std::string value = optarg == nullptr ? "" : optarg;
    if (found == -1) {
      // An operand: options may follow it, as in `run shop orders --watch`.
      if (optind >= count) break;
      const std::string word = copies[static_cast<std::size_t>(optind - 1)];
      if (word == "--") {
        arguments.operands_.insert(arguments.operands_.end(), copies.begin() + optind,
                                   copies.end());
        break;
      }
      arguments.operands_.push_back(copies[static_cast<std::size_t>(optind)]);
      ++optind;
    } else if (found == 0) {
      arguments.options_[table[static_cast<std::size_t>(index)].name].push_back(value);
    } else if (found == '?' || found == ':') {
      const std::string word = copies[static_cast<std::size_t>(std::max(1, optind - 1))];
      const Text problem = found == ':' ? Text{"缺少选项的值：", "a value is missing for "}
                                        : Text{"未知选项 ", "unknown option "};
      throw wrongCall(spec, {problem.zh + word, problem.en + word});
    } else {
      for (const auto& o : spec.options) {
        if (o.short_name == found) arguments.options_[o.name].push_back(value);
      }
    }
  }
  if (!arguments.has("help")) checkOperands(spec, arguments.operands_);
  return arguments;
}

std::string usageOf(const CommandSpec& spec, Language language, int width) {
  std::string text = callOf(spec) + "\n" + helpEntry("", spec.help.in(language), 2, width);
  constexpr std::size_t kColumn = 32;
  for (const auto& o : spec.options) {
    const std::string left = std::string{"  "} +
                             (o.short_name != 0 ? std::string{'-', o.short_name} + ", " : "    ") +
                             "--" + o.name + (o.value.empty() ? "" : " " + o.value);
    text += helpEntry(left, o.help.in(language), kColumn, width);
  }
  return text;
}

std::string helpEntry(const std::string& left, const std::string& words, std::size_t column,
                      int width) {
  constexpr std::size_t kNarrowest = 20;
  const auto columns = static_cast<std::size_t>(std::max(width, 0));
  const auto lines = wrapped(words, std::max(columns, column + kNarrowest) - column);
  std::string text = left;
  const bool own_line = displayWidth(left) + 2 > column && !left.empty();
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::size_t used = i == 0 && !own_line ? displayWidth(left) : 0;
    if (i > 0 || own_line) text += "\n";
    text += std::string(column - used, ' ') + lines[i];
  }
  return text + "\n";
}

}  // namespace oscar::ctl
