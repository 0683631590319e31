#pragma once

#include "http/request.hpp"
#include "json/reader.hpp"

#include <functional>
#include <string_view>

namespace oscar::http {

/// The JSON object in a request's body, read strictly (see json::Reader).
class JsonBody {
 public:
  /// Throws ServiceError kBadRequest when the body is not one JSON object. An empty body counts as
  /// `{}` when `may_be_empty`.
  explicit JsonBody(const Request& request, bool may_be_empty = false);
  JsonBody(const JsonBody&) = delete;  // the reader refers to errors_
  JsonBody& operator=(const JsonBody&) = delete;

  json::Reader* operator->() { return &reader_; }
  json::Reader& reader() { return reader_; }

  /// A field whose value must be one of an enum's words; adds an error otherwise.
  template <typename Parse>
  auto word(json::Reader& from, std::string_view key, Parse parse, std::string_view words)
      -> decltype(parse(std::string_view{})) {
    const auto value = from.string(key, 0, 64);
    if (!value) return std::nullopt;
    auto parsed = parse(std::string_view{*value});
    if (!parsed) {
      errors_.add(std::string{key},
                  {"应为以下之一：" + std::string{words}, "must be one of " + std::string{words}});
    }
    return parsed;
  }
  json::FieldErrors& errors() { return errors_; }

  /// Call last: refuses unknown fields and throws when anything was wrong.
  void finish();
  /// As finish(), for a body whose fields have further rules: when its form is wrong, `check`
  /// (which throws ServiceError::invalidFields) is asked too, so that one answer names every wrong
  /// field. Otherwise it is not called: the service checks what it is given.
  void finish(const std::function<void()>& check);

 private:
  static json::Reader read(const Request& request, bool may_be_empty, json::FieldErrors& errors);

  json::FieldErrors errors_;
  json::Reader reader_;
};

}  // namespace oscar::http
