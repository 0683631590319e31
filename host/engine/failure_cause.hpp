#pragma once

#include "domain/text.hpp"

#include <optional>
#include <string>
#include <vector>

namespace oscar::engine {

/// What is known about a run that did not succeed.
struct Failure {
  std::optional<int> exit_code;  ///< unreliable on its own: pt-osc leaks errno values (pt-osc.md)
  std::optional<int> signal;
  std::vector<std::string> errors;  ///< OutputState::errors
};

/// Names the cause in words, with what to do about it. Read from the text; the exit code only
/// serves where the text says nothing. Ends with MySQL's or pt-osc's own words where there are any.
Text failureCause(const Failure& failure);

/// True for a line that explains a failure. Used to collect OutputState::errors.
bool looksLikeError(std::string_view line);

}  // namespace oscar::engine
