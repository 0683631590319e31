#include "app/oscard_application.hpp"

#include "adapters/spdlog_log.hpp"
#include "app/composition_root.hpp"
#include "app/data_dir.hpp"
#include "app/first_password_file.hpp"
#include "app/version.hpp"
#include "settings/settings_loader.hpp"

#include <Poco/Net/NetSSL.h>
#include <Poco/Util/HelpFormatter.h>
#include <Poco/Util/Option.h>
#include <Poco/Util/OptionSet.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>

namespace oscar::app {
namespace {

std::optional<Secret> secretFrom(const settings::Variables& variables, const std::string& name) {
  const auto it = variables.find(name);
  if (it == variables.end() || it->second.empty()) return std::nullopt;
  return Secret{it->second};
}

/// Removes a variable and overwrites its value, which otherwise stays readable in
/// /proc/PID/environ.
void forget(const char* name) {
  if (char* value = std::getenv(name)) explicit_bzero(value, std::strlen(value));
  unsetenv(name);
}

/// Another word than the one that is asked for is a mistake, and no consent.
bool acceptsLostSecrets(const settings::Variables& variables) {
  const auto it = variables.find("OSCAR_LOST_SECRETS");
  if (it == variables.end() || it->second.empty()) return false;
  if (it->second == "accept") return true;
  throw std::runtime_error{"OSCAR_LOST_SECRETS is \"" + it->second +
                           "\": it takes the word accept, or nothing"};
}

/// Children must not inherit secrets, and nobody should find them in the environment.
EnvironmentSecrets takeSecrets(const settings::Variables& variables) {
  EnvironmentSecrets secrets{
      secretFrom(variables, "OSCAR_ADMIN_PASSWORD"), secretFrom(variables, "OSCAR_MASTER_KEY"),
      secretFrom(variables, "OSCAR_JWT_SECRET"), acceptsLostSecrets(variables)};
  for (const char* name :
       {"OSCAR_ADMIN_PASSWORD", "OSCAR_MASTER_KEY", "OSCAR_JWT_SECRET", "OSCAR_STORE_PASSWORD"}) {
    forget(name);
  }
  return secrets;
}

/// Without a list in the settings: the plugins that were installed beside this program.
std::vector<std::string> installedPlugins() {
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  const auto folder = program.parent_path().parent_path() / "plugins";
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator{folder, error}) {
    if (entry.is_directory() && std::filesystem::exists(entry.path() / "plugin.json", error)) {
      paths.push_back(entry.path().string());
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace

void OscardApplication::defineOptions(Poco::Util::OptionSet& options) {
  using Poco::Util::Option;
  options.addOption(Option{"help", "h", "show this help"});
  options.addOption(Option{"version", "", "show the version"});
  options.addOption(
      Option{"config", "c", "configuration file (default: OSCAR_CONFIG, else built-in defaults)"}
          .argument("FILE"));
  options.addOption(Option{"data", "d", "data folder (default: var)"}.argument("DIR"));
  options.addOption(Option{"port", "p", "port (default: 8080)"}.argument("N"));
  options.addOption(
      Option{"bind", "b", "address to listen on (default: 127.0.0.1)"}.argument("ADDRESS"));
  options.addOption(Option{"first-password", "",
                           "file for the first administrator's generated password (default: "
                           "standard output)"}
                        .argument("FILE"));
}

void OscardApplication::handleOption(const std::string& name, const std::string& value) {
  if (name == "help") help_ = true;
  if (name == "version") version_ = true;
  if (name == "config") config_ = value;
  if (name == "data") data_ = value;
  if (name == "port") port_ = value;
  if (name == "bind") bind_ = value;
  if (name == "first-password") first_password_ = value;
  if (help_ || version_) stopOptionsProcessing();
}

void OscardApplication::showHelp() const {
  Poco::Util::HelpFormatter formatter{options()};
  formatter.setCommand("oscard");
  formatter.setUsage("[OPTIONS]");
  formatter.setHeader("Runs pt-online-schema-change for people: REST, WebSocket and plugins.");
  formatter.setUnixStyle(true);
  formatter.format(std::cout);
}

Settings OscardApplication::readSettings() const {
  // The command line is the nearest word, so it goes over the environment's.
  settings::Variables variables = settings::processVariables();
  if (data_) variables["OSCAR_DATA_DIR"] = *data_;
  if (port_) variables["OSCAR_HTTP_PORT"] = *port_;
  if (bind_) variables["OSCAR_HTTP_BIND"] = *bind_;
  Settings settings = settings::loadSettings(config_, variables);
  if (settings.plugins.paths.empty()) settings.plugins.paths = installedPlugins();
  return settings;
}

int OscardApplication::main(const std::vector<std::string>&) {
  if (help_) {
    showHelp();
    return EXIT_OK;
  }
  if (version_) {
    std::cout << "oscard " << kVersion << '\n';
    return EXIT_OK;
  }
  try {
    return serve();
  } catch (const std::exception& e) {
    std::cerr << "oscard: " << e.what() << '\n';
    return EXIT_CONFIG;
  }
}

int OscardApplication::serve() {
  const Settings settings = readSettings();
  EnvironmentSecrets secrets = takeSecrets(settings::processVariables());
  adapters::SpdlogLog log{
      adapters::parseLogLevel(settings.log.level).value_or(ports::LogLevel::kInfo),
      adapters::parseLogFormat(settings.log.format).value_or(adapters::LogFormat::kText)};
  const DataDir data{settings.data_dir};
  std::optional<FirstPasswordFile> first_password;
  if (first_password_) first_password.emplace(*first_password_);
  Poco::Net::initializeSSL();
  {
    CompositionRoot root{settings, data, std::move(secrets), log};
    if (const auto password = root.takeFirstPassword()) {
      if (first_password) {
        first_password->write(*password);
      } else {
        std::cout << "first admin password: " << password->reveal() << std::endl;
      }
    }
    root.start();
    std::cout << "oscard " << kVersion << " listens on " << settings.http.bind << ":" << root.port()
              << std::endl;
    waitForTerminationRequest();
    log.write(ports::LogLevel::kInfo, "app", "stopping; runs go on by themselves");
  }
  Poco::Net::uninitializeSSL();
  return EXIT_OK;
}

}  // namespace oscar::app
