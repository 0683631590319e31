#pragma once

#include "http/request.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace oscar::http {

/// An answer: either `data` (JSON, which the envelope middleware wraps), or `body` as it is, or a
/// `stream` that writes a body of unknown length.
struct Response {
  /// Takes the next piece; false when the client is gone and writing more is pointless.
  using Sink = std::function<bool(std::string_view piece)>;

  int status = 200;
  HeaderMap headers;
  std::optional<std::string> data;
  std::string body;
  std::function<void(const Sink&)> stream;

  /// 200 with that JSON value in the envelope's `data`.
  static Response json(std::string data_json) {
    Response response;
    response.data = std::move(data_json);
    return response;
  }
  static Response text(std::string content_type, std::string body) {
    Response response;
    response.headers.set("Content-Type", std::move(content_type));
    response.body = std::move(body);
    return response;
  }
};

}  // namespace oscar::http
