#pragma once

#include "ctl/api_client.hpp"
#include "ctl/arguments.hpp"
#include "json/writer.hpp"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace oscar::ctl {

/// One command: what it takes and what it does. `run` prints to stdout and returns the exit status,
/// or throws CtlError.
struct Command {
  CommandSpec spec;
  bool needs_login = true;  ///< false: `api` has no server and no token
  std::function<Exit(ApiClient& api, const Arguments& arguments)> run;
};

/// All commands, in the order of the help.
const std::vector<Command>& commands();

/// Parts of `commands()`, one file each.
std::vector<Command> sessionCommands();
std::vector<Command> connectionCommands();
std::vector<Command> connectionEditCommands();
std::vector<Command> requestCommands();
std::vector<Command> executionCommands();
std::vector<Command> userCommands();
std::vector<Command> systemCommands();

/// --from and --to, for lists.
std::vector<OptionSpec> periodOptions();

/// The options that every command has: --json, --lang, --help.
std::vector<OptionSpec> withCommonOptions(std::vector<OptionSpec> options);

/// --watch and --log, for the commands that end in `follow`.
OptionSpec watchOption();
OptionSpec logOption();

/// Prints `answer` as it came when --json is given; true when it did.
bool printedAsJson(const Arguments& arguments, const Answer& answer);

/// Prints what was done in the language of `api`, unless `answer` was printed as JSON.
void printDone(const ApiClient& api, const Arguments& arguments, const Answer& answer,
               const Text& done);

/// `?a=1&b=2` of the options given, each under its parameter's name: {option, parameter}. Empty
/// when none is. --from and --to, which people give by their clock, become UTC; throws CtlError
/// kUsage for what is no time.
std::string queryOf(const Arguments& arguments,
                    const std::vector<std::pair<std::string, std::string>>& parameters);

/// Writes the option as the JSON field when it was given. The second throws CtlError kUsage for
/// what is no whole number.
void writeTextOption(json::Writer& w, const Arguments& arguments, const std::string& option,
                     const std::string& field);
void writeNumberOption(json::Writer& w, const Arguments& arguments, const std::string& option,
                       const std::string& field);

/// Seconds, with a fraction or without. Throws CtlError kUsage for what is no finite number.
double secondsOf(const std::string& option, const std::string& text);

/// The path of an execution in the API; `#1247`, `1247` and the UUID are the same to people. Throws
/// CtlError kUsage for what can be none of them.
std::string executionPath(const std::string& number);

/// Whether `text` has the form of an id of the API.
bool looksLikeUuid(const std::string& text);

/// Follows `execution`, the API's data of it, as --json and --log say; the exit status tells its
/// outcome.
Exit follow(const ApiClient& api, const Arguments& arguments, const Answer& execution,
            bool stopping = false);

/// "20 of 133, page 1 / 7" below a list, from the API's page.
void printPageNote(json::Reader& page, Language language);

/// A saved connection that a person named.
struct ConnectionRef {
  std::string id;        ///< UUID
  std::string database;  ///< its default database
};

/// The connection of that name (or id). Throws CtlError kRefused when there is none.
ConnectionRef findConnection(ApiClient& api, const std::string& name);

}  // namespace oscar::ctl
