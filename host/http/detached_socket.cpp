#include "http/detached_socket.hpp"

#include <Poco/Exception.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <openssl/err.h>

#include <cerrno>

namespace oscar::http {
namespace {

class PocoDetachedSocket final : public ports::DetachedSocket {
 public:
  explicit PocoDetachedSocket(const Poco::Net::StreamSocket& socket) : socket_{socket} {
    socket_.setBlocking(false);
    socket_.setNoDelay(true);
  }
  ~PocoDetachedSocket() override {
    try {
      socket_.close();
    } catch (const Poco::Exception&) {
      // The peer may be gone already; there is nobody left to tell.
    }
  }

  int descriptor() const override { return socket_.impl()->sockfd(); }

  std::ptrdiff_t read(char* buffer, std::size_t size) override {
    return attempt([&] {
      const int count = socket_.receiveBytes(buffer, static_cast<int>(size));
      if (count == 0) return -1;  // orderly end
      return count > 0 ? count : wouldBlock(count);
    });
  }

  std::ptrdiff_t write(std::string_view bytes) override {
    return attempt([&] {
      const int count = socket_.sendBytes(bytes.data(), static_cast<int>(bytes.size()));
      return count > 0 ? count : wouldBlock(count);
    });
  }

 private:
  /// Poco gives -EAGAIN for plain sockets and its own negative codes for TLS.
  static int wouldBlock(int code) {
    const bool again = code == 0 || code == -EAGAIN || code == -EWOULDBLOCK ||
                       code == Poco::Net::SecureStreamSocket::ERR_SSL_WANT_READ ||
                       code == Poco::Net::SecureStreamSocket::ERR_SSL_WANT_WRITE;
    return again ? 0 : -1;
  }

  template <typename Operation>
  static std::ptrdiff_t attempt(Operation operation) {
    // OpenSSL tells "would block" from "failed" by this thread's error queue, which all sockets of
    // the thread share: what another one left there would end this one.
    ERR_clear_error();
    try {
      return operation();
    } catch (const Poco::TimeoutException&) {
      return 0;
    } catch (const Poco::Exception& error) {
      return error.code() == EAGAIN || error.code() == EWOULDBLOCK ? 0 : -1;
    }
  }

  Poco::Net::StreamSocket socket_;
};

}  // namespace

std::unique_ptr<ports::DetachedSocket> detach(const Poco::Net::StreamSocket& socket) {
  return std::make_unique<PocoDetachedSocket>(socket);
}

}  // namespace oscar::http
