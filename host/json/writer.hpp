#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace oscar::json {

/// Writes compact JSON into a string, in the order of the calls. Text that is not UTF-8 gets U+FFFD
/// in place of the bad bytes, so that the result is always valid. Wrong nesting is a programming
/// error (assert).
///
///     Writer w;
///     w.beginObject().key("rows").value(5).key("name").value("orders").endObject();
class Writer {
 public:
  Writer& beginObject();
  Writer& endObject();
  Writer& beginArray();
  Writer& endArray();
  Writer& key(std::string_view name);
  Writer& value(std::string_view text);
  Writer& value(const char* text) { return value(std::string_view{text}); }
  Writer& value(const std::string& text) { return value(std::string_view{text}); }
  Writer& value(double number);  ///< NaN and infinities become null
  Writer& null();
  template <std::same_as<bool> B>
  Writer& value(B flag) {
    return boolean(flag);
  }
  template <std::integral I>
  requires(!std::same_as<I, bool>) Writer& value(I number) {
    return integer(static_cast<std::int64_t>(number));
  }
  template <typename T>
  Writer& value(const std::optional<T>& maybe) {
    return maybe ? value(*maybe) : null();
  }
  /// An array.
  template <typename T>
  Writer& value(const std::vector<T>& items) {
    beginArray();
    for (const T& item : items) value(item);
    return endArray();
  }
  /// `json` is a complete JSON value and is taken over as it is.
  Writer& raw(std::string_view json);

  /// key(name) and value(v) in one.
  template <typename T>
  Writer& field(std::string_view name, const T& v) {
    return key(name).value(v);
  }

  const std::string& text() const { return out_; }
  std::string take() { return std::move(out_); }

 private:
  Writer& boolean(bool flag);
  Writer& integer(std::int64_t number);
  void separate();

  std::string out_;
  std::vector<bool> first_;  ///< per open container: nothing written yet
  bool after_key_ = false;
};

}  // namespace oscar::json
