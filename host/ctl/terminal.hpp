#pragma once

#include "domain/secret.hpp"
#include "domain/text.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace oscar::ctl {

/// From the first that is set of OSCAR_LANG, LC_ALL, LC_MESSAGES and LANG: `zh...` is Chinese, any
/// other value English. Chinese when none is set.
Language terminalLanguage();

/// As `--lang WORD` or `--lang=WORD` among the words of the command line says (`zh...` or `en...`),
/// else terminalLanguage(). Throws CtlError kUsage for another language.
Language chosenLanguage(const std::vector<std::string>& words);

/// The words of the command line with the command first: `--lang WORD` and `--json`, which every
/// command takes, may also stand before it. Without a command the words stay as they are.
std::vector<std::string> commandFirst(std::vector<std::string> words);

/// The password from the environment variable `variable`, else from the first line of the file
/// named by `<variable>_FILE`, else readPassword(prompt). Never from the command line, which
/// everybody on the machine can read. Throws CtlError kUsage.
Secret passwordFrom(const std::string& variable, const std::string& prompt);

/// Whether a line may be rewritten in place.
bool stdoutIsTerminal();
/// Whether a person can answer.
bool stdinIsTerminal();
/// Asks on the terminal; true for an answer that begins with y or Y.
bool askedYes(const std::string& question);
/// Columns of the terminal, 80 when there is none.
int terminalWidth();

/// Asks on the terminal without echo. From standard input's first line when that is no terminal.
/// Throws CtlError kUsage when there is nothing to read.
Secret readPassword(const std::string& prompt);

/// Columns that UTF-8 text takes on a terminal: CJK characters take two.
std::size_t displayWidth(std::string_view text);

}  // namespace oscar::ctl
