#pragma once

#include "domain/settings.hpp"

#include <Poco/Net/Context.h>

namespace oscar::http {

/// TLS 1.2 and later with the configured certificate. Throws std::runtime_error that names the file
/// that cannot be used.
Poco::Net::Context::Ptr serverTlsContext(const HttpSettings& settings);

}  // namespace oscar::http
