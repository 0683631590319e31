#pragma once

#include "domain/text.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace oscar::ctl {

/// One option of a command.
struct OptionSpec {
  std::string name;  ///< long name, without dashes
  char short_name = 0;
  std::string value;  ///< placeholder of its value in the help; empty = a flag
  Text help;
};

/// One command: `run [options] CONNECTION TABLE [ALTER]`.
struct CommandSpec {
  std::string name;
  std::string operands;  ///< as the help shows them
  std::size_t min_operands = 0;
  std::size_t max_operands = 0;
  Text help;  ///< one sentence
  std::vector<OptionSpec> options;
};

/// A command line that fits its CommandSpec.
class Arguments {
 public:
  /// Whether the option was given, with or without a value.
  bool has(const std::string& option) const { return options_.contains(option); }
  /// The value of the last of its kind; nullopt when the option was not given.
  std::optional<std::string> get(const std::string& option) const;
  /// All values of an option that may be given several times.
  std::vector<std::string> all(const std::string& option) const;
  /// A whole number; throws CtlError kUsage naming the option.
  std::optional<std::int64_t> number(const std::string& option) const;
  /// As many as the CommandSpec allows, unless --help is among the options.
  const std::vector<std::string>& operands() const { return operands_; }

 private:
  friend Arguments parseArguments(const CommandSpec&, const std::vector<std::string>&);
  std::map<std::string, std::vector<std::string>> options_;
  std::vector<std::string> operands_;
};

/// `words` are those behind the command's name. Throws CtlError kUsage that says what is missing or
/// wrong, and how the command is called.
Arguments parseArguments(const CommandSpec& spec, const std::vector<std::string>& words);

/// The help of one command, in lines of at most `width` columns.
std::string usageOf(const CommandSpec& spec, Language language, int width);

/// `left`, and `words` from `column` on in as many lines as they take; below `left` when that is
/// too long.
std::string helpEntry(const std::string& left, const std::string& words, std::size_t column,
                      int width);

}  // namespace oscar::ctl
