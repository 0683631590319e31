#pragma once

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/URI.h>

#include <memory>

namespace oscar::ctl {

/// A session to the URL's host: plain, or TLS 1.2+ with verification of chain and host name. Throws
/// CtlError kUsage for another scheme.
std::unique_ptr<Poco::Net::HTTPClientSession> openLink(const Poco::URI& uri);

}  // namespace oscar::ctl
