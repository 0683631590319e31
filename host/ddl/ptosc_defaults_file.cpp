#include "ddl/ptosc_defaults_file.hpp"

#include "ddl/ptosc_dsn.hpp"

#include <string_view>

namespace oscar::ddl {
namespace {

// Between double quotes `#`, `;`, spaces and other quotes are ordinary; the backslash escapes.
std::string quoted(std::string_view value) {
  std::string out = "\"";
  for (const char c : value) {
    switch (c) {
      case '\\':
      case '"':
        out += '\\';
        out += c;
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        out += c;
    }
  }
  return out + "\"";
}

std::string tlsOptions(const TargetAddress& address) {
  if (!address.use_ssl) return {};
  std::string out;
  if (ptoscNeedsCaFile(address)) out += "ssl-ca = {run_dir}/ca.pem\n";
  // Connector/C knows the first two words and libmysqlclient the last; both ignore the others'.
  // Connector/C cannot check the chain without the host name, so verify_ca is as strict as
  // verify_identity there.
  out += "ssl-enforce = 1\n";
  switch (address.ssl_verify) {
    case SslVerify::kRequired:
      return out + "ssl-mode = REQUIRED\n";
    case SslVerify::kVerifyCa:
      return out + "ssl-verify-server-cert = 1\nssl-mode = VERIFY_CA\n";
    case SslVerify::kVerifyIdentity:
      return out + "ssl-verify-server-cert = 1\nssl-mode = VERIFY_IDENTITY\n";
  }
  return out;
}

}  // namespace

bool ptoscNeedsCaFile(const TargetAddress& address) {
  return address.use_ssl && !address.ssl_ca.empty();
}

std::string ptoscDefaultsFile(const TargetAddress& address) {
  return "[client]\n" + tlsOptions(address) +
         "connect-timeout = " + std::to_string(address.connect_timeout_seconds) +
         "\n"
         "default-character-set = " +
         std::string{kPtoscCharset} + "\nuser = " + quoted(address.username) +
         "\npassword = " + quoted(address.password.reveal()) + "\n";
}

}  // namespace oscar::ddl
