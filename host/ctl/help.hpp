#pragma once

#include "ctl/arguments.hpp"
#include "domain/text.hpp"

#include <string>

namespace oscar::ctl {

/// All commands, the exit statuses and the environment, in lines of at most `width` columns.
std::string overview(Language language, int width);

/// `oscarctl help [COMMAND]`.
const CommandSpec& helpSpec();

/// The command's name most like `word`; empty when none is like it.
std::string nearestCommand(const std::string& word);

/// What to say of a word that is no command: one line, with the nearest that is one.
Text unknownCommand(const std::string& word);

}  // namespace oscar::ctl
