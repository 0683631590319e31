#include "domain/error.hpp"

namespace oscar {

ServiceError::ServiceError(ErrorCode code, Text message, std::string internal)
    : code_{code}, message_{std::move(message)}, internal_{std::move(internal)} {}

ServiceError ServiceError::invalidFields(std::vector<FieldError> fields) {
  Text message{"请求参数错误：", "Invalid request: "};
  for (std::size_t i = 0; i < fields.size(); ++i) {
    message.zh += (i ? "；" : "") + fields[i].field + " " + fields[i].reason.zh;
    message.en += (i ? "; " : "") + fields[i].field + " " + fields[i].reason.en;
  }
  ServiceError error{ErrorCode::kBadRequest, std::move(message)};
  error.fields_ = std::move(fields);
  return error;
}

ServiceError&& ServiceError::withDetails(std::string json_object) && {
  details_ = std::move(json_object);
  return std::move(*this);
}

ServiceError&& ServiceError::withRetryAfter(int seconds) && {
  retry_after_seconds_ = seconds;
  return std::move(*this);
}

const char* ServiceError::what() const noexcept {
  return internal_.empty() ? message_.en.c_str() : internal_.c_str();
}

}  // namespace oscar
