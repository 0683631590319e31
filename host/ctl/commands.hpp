#pragma once

#include "ctl/api_client.hpp"
#include "ctl/arguments.hpp"

#include <functional>
#include <string>
#include <vector>

namespace oscar::ctl {

/// One command: what it takes and what it does. `run` prints to stdout and returns the exit status.
struct Command {
  CommandSpec spec;
  bool needs_login = true;
  std::function<Exit(ApiClient& api, const Arguments& arguments)> run;
};

/// All commands, in the order of the help.
const std::vector<Command>& commands();

/// Parts of `commands()`, one file each.
std::vector<Command> sessionCommands();
std::vector<Command> connectionCommands();
std::vector<Command> executionCommands();

/// The options that every command has: --json, --help.
std::vector<OptionSpec> withCommonOptions(std::vector<OptionSpec> options);

/// Prints `answer` as it came when --json is given; true when it did.
bool printedAsJson(const Arguments& arguments, const Answer& answer);

/// The id of the connection of that name (or id). Throws CtlError kRefused when there is none.
struct ConnectionRef {
  std::string id;
  std::string database;
};
ConnectionRef findConnection(ApiClient& api, const std::string& name);

}  // namespace oscar::ctl
