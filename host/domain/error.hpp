#pragma once

#include "domain/text.hpp"

#include <exception>
#include <string>
#include <utility>
#include <vector>

namespace oscar {

/// The codes of the requirement document 6.1.2, and those that HTTP needs beside them. The number
/// is what the response envelope carries; host/http/error_mapper.cpp alone turns it into a status.
enum class ErrorCode {
  kBadRequest = 400,
  kUnauthenticated = 401,
  kForbidden = 403,
  kNotFound = 404,
  kMethodNotAllowed = 405,
  kConflict = 409,
  kPayloadTooLarge = 413,
  kTooManyRequests = 429,
  kInternal = 500,
  kUnavailable = 503,
  kConnectionFailed = 1001,
  kDdlSyntax = 1002,
  kTimeout = 1003,
};

/// One wrong field of a request. `field` is a path such as `execution_params.chunk_size`.
struct FieldError {
  std::string field;
  Text reason;
  bool operator==(const FieldError&) const = default;
};

/// What a use case throws when it cannot do what was asked.
///
/// `message` is for the user; `internal` goes to the log with the request id and never leaves the
/// process. `details` is an optional JSON object (text) that becomes the envelope's `data`, for
/// example the confirmation text expected. `retry_after_seconds` is set for kTooManyRequests.
class ServiceError : public std::exception {
 public:
  /// Neither text may hold a secret.
  ServiceError(ErrorCode code, Text message, std::string internal = {});

  /// kBadRequest with every wrong field listed.
  static ServiceError invalidFields(std::vector<FieldError> fields);

  ErrorCode code() const { return code_; }
  const Text& message() const { return message_; }
  const std::string& internal() const { return internal_; }
  const std::vector<FieldError>& fields() const { return fields_; }
  const std::string& details() const { return details_; }
  int retryAfterSeconds() const { return retry_after_seconds_; }

  /// Sets `details`; the text must be one JSON object.
  ServiceError&& withDetails(std::string json_object) &&;
  /// Sets when it makes sense to try again, in seconds from now.
  ServiceError&& withRetryAfter(int seconds) &&;

  /// `internal` if present, else the English message: for logs and test failures.
  const char* what() const noexcept override;

 private:
  ErrorCode code_;
  Text message_;
  std::string internal_;
  std::vector<FieldError> fields_;
  std::string details_;
  int retry_after_seconds_ = 0;
};

/// Thrown by stores when the database behind them cannot be used now (locked, full, gone). The
/// caller may try again; nothing of the failed transaction was kept.
class StoreUnavailable : public std::exception {
 public:
  explicit StoreUnavailable(std::string reason) : reason_{std::move(reason)} {}
  const char* what() const noexcept override { return reason_.c_str(); }

 private:
  std::string reason_;
};

}  // namespace oscar
