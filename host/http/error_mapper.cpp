#include "http/error_mapper.hpp"

#include "json/writer.hpp"
#include "ports/target_database.hpp"

namespace oscar::http {
namespace {

/// The members inside the braces of a JSON object, so that they can be joined to others.
std::string_view membersOf(std::string_view object) {
  const auto first = object.find('{');
  const auto last = object.rfind('}');
  if (first == std::string_view::npos || last == std::string_view::npos || last <= first) return {};
  std::string_view inner = object.substr(first + 1, last - first - 1);
  while (!inner.empty() && static_cast<unsigned char>(inner.front()) <= ' ') inner.remove_prefix(1);
  return inner;
}

std::string errorData(const ServiceError& error, Language language, const std::string& request_id) {
  json::Writer out;
  out.beginObject().field("request_id", request_id);
  if (!error.fields().empty()) {
    out.key("fields").beginArray();
    for (const FieldError& wrong : error.fields()) {
      out.beginObject()
          .field("field", wrong.field)
          .field("message", wrong.reason.in(language))
          .endObject();
    }
    out.endArray();
  }
  out.endObject();
  std::string data = out.take();
  const std::string_view details = membersOf(error.details());
  if (!details.empty()) {
    data.pop_back();
    data.append(",").append(details).append("}");
  }
  return data;
}

}  // namespace

int httpStatus(ErrorCode code) {
  switch (code) {
    case ErrorCode::kConnectionFailed:
      return 502;
    case ErrorCode::kDdlSyntax:
      return 422;
    case ErrorCode::kTimeout:
      return 504;
    default:
      return static_cast<int>(code);
  }
}

std::string envelope(int code, std::string_view message, std::string_view data_json,
                     Timestamp now) {
  json::Writer out;
  out.beginObject().field("code", code).field("message", message);
  out.key("data").raw(data_json);
  out.field("timestamp", formatTimestamp(now)).endObject();
  return out.take();
}

Response errorResponse(const ServiceError& error, Language language, const std::string& request_id,
                       Timestamp now) {
  Response response;
  response.status = httpStatus(error.code());
  response.headers.set("Content-Type", "application/json; charset=utf-8");
  if (error.retryAfterSeconds() > 0) {
    response.headers.set("Retry-After", std::to_string(error.retryAfterSeconds()));
  }
  if (error.code() == ErrorCode::kUnauthenticated) {
    response.headers.set("WWW-Authenticate", "Bearer");
  }
  if (error.code() == kUpgradeRequired) response.headers.set("Upgrade", "websocket");
  response.body = envelope(static_cast<int>(error.code()), error.message().in(language),
                           errorData(error, language, request_id), now);
  return response;
}

ServiceError toServiceError(const std::exception_ptr& exception) {
  const Text internal{"服务器内部错误。请把请求编号（request_id）告诉管理员，日志里有原因。",
                      "Internal error. Give the request_id to your administrator: the log has the "
                      "cause."};
  try {
    std::rethrow_exception(exception);
  } catch (const ServiceError& error) {
    return error;
  } catch (const StoreUnavailable& error) {
    return ServiceError{ErrorCode::kUnavailable,
                        {"存储暂时不可用，什么都没有改变。请稍后重试。",
                         "The store cannot be used right now; nothing was changed. Try again "
                         "shortly."},
                        error.what()}
        .withRetryAfter(5);
  } catch (const ports::TargetError& error) {
    return ServiceError{ErrorCode::kConnectionFailed, sameText(error.what()),
                        "MySQL error " + std::to_string(error.code())};
  } catch (const std::exception& error) {
    return ServiceError{ErrorCode::kInternal, internal, error.what()};
  } catch (...) {
    return ServiceError{ErrorCode::kInternal, internal, "an exception of unknown type"};
  }
}

ServiceError bodyTooLarge(std::int64_t max_bytes) {
  const std::string limit = std::to_string(max_bytes);
  return ServiceError{ErrorCode::kPayloadTooLarge,
                      {"请求体超过上限 " + limit + " 字节，没有处理。请减小请求。",
                       "The body is above the limit of " + limit +
                           " bytes; nothing was done. Send a smaller request."}};
}

}  // namespace oscar::http
