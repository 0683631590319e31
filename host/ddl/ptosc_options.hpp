#pragma once

#include "ddl/ptosc_request.hpp"
#include "domain/error.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace oscar::ddl {

/// What values an option takes.
enum class PtoscOptionType {
  kFlag = 1,   ///< present or absent
  kNegatable,  ///< `--name` or `--no-name`
  kInteger,
  kFloat,
  kSeconds,     ///< with an optional suffix s, m, h or d
  kWord,        ///< one of `words`
  kWordList,    ///< some of `words`, separated by commas
  kIdentifier,  ///< the name of an index or channel
  kTries,       ///< operation:tries:wait
  kVariables,   ///< --set-vars, merged with Oscar's own
};

/// One option of pt-osc that a user may set through `execution_params.extra`.
struct PtoscOption {
  std::string_view name;
  PtoscOptionType type = PtoscOptionType::kFlag;
  double min = 0;
  double max = 0;
  std::span<const std::string_view> words;
  Text help;
};

/// All options that may be set, by name.
std::span<const PtoscOption> ptoscOptions();
const PtoscOption* findPtoscOption(std::string_view name);

/// Why an option may not be set: its own reason when it is one of pt-osc's, else that it is
/// unknown, with the nearest allowed name.
Text whyOptionRefused(std::string_view name);

/// What is wrong with a value; nullopt when it is fine. Flags accept "", "true" and "false".
std::optional<Text> optionValueProblem(const PtoscOption& option, std::string_view value);

/// The argv element, or nullopt when the value says "leave it out". Precondition: no problem.
std::optional<std::string> optionArgument(const PtoscOption& option, std::string_view value);

}  // namespace oscar::ddl
