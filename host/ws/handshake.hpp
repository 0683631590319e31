#pragma once

#include "ports/upgrade_handler.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace oscar::ws {

/// Our subprotocol; a browser that sends its token offers it beside `bearer.<token>`.
inline constexpr std::string_view kSubprotocol = "oscar.v1";

/// Throws ServiceError kBadRequest for anything but a complete version 13 handshake.
void checkHandshake(const ports::UpgradeRequest& request);

/// `Sec-WebSocket-Accept` for a client's key, RFC 6455 §4.2.2.
std::string acceptKey(std::string_view client_key);

/// The token offered in Sec-WebSocket-Protocol or Authorization; empty when there is none.
std::string offeredToken(const ports::UpgradeRequest& request);
/// True when the client offered kSubprotocol: only then may the answer name it.
bool offersSubprotocol(const ports::UpgradeRequest& request);

/// A browser always sends Origin; it must be this host or a listed one. Programs send none and have
/// no ambient login that a foreign page could abuse.
bool originAllowed(const ports::UpgradeRequest& request,
                   const std::vector<std::string>& allowed_origins);

}  // namespace oscar::ws
