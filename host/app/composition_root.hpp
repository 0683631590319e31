#pragma once

#include "app/data_dir.hpp"
#include "domain/secret.hpp"
#include "domain/settings.hpp"
#include "ports/log.hpp"

#include <memory>
#include <optional>
#include <string>

namespace oscar::app {

/// Secrets that come from the environment alone.
struct EnvironmentSecrets {
  std::optional<Secret> admin_password;
  std::optional<Secret> master_key;
  std::optional<Secret> jwt_secret;
  bool accept_lost_secrets = false;  ///< see app/stored_secrets.hpp
};

/// Builds every part, wires them together and takes them apart in reverse order.
class CompositionRoot {
 public:
  /// Opens the store, loads plugins, creates the first admin. Serves and runs nothing yet. Throws
  /// with a sentence for the administrator.
  CompositionRoot(Settings settings, const DataDir& data, EnvironmentSecrets secrets,
                  ports::Log& log);
  ~CompositionRoot();
  CompositionRoot(const CompositionRoot&) = delete;
  CompositionRoot& operator=(const CompositionRoot&) = delete;

  /// Takes up the runs of before, then serves.
  void start();
  int port() const;

  /// The first admin's generated password, once, when this start created that admin without being
  /// given one.
  std::optional<Secret> takeFirstPassword();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace oscar::app
