#pragma once

#include "domain/secret.hpp"
#include "domain/text.hpp"

#include <string>
#include <string_view>

namespace oscar::ctl {

/// From OSCAR_LANG, else LC_ALL, LC_MESSAGES, LANG: `en...` is English, everything else Chinese
/// unless the locale names another language.
Language terminalLanguage();

bool stdoutIsTerminal();
/// Columns of the terminal, 80 when there is none.
int terminalWidth();

/// Asks on the terminal without echo. From standard input's first line when that is no terminal.
/// Throws CtlError kUsage when there is nothing to read.
Secret readPassword(const std::string& prompt);

/// Columns that UTF-8 text takes on a terminal: CJK characters take two.
std::size_t displayWidth(std::string_view text);

}  // namespace oscar::ctl
