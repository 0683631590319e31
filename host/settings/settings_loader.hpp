#pragma once

#include "domain/settings.hpp"

#include <exception>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace oscar::settings {

/// Names and values of environment variables.
using Variables = std::map<std::string, std::string>;

/// One thing that is wrong with the configuration.
struct Problem {
  std::string where;  ///< `http.port`, `OSCAR_HTTP_PORT`, or `file:line:column`
  Text reason;        ///< what is wrong and what would be right
};

/// All that is wrong with the configuration at once. `what()` has one English line per problem.
class SettingsError : public std::exception {
 public:
  explicit SettingsError(std::vector<Problem> problems);
  const std::vector<Problem>& problems() const { return problems_; }
  Text text() const;
  const char* what() const noexcept override { return english_.c_str(); }

 private:
  std::vector<Problem> problems_;
  std::string english_;
};

/// Settings from the text of a YAML file and the environment, which wins. Empty text gives the
/// defaults. `source` is the file's name, for messages. Throws SettingsError.
Settings parseSettings(const std::string& yaml, const std::string& source,
                       const Variables& variables);

/// Reads `file`; without it the file that OSCAR_CONFIG names; without that, defaults and
/// environment alone. Throws SettingsError, also when the file cannot be read.
Settings loadSettings(const std::optional<std::string>& file, const Variables& variables);

/// The variables of this process that begin with OSCAR_.
Variables processVariables();

/// Every key with its value as YAML would write it, in the order of config/oscar.yaml and without
/// plugins.configuration. Holds no secret, so it may be logged.
std::vector<std::pair<std::string, std::string>> listSettings(const Settings& settings);

}  // namespace oscar::settings
