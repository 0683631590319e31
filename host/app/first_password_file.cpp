#include "app/first_password_file.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <stdexcept>
#include <unistd.h>

namespace oscar::app {

// O_NONBLOCK: a pipe without a reader is an error, nothing to wait for.
FirstPasswordFile::FirstPasswordFile(std::string path)
    : path_{std::move(path)},
      descriptor_{::open(path_.c_str(),
                         O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC,
                         0600)} {
  if (descriptor_ < 0) fail(errno);
}

FirstPasswordFile::~FirstPasswordFile() {
  ::close(descriptor_);
}

void FirstPasswordFile::write(const Secret& password) {
  std::string line = password.reveal() + "\n";
  const ssize_t put = ::write(descriptor_, line.data(), line.size());
  const int reason = errno;
  explicit_bzero(line.data(), line.size());
  if (put != static_cast<ssize_t>(line.size())) fail(put < 0 ? reason : EIO);
}

void FirstPasswordFile::fail(int reason) const {
  throw std::runtime_error{"cannot write the first password to " + path_ + ": " +
                           std::strerror(reason)};
}

}  // namespace oscar::app
