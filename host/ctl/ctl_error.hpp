#pragma once

#include <exception>
#include <string>
#include <utility>

namespace oscar::ctl {

/// Exit statuses of oscarctl. For commands about one execution they tell its outcome.
enum class Exit {
  kOk = 0,         ///< done; the execution completed
  kFailed = 1,     ///< the execution failed, or oscard could not do what was asked
  kUsage = 2,      ///< the command line is wrong
  kCancelled = 3,  ///< the execution was cancelled
  kRefused = 4,    ///< oscard refused: bad input, confirmation missing, conflict, not allowed
  kNoServer = 5,   ///< oscard cannot be reached, or the login is missing or over
};

/// Ends the command with a message on stderr.
class CtlError : public std::exception {
 public:
  CtlError(Exit exit, std::string message) : exit_{exit}, message_{std::move(message)} {}
  Exit exit() const { return exit_; }
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  Exit exit_;
  std::string message_;
};

}  // namespace oscar::ctl
