#include "http/tls.hpp"

#include <Poco/Exception.h>
#include <Poco/Net/SSLManager.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <fstream>
#include <stdexcept>

namespace oscar::http {
namespace {

/// A certificate that needs a password cannot start unattended; Poco would ask on the terminal.
void refuseEncryptedKey(const std::string& path) {
  std::ifstream file{path};
  if (!file) throw std::runtime_error{"cannot read the TLS key " + path};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  if (text.find("ENCRYPTED") != std::string::npos) {
    throw std::runtime_error{"the TLS key " + path +
                             " is protected by a password; give one that is not"};
  }
}

}  // namespace

Poco::Net::Context::Ptr serverTlsContext(const HttpSettings& settings) {
  refuseEncryptedKey(settings.tls_key);
  Poco::Net::initializeSSL();
  Poco::Net::Context::Params params;
  params.certificateFile = settings.tls_certificate;
  params.privateKeyFile = settings.tls_key;
  params.verificationMode = Poco::Net::Context::VERIFY_NONE;  // clients show no certificate
  params.cipherList = "ECDHE+AESGCM:ECDHE+CHACHA20";
  try {
    Poco::Net::Context::Ptr context{
        new Poco::Net::Context{Poco::Net::Context::TLS_SERVER_USE, params}};
    context->requireMinimumProtocol(Poco::Net::Context::PROTO_TLSV1_2);
    // A WebSocket's rest of a message is offered again from wherever its buffer is by then.
    SSL_CTX_set_mode(context->sslContext(),
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // Poco offers its built-in DH group, which OpenSSL 3 finds too small; we use ECDHE only. The
    // complaint must not stay in this thread's error queue.
    ERR_clear_error();
    return context;
  } catch (const Poco::Exception& error) {
    throw std::runtime_error{"cannot use the TLS certificate " + settings.tls_certificate +
                             " with the key " + settings.tls_key + ": " + error.displayText()};
  }
}

}  // namespace oscar::http
