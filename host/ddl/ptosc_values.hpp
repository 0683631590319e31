#pragma once

#include "domain/error.hpp"
#include "domain/execution.hpp"
#include "domain/result.hpp"
#include "domain/settings.hpp"
#include "domain/text.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace oscar::ddl {

/// Values of pt-osc's options that have a grammar of their own. Each parser accepts what pt-osc
/// accepts and nothing that it would read differently from how it looks.

/// One threshold of --max-load or --critical-load. Without a value pt-osc takes the value at the
/// start plus a margin (+20 %, for critical +100 %).
struct LoadLimit {
  std::string variable;
  std::optional<double> value;
  std::string value_text;  ///< as typed
};

/// `Threads_running=25,Threads_connected:12000`: `=` and `:` mean the same.
Result<std::vector<LoadLimit>, Text> parseLoadLimits(std::string_view spec);
/// Canonical form, with `=`.
std::string toString(const std::vector<LoadLimit>& limits);

/// The thresholds that hold for a run.
struct LoadLimits {
  std::vector<LoadLimit> max;       ///< above them pt-osc pauses
  std::vector<LoadLimit> critical;  ///< above them it gives up
};

/// The user's, or where those are absent or empty the settings'. An error names the field that is
/// wrong: also a critical limit that is not above the other one for the same variable, because it
/// would end the run where a pause was wanted.
Result<LoadLimits, std::vector<FieldError>> effectiveLoadLimits(const ExecutionParams& params,
                                                                const ExecutionSettings& settings);
/// The limit for that status variable, whose name is compared as the server does: without regard to
/// case. nullptr when there is none.
const LoadLimit* findLoadLimit(const std::vector<LoadLimit>& limits, std::string_view variable);

/// `name=value,...` of --set-vars. Only session variables that change how long statements wait or
/// how they are executed may be set: the values go into SQL text as they are, and variables such as
/// sql_log_bin or foreign_key_checks would damage replicas or references.
Result<std::map<std::string, std::string>, Text> parseSessionVariables(std::string_view list);

/// `operation:tries:wait,...` of --tries; nullopt when it is correct.
std::optional<Text> triesProblem(std::string_view list);

/// A decimal number without sign or exponent (`12`, `0.5`); nullopt for anything else.
std::optional<double> parseDecimal(std::string_view text);

/// A time such as `30`, `30s`, `5m`, `1h` in seconds; nullopt for anything else.
std::optional<std::int64_t> parseSeconds(std::string_view text);

/// The parts between commas, with white space trimmed; empty parts are kept.
std::vector<std::string> splitList(std::string_view list);

/// `0.5`, `12`: the shortest text that gives the number back.
std::string formatNumber(double number);

}  // namespace oscar::ddl
