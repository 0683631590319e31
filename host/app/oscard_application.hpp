#pragma once

#include "domain/settings.hpp"

#include <Poco/Util/ServerApplication.h>

#include <optional>
#include <string>
#include <vector>

namespace oscar::app {

/// The process: command line, settings, log, signals.
class OscardApplication final : public Poco::Util::ServerApplication {
 protected:
  void defineOptions(Poco::Util::OptionSet& options) override;
  int main(const std::vector<std::string>& operands) override;

 private:
  void handleOption(const std::string& name, const std::string& value) override;
  void showHelp() const;
  Settings readSettings() const;
  int serve();

  bool help_ = false;
  bool version_ = false;
  std::optional<std::string> config_;
  std::optional<std::string> data_;
  std::optional<std::string> port_;
  std::optional<std::string> bind_;
  std::optional<std::string> first_password_;
};

}  // namespace oscar::app
