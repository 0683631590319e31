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
  text +=
      language == Language::kZh
          ? "\n退出码：\n"
            "  0  成功；跟随或查询的执行已完成；preview：可以提交\n"
            "  1  执行失败，或 oscard 出错\n"
            "  2  命令行有误：命令、选项、参数个数或执行编号的写法\n"
            "  3  执行已取消\n"
            "  4  oscard "
            "拒绝：输入有误、不存在、无权限、冲突，或危险操作未确认；preview：提交会被拒绝\n"
            "  5  无法连接 oscard，或未登录\n"
            "环境变量：OSCAR_LANG、OSCAR_SESSION、OSCAR_CA_FILE，密码见各命令的帮助\n"
          : "\nexit status:\n"
            "  0  done; the execution watched or asked for completed; preview: can be submitted\n"
            "  1  the execution failed, or oscard did\n"
            "  2  wrong command line: command, option, operands or form of a number\n"
            "  3  the execution was cancelled\n"
            "  4  refused by oscard: bad input, not found, not allowed, conflict or a danger not\n"
            "     confirmed; preview: a submission would be refused\n"
            "  5  oscard cannot be reached, or not logged in\n"
            "environment: OSCAR_LANG, OSCAR_SESSION, OSCAR_CA_FILE; for passwords see the\n"
            "commands' help\n";
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
      throw CtlError{Exit::kNoServer,
                     {"尚未登录：oscarctl login [URL]", "not logged in: oscarctl login [URL]"}};
    }
    ApiClient api{session ? session->url : "", session ? session->token : "", language};
    return command.run(api, arguments);
  }
  throw CtlError{Exit::kUsage,
                 {"没有命令 " + words[0] + "\n\n" + overview(Language::kZh),
                  "unknown command " + words[0] + "\n\n" + overview(Language::kEn)}};
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
