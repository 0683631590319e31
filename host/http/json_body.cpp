#include "http/json_body.hpp"

#include "json/writer.hpp"

#include <algorithm>

namespace oscar::http {
namespace {

std::string positionOf(const json::ParseError& wrong) {
  return json::Writer{}
      .beginObject()
      .field("line", wrong.line)
      .field("column", wrong.column)
      .field("offset", wrong.offset)
      .endObject()
      .take();
}

}  // namespace

JsonBody::JsonBody(const Request& request, bool may_be_empty)
    : reader_{read(request, may_be_empty, errors_)} {}

json::Reader JsonBody::read(const Request& request, bool may_be_empty, json::FieldErrors& errors) {
  const bool empty = request.body.empty();
  auto parsed = json::Reader::parse(
      empty && may_be_empty ? std::string_view{"{}"} : std::string_view{request.body}, errors,
      request.body.size() + 2);
  if (parsed) return std::move(parsed).value();
  if (empty) {
    throw ServiceError{ErrorCode::kBadRequest,
                       {"请求体为空：这个接口需要一个 JSON 对象。",
                        "The body is empty: this operation takes a JSON object."}};
  }
  const json::ParseError& wrong = parsed.error();
  throw ServiceError{ErrorCode::kBadRequest,
                     {"请求体不是有效的 JSON 对象。" + wrong.text.zh + "。",
                      "The body is not a valid JSON object: " + wrong.text.en + "."}}
      .withDetails(positionOf(wrong));
}

void JsonBody::finish() {
  finish([] {});
}

void JsonBody::finish(const std::function<void()>& check) {
  reader_.rejectUnknown();
  if (errors_.empty()) return;
  try {
    check();
  } catch (const ServiceError& refused) {
    // What is missing or of the wrong type was not read, so `check` has judged something else
    // there.
    const auto known = errors_.list();
    for (const FieldError& wrong : refused.fields()) {
      const bool named = std::any_of(known.begin(), known.end(), [&](const FieldError& each) {
        return each.field == wrong.field;
      });
      if (!named) errors_.add(wrong.field, wrong.reason);
    }
  }
  errors_.throwIfAny();
}

}  // namespace oscar::http
