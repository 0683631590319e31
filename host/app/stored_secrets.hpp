#pragma once

#include "adapters/aes_gcm_secret_box.hpp"
#include "domain/secret.hpp"
#include "ports/log.hpp"
#include "ports/stores.hpp"

#include <optional>
#include <string>

namespace oscar::app {

/// What the keys of this data folder are found by.
struct SecretKeys {
  std::string data_dir;               ///< holds master.key
  std::optional<Secret> environment;  ///< OSCAR_MASTER_KEY
  /// Start although stored passwords cannot be opened; they are named in the log.
  bool accept_lost = false;
};

/// The box for stored passwords. A store may have been filled with the keys of another data folder:
/// then nothing is created and std::runtime_error says which passwords would be lost and what to
/// do. A new master.key is made only where there is nothing to open. Throws StoreUnavailable too.
adapters::AesGcmSecretBox openSecretBox(ports::ConnectionStore& connections, const SecretKeys& keys,
                                        ports::Log& log);

}  // namespace oscar::app
