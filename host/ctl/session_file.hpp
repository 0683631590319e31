#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace oscar::ctl {

/// What `oscarctl login` leaves for the next commands.
struct Session {
  std::string url;    ///< without a `/` at the end
  std::string token;  ///< the bearer token, a secret
};

/// `$OSCAR_SESSION`, else `$XDG_CONFIG_HOME/oscar/session.json`, else
/// `~/.config/oscar/session.json`.
std::filesystem::path sessionPath();

/// nullopt when there is none or it is not ours to read.
std::optional<Session> loadSession();
/// Written to a new 0600 file and renamed. Throws CtlError kFailed.
void saveSession(const Session& session);
/// Does nothing when there is none.
void removeSession();

}  // namespace oscar::ctl
