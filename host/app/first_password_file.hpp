#pragma once

#include "domain/secret.hpp"

#include <string>

namespace oscar::app {

/// Where the first administrator's generated password is written: a file (made with mode 0600) or a
/// named pipe that somebody reads. It is opened before the administrator is made, so that nobody
/// gets a password that nobody will know.
class FirstPasswordFile {
 public:
  /// Throws std::runtime_error when it cannot be written.
  explicit FirstPasswordFile(std::string path);
  ~FirstPasswordFile();
  FirstPasswordFile(const FirstPasswordFile&) = delete;
  FirstPasswordFile& operator=(const FirstPasswordFile&) = delete;

  /// One line. Throws std::runtime_error.
  void write(const Secret& password);

 private:
  [[noreturn]] void fail(int reason) const;

  std::string path_;
  int descriptor_;
};

}  // namespace oscar::app
