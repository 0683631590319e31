#pragma once

#include "domain/text.hpp"

#include <exception>
#include <string>
#include <utility>

namespace oscar::ctl {

/// Exit statuses of oscarctl, for scripts; `oscarctl help` lists them. For commands about one
/// execution they tell its outcome.
enum class Exit {
  kOk = 0,         ///< done; the execution completed
  kFailed = 1,     ///< the execution failed, or oscard could not do what was asked
  kUsage = 2,      ///< the command line is wrong, the form of a number included
  kCancelled = 3,  ///< the execution was cancelled
  /// oscard refused and started nothing: bad input, not found, confirmation missing, conflict, not
  /// allowed, target server or backend not usable; for a preview: it would
  kRefused = 4,
  kNoServer = 5,  ///< oscard cannot be reached, or the login is missing or over
  /// Ctrl-C while following: the execution goes on. 128 + SIGINT, as shells have it
  kInterrupted = 130,
};

/// Ends the command with a message on stderr.
class CtlError : public std::exception {
 public:
  CtlError(Exit exit, Text message) : exit_{exit}, message_{std::move(message)} {}
  /// With oscard's own words, which are in the language of the command already, and its whole
  /// answer.
  static CtlError quoting(Exit exit, const std::string& words, std::string envelope,
                          int http_status) {
    CtlError error{exit, {words, words}};
    error.envelope_ = std::move(envelope);
    error.http_status_ = http_status;
    return error;
  }
  /// The status to end with.
  Exit exit() const { return exit_; }
  /// For people.
  const Text& message() const { return message_; }
  /// The JSON document that oscard refused with; empty when the error is not oscard's.
  const std::string& envelope() const { return envelope_; }
  /// True when oscard said that there is no such thing.
  bool isNotFound() const { return http_status_ == 404; }
  const char* what() const noexcept override { return message_.en.c_str(); }

 private:
  Exit exit_;
  Text message_;
  std::string envelope_;
  int http_status_ = 0;  ///< 0 when the error is not oscard's
};

}  // namespace oscar::ctl
