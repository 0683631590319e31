#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace oscar::ddl {

/// One argument as a POSIX shell reads it back unchanged. Plain words stay as they are; after
/// `--name=` only the value is quoted.
std::string shellQuote(std::string_view argument);

/// The command as a person reads it: one option per line, ` \` at the line ends, and the line
/// `--user=*** --password=***` that stands for the defaults file. A shell gives back exactly `argv`
/// with those two arguments after the first.
std::string renderCommand(const std::vector<std::string>& argv);

}  // namespace oscar::ddl
