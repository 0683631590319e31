#include "json/reader.hpp"

#include "json/utf8.hpp"
#include "json/writer.hpp"

#include <Poco/Dynamic/Var.h>
#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/ParseHandler.h>
#include <Poco/JSON/Parser.h>

#include <cmath>
#include <set>
#include <sstream>
#include <stdexcept>
#include <typeinfo>

namespace oscar::json {
namespace {

constexpr std::size_t kMaxDepth = 32;

using Poco::Dynamic::Var;

bool isString(const Var& v) {
  return v.type() == typeid(std::string);
}
bool isBoolean(const Var& v) {
  return v.type() == typeid(bool);
}
bool isObject(const Var& v) {
  return v.type() == typeid(Poco::JSON::Object::Ptr);
}
bool isArray(const Var& v) {
  return v.type() == typeid(Poco::JSON::Array::Ptr);
}
/// Poco calls bool and enums integers too, which is exactly the laxness this class exists to avoid.
bool isInteger(const Var& v) {
  return !v.isEmpty() && !isBoolean(v) && v.isInteger();
}
bool isNumber(const Var& v) {
  return isInteger(v) || (!v.isEmpty() && !isBoolean(v) && !isString(v) && v.isNumeric());
}

std::string toJson(const Var& v) {
  std::ostringstream out;
  Poco::JSON::Stringifier::condense(v, out);
  return out.str();
}

Text outOfRange(const std::string& min, const std::string& max) {
  return {"应在 " + min + " 到 " + max + " 之间", "must be between " + min + " and " + max};
}

ParseError wholeText(const Text& what) {
  return {what.en, what, 0, 1, 1};
}

/// Two names that are only equal after their escapes are read.
struct DuplicateName : std::runtime_error {
  explicit DuplicateName(const std::string& n) : std::runtime_error{n}, name{n} {}
  std::string name;
};

/// Poco's handler silently lets the last of two equal keys win; a request that says two things is
/// refused instead.
class StrictHandler : public Poco::JSON::ParseHandler {
 public:
  StrictHandler() : Poco::JSON::ParseHandler(/*bPreserveObjectOrder=*/true) {}

  void startObject() override {
    open_.emplace_back();
    Poco::JSON::ParseHandler::startObject();
  }
  void endObject() override {
    open_.pop_back();
    Poco::JSON::ParseHandler::endObject();
  }
  void key(const std::string& name) override {
    if (!open_.empty() && !open_.back().insert(name).second) {
      throw DuplicateName{name};
    }
    Poco::JSON::ParseHandler::key(name);
  }

 private:
  std::vector<std::set<std::string>> open_;
};

Result<Var, ParseError> parseVar(std::string_view text) {
  // Poco's parser checks no UTF-8, stops at a zero byte, and does not say where an error is.
  if (auto wrong = findSyntaxError(text, kMaxDepth)) return *wrong;
  try {
    Poco::JSON::Parser parser{Poco::JSON::Handler::Ptr(new StrictHandler)};
    parser.setDepth(kMaxDepth);
    return parser.parse(std::string{text});
  } catch (const DuplicateName& e) {
    return wholeText({"字段 " + e.name + " 出现了两次", "the field " + e.name + " is there twice"});
  } catch (const std::exception&) {
    // What is left: numbers beyond what a double holds.
    return wholeText({"含有超出范围的数字", "it holds a number that is out of range"});
  }
}

}  // namespace

void FieldErrors::throwIfAny() const {
  if (!errors_.empty()) throw ServiceError::invalidFields(errors_);
}

struct Reader::Impl {
  Poco::JSON::Object::Ptr object;
  FieldErrors* errors;
  std::string path;  // "" or "execution_params."
  std::set<std::string, std::less<>> asked;

  std::string pathOf(std::string_view key) const { return path + std::string{key}; }
  void complain(std::string_view key, Text reason) { errors->add(pathOf(key), std::move(reason)); }

  /// The value when it is present and not null.
  std::optional<Var> get(std::string_view key) {
    const std::string name{key};
    asked.insert(name);
    if (!object->has(name) || object->isNull(name)) return std::nullopt;
    return object->get(name);
  }
};

Reader::Reader(std::shared_ptr<Impl> impl) : impl_{std::move(impl)} {}

Result<Reader, ParseError> Reader::parse(std::string_view text, FieldErrors& errors,
                                         std::size_t max_bytes) {
  if (text.size() > max_bytes) {
    const std::string limit = std::to_string(max_bytes);
    return wholeText({"内容超过 " + limit + " 字节", "it is longer than " + limit + " bytes"});
  }
  auto parsed = parseVar(text);
  if (!parsed) return parsed.error();
  if (!isObject(parsed.value())) {
    return errorAt(text, 0, {"应为一个 JSON 对象", "a JSON object is expected"});
  }
  auto impl = std::make_shared<Impl>();
  impl->object = parsed.value().extract<Poco::JSON::Object::Ptr>();
  impl->errors = &errors;
  return Reader{std::move(impl)};
}

bool Reader::has(std::string_view key) const {
  const std::string name{key};
  return impl_->object->has(name) && !impl_->object->isNull(name);
}

std::optional<std::string> Reader::string(std::string_view key, std::size_t min_length,
                                          std::size_t max_length) {
  const auto v = impl_->get(key);
  if (!v) return std::nullopt;
  if (!isString(*v)) {
    impl_->complain(key, {"应为字符串", "must be a string"});
    return std::nullopt;
  }
  auto text = v->extract<std::string>();
  // An escape can bring in what the text itself may not hold.
  if (!isUtf8(text) || text.find('\0') != std::string::npos) {
    impl_->complain(key, {"含有无效字符", "contains an invalid character"});
    return std::nullopt;
  }
  const std::size_t length = codePoints(text);
  if (length < min_length || length > max_length) {
    const std::string range = std::to_string(min_length) + "–" + std::to_string(max_length);
    impl_->complain(key, {"长度应为 " + range + " 个字符，实际为 " + std::to_string(length),
                          "must have " + range + " characters, has " + std::to_string(length)});
    return std::nullopt;
  }
  return text;
}

std::optional<std::int64_t> Reader::integer(std::string_view key, std::int64_t min,
                                            std::int64_t max) {
  const auto v = impl_->get(key);
  if (!v) return std::nullopt;
  const Text wrong_type{"应为整数", "must be an integer"};
  if (!isInteger(*v)) {
    impl_->complain(key, wrong_type);
    return std::nullopt;
  }
  std::int64_t number = 0;
  try {
    number = v->convert<std::int64_t>();
  } catch (const Poco::Exception&) {  // larger than 64 bits
    impl_->complain(key, wrong_type);
    return std::nullopt;
  }
  if (number < min || number > max) {
    impl_->complain(key, outOfRange(std::to_string(min), std::to_string(max)));
    return std::nullopt;
  }
  return number;
}

std::optional<double> Reader::number(std::string_view key, double min, double max) {
  const auto v = impl_->get(key);
  if (!v) return std::nullopt;
  if (!isNumber(*v)) {
    impl_->complain(key, {"应为数字", "must be a number"});
    return std::nullopt;
  }
  const double number = v->convert<double>();
  if (!std::isfinite(number) || number < min || number > max) {
    Writer low;
    Writer high;
    low.value(min);
    high.value(max);
    impl_->complain(key, outOfRange(low.text(), high.text()));
    return std::nullopt;
  }
  return number;
}

std::optional<bool> Reader::boolean(std::string_view key) {
  const auto v = impl_->get(key);
  if (!v) return std::nullopt;
  if (!isBoolean(*v)) {
    impl_->complain(key, {"应为 true 或 false", "must be true or false"});
    return std::nullopt;
  }
  return v->extract<bool>();
}

std::optional<Reader> Reader::object(std::string_view key) {
  const auto v = impl_->get(key);
  if (!v) return std::nullopt;
  if (!isObject(*v)) {
    impl_->complain(key, {"应为对象", "must be an object"});
    return std::nullopt;
  }
  auto child = std::make_shared<Impl>();
  child->object = v->extract<Poco::JSON::Object::Ptr>();
  child->errors = impl_->errors;
  child->path = impl_->pathOf(key) + ".";
  return Reader{std::move(child)};
}

std::optional<std::map<std::string, std::string>> Reader::scalarMap(std::string_view key) {
  auto child = object(key);
  if (!child) return std::nullopt;
  std::map<std::string, std::string> values;
  for (const auto& name : child->keys()) {
    const Var v = child->impl_->object->get(name);
    if (isString(v)) {
      if (auto text = child->string(name)) values[name] = *text;
    } else if (isNumber(v) || isBoolean(v)) {
      values[name] = toJson(v);
    } else {
      child->impl_->complain(
          name, {"应为字符串、数字或布尔值", "must be a string, a number or a boolean"});
    }
  }
  return values;
}

std::optional<std::vector<std::string>> Reader::strings(std::string_view key) {
  const auto v = impl_->get(key);
  if (!v) return std::nullopt;
  if (!isArray(*v)) {
    impl_->complain(key, {"应为数组", "must be an array"});
    return std::nullopt;
  }
  std::vector<std::string> values;
  const auto array = v->extract<Poco::JSON::Array::Ptr>();
  for (std::size_t i = 0; i < array->size(); ++i) {
    const Var element = array->get(static_cast<unsigned>(i));
    if (!isString(element)) {
      impl_->complain(std::string{key} + "[" + std::to_string(i) + "]",
                      {"应为字符串", "must be a string"});
      return std::nullopt;
    }
    values.push_back(element.extract<std::string>());
  }
  return values;
}

std::optional<std::vector<Reader>> Reader::objects(std::string_view key) {
  const auto v = impl_->get(key);
  if (!v) return std::nullopt;
  if (!isArray(*v)) {
    impl_->complain(key, {"应为数组", "must be an array"});
    return std::nullopt;
  }
  std::vector<Reader> values;
  const auto array = v->extract<Poco::JSON::Array::Ptr>();
  for (std::size_t i = 0; i < array->size(); ++i) {
    const Var element = array->get(static_cast<unsigned>(i));
    const std::string name = std::string{key} + "[" + std::to_string(i) + "]";
    if (!isObject(element)) {
      impl_->complain(name, {"应为对象", "must be an object"});
      return std::nullopt;
    }
    auto child = std::make_shared<Impl>();
    child->object = element.extract<Poco::JSON::Object::Ptr>();
    child->errors = impl_->errors;
    child->path = impl_->pathOf(name) + ".";
    values.push_back(Reader{std::move(child)});
  }
  return values;
}

std::optional<std::string> Reader::rawText(std::string_view key) {
  const auto v = impl_->get(key);
  if (!v) return std::nullopt;
  return toJson(*v);
}

std::vector<std::string> Reader::keys() const {
  return impl_->object->getNames();
}

std::string Reader::requireString(std::string_view key, std::size_t min_length,
                                  std::size_t max_length) {
  if (!has(key)) {
    impl_->get(key);
    impl_->complain(key, {"必填", "is required"});
    return {};
  }
  return string(key, min_length, max_length).value_or("");
}

std::int64_t Reader::requireInteger(std::string_view key, std::int64_t min, std::int64_t max) {
  if (!has(key)) {
    impl_->get(key);
    impl_->complain(key, {"必填", "is required"});
    return min;
  }
  return integer(key, min, max).value_or(min);
}

void Reader::rejectUnknown() {
  for (const auto& name : keys()) {
    if (!impl_->asked.contains(name)) impl_->complain(name, {"未知字段", "is not a known field"});
  }
}

bool isValid(std::string_view text) {
  return parseVar(text).ok();
}

}  // namespace oscar::json
