#include "ctl/http_link.hpp"

#include "ctl/ctl_error.hpp"

#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPSClientSession.h>
#include <Poco/Timespan.h>

#include <cstdlib>

namespace oscar::ctl {

std::unique_ptr<Poco::Net::HTTPClientSession> openLink(const Poco::URI& uri) {
  std::unique_ptr<Poco::Net::HTTPClientSession> link;
  if (uri.getScheme() == "http") {
    link = std::make_unique<Poco::Net::HTTPClientSession>(uri.getHost(), uri.getPort());
  } else if (uri.getScheme() == "https") {
    const char* ca = std::getenv("OSCAR_CA_FILE");
    Poco::Net::Context::Ptr context{
        new Poco::Net::Context{Poco::Net::Context::TLS_CLIENT_USE, ca == nullptr ? "" : ca,
                               Poco::Net::Context::VERIFY_STRICT, 9, /*loadDefaultCAs=*/true}};
    context->requireMinimumProtocol(Poco::Net::Context::PROTO_TLSV1_2);
    context->enableExtendedCertificateVerification(true);
    link = std::make_unique<Poco::Net::HTTPSClientSession>(uri.getHost(), uri.getPort(), context);
  } else {
    throw CtlError{Exit::kUsage,
                   {"URL 须以 http:// 或 https:// 开头：" + uri.toString(),
                    "the URL must begin with http:// or https://: " + uri.toString()}};
  }
  link->setTimeout(Poco::Timespan{60, 0});
  return link;
}

}  // namespace oscar::ctl
