#include "ctl/commands.hpp"
#include "ctl/session_file.hpp"
#include "ctl/terminal.hpp"

#include <Poco/Net/NetSSL.h>

#include <csignal>
#include <iostream>
#include <optional>

namespace {

using namespace oscar;
using namespace oscar::ctl;

std::string overview(Language language) {
  std::string text =
      language == Language::kZh
          ? "用法：oscarctl 命令 [选项]（oscarctl 命令 --help 看详情）\n\n"
          : "usage: oscarctl COMMAND [OPTIONS] (oscarctl COMMAND --help for more)\n\n";
  for (const auto& command : commands()) {
    std::string left = "  " + command.spec.name + " " + command.spec.operands;
    left.resize(std::max<std::size_t>(left.size() + 2, 52), ' ');
    text += left + command.spec.help.in(language) + "\n";
  }
  text += language == Language::kZh
              ? "\n退出码：0 成功，1 失败，2 用法错误，3 已取消，4 被拒绝，5 无法连接或未登录\n"
              : "\nexit status: 0 done, 1 failed, 2 usage, 3 cancelled, 4 refused, 5 no server or "
                "login\n";
  return text;
}

Exit dispatch(const std::vector<std::string>& words, Language language) {
  if (words.empty() || words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
    std::cout << overview(language);
    return words.empty() ? Exit::kUsage : Exit::kOk;
  }
  for (const auto& command : commands()) {
    if (command.spec.name != words[0]) continue;
    const auto arguments = parseArguments(command.spec, {words.begin() + 1, words.end()});
    if (arguments.has("help")) {
      std::cout << usageOf(command.spec, language);
      return Exit::kOk;
    }
    const auto session = loadSession();
    if (command.needs_login && !session) {
      throw CtlError{Exit::kNoServer, language == Language::kZh
                                          ? "尚未登录：oscarctl login [URL]"
                                          : "not logged in: oscarctl login [URL]"};
    }
    ApiClient api{session ? session->url : "", session ? session->token : "", language};
    return command.run(api, arguments);
  }
  throw CtlError{Exit::kUsage, "unknown command " + words[0] + "\n\n" + overview(language)};
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  Poco::Net::initializeSSL();
  const Language language = terminalLanguage();
  int status = 0;
  try {
    status = static_cast<int>(dispatch({argv + 1, argv + argc}, language));
  } catch (const CtlError& e) {
    std::cerr << "oscarctl: " << e.what() << '\n';
    status = static_cast<int>(e.exit());
  } catch (const std::exception& e) {
    std::cerr << "oscarctl: " << e.what() << '\n';
    status = static_cast<int>(Exit::kFailed);
  }
  Poco::Net::uninitializeSSL();
  return status;
}
