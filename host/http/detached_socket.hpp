#pragma once

#include "ports/upgrade_handler.hpp"

#include <Poco/Net/StreamSocket.h>

#include <memory>

namespace oscar::http {

/// Takes a Poco socket, plain or TLS, out of Poco's hands and makes it non-blocking.
std::unique_ptr<ports::DetachedSocket> detach(const Poco::Net::StreamSocket& socket);

}  // namespace oscar::http
