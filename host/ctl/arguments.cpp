#include "ctl/arguments.hpp"

#include "ctl/ctl_error.hpp"

#include <charconv>
#include <getopt.h>
#include <sstream>

namespace oscar::ctl {

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
      throw CtlError{Exit::kUsage,
                     {problem.zh + word + "\n\n" + usageOf(spec, Language::kZh),
                      problem.en + word + "\n\n" + usageOf(spec, Language::kEn)}};
    } else {
      for (const auto& o : spec.options) {
        if (o.short_name == found) arguments.options_[o.name].push_back(value);
      }
    }
  }
  const std::size_t operands = arguments.operands_.size();
  if (!arguments.has("help") && (operands < spec.min_operands || operands > spec.max_operands)) {
    throw CtlError{Exit::kUsage, {usageOf(spec, Language::kZh), usageOf(spec, Language::kEn)}};
  }
  return arguments;
}

std::string usageOf(const CommandSpec& spec, Language language) {
  std::ostringstream out;
  out << "oscarctl " << spec.name;
  if (!spec.options.empty()) out << " [OPTIONS]";
  if (!spec.operands.empty()) out << ' ' << spec.operands;
  out << "\n  " << spec.help.in(language) << '\n';
  for (const auto& o : spec.options) {
    std::string left = std::string{"  "} +
                       (o.short_name != 0 ? std::string{'-', o.short_name} + ", " : "    ") + "--" +
                       o.name + (o.value.empty() ? "" : " " + o.value);
    left.resize(std::max<std::size_t>(left.size() + 2, 32), ' ');
    out << left << o.help.in(language) << '\n';
  }
  return out.str();
}

}  // namespace oscar::ctl
