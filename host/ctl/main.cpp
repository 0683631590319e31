#include "ctl/commands.hpp"
#include "ctl/help.hpp"
#include "ctl/session_file.hpp"
#include "ctl/terminal.hpp"

#include <Poco/Net/NetSSL.h>

#include <csignal>
#include <iostream>

namespace {

using namespace oscar;
using namespace oscar::ctl;

const Command& commandCalled(const std::string& name) {
  for (const auto& command : commands()) {
    if (command.spec.name == name) return command;
  }
  throw CtlError{Exit::kUsage, unknownCommand(name)};
}

Exit help(const std::vector<std::string>& words, Language language) {
  const auto arguments = parseArguments(helpSpec(), {words.begin() + 1, words.end()});
  if (arguments.operands().empty()) {
    std::cout << overview(language, terminalWidth());
  } else {
    std::cout << usageOf(commandCalled(arguments.operands()[0]).spec, language, terminalWidth());
  }
  return Exit::kOk;
}

Exit run(const Command& command, const Arguments& arguments, Language language) {
  const auto session = loadSession();
  if (command.needs_login && !session) {
    throw CtlError{Exit::kNoServer,
                   {"尚未登录：oscarctl login [URL]", "not logged in: oscarctl login [URL]"}};
  }
  ApiClient api{session ? session->url : "", session ? session->token : "", language};
  try {
    return command.run(api, arguments);
  } catch (const CtlError& e) {
    // For scripts; people have the words on stderr.
    if (arguments.has("json") && !e.envelope().empty()) std::cout << e.envelope() << '\n';
    throw;
  }
}

Exit dispatch(const std::vector<std::string>& words, Language language) {
  if (words.empty()) {
    std::cout << overview(language, terminalWidth());
    return Exit::kUsage;
  }
  if (words[0] == "--help" || words[0] == "-h" || words[0] == "help") return help(words, language);
  if (words[0] == "--version" || words[0] == "-V") {
    std::cout << "oscarctl " << OSCARCTL_VERSION << '\n';
    return Exit::kOk;
  }
  const Command& command = commandCalled(words[0]);
  const auto arguments = parseArguments(command.spec, {words.begin() + 1, words.end()});
  if (arguments.has("help")) {
    std::cout << usageOf(command.spec, language, terminalWidth());
    return Exit::kOk;
  }
  return run(command, arguments, language);
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  Poco::Net::initializeSSL();
  int status = 0;
  Language language = terminalLanguage();
  try {
    const auto words = commandFirst({argv + 1, argv + argc});
    language = chosenLanguage(words);
    status = static_cast<int>(dispatch(words, language));
  } catch (const CtlError& e) {
    std::cerr << "oscarctl: " << e.message().in(language) << '\n';
    status = static_cast<int>(e.exit());
  } catch (const std::exception& e) {
    std::cerr << "oscarctl: " << e.what() << '\n';
    status = static_cast<int>(Exit::kFailed);
  }
  Poco::Net::uninitializeSSL();
  return status;
}
