#pragma once

#include "domain/error.hpp"
#include "domain/result.hpp"
#include "json/syntax.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace oscar::json {

/// Collects the wrong fields of one document while its readers are asked.
class FieldErrors {
 public:
  /// `field` is the full path, such as `execution_params.chunk_size`.
  void add(std::string field, Text reason) {
    errors_.push_back({std::move(field), std::move(reason)});
  }
  bool empty() const { return errors_.empty(); }
  const std::vector<FieldError>& list() const { return errors_; }
  /// Throws ServiceError::invalidFields when there are any.
  void throwIfAny() const;

 private:
  std::vector<FieldError> errors_;
};

/// A JSON object read strictly: a string is not a number, `1` is not true, 1.5 is not an integer.
/// Each getter returns nullopt when the field is absent or null; a field of the wrong type or out
/// of range is added to the FieldErrors under its full path and nullopt is returned too. `require`
/// variants also complain when it is absent. Afterwards `rejectUnknown()` complains about every
/// field that no getter asked for.
///
/// Copies share the document. Not for use from two threads at once.
class Reader {
 public:
  /// Parses an object of at most `max_bytes` and 32 levels. Duplicate keys are refused.
  /// The error names line and column in both languages.
  static Result<Reader, ParseError> parse(std::string_view text, FieldErrors& errors,
                                          std::size_t max_bytes = 1 << 20);

  bool has(std::string_view key) const;  ///< present and not null
  std::optional<std::string> string(std::string_view key, std::size_t min_length = 0,
                                    std::size_t max_length = 65535);  ///< lengths in code points
  /// `min` and `max` are allowed themselves, here and below.
  std::optional<std::int64_t> integer(std::string_view key, std::int64_t min = INT64_MIN,
                                      std::int64_t max = INT64_MAX);
  std::optional<double> number(std::string_view key, double min, double max);
  std::optional<bool> boolean(std::string_view key);
  /// A nested object; its fields are named `key.field` in errors.
  std::optional<Reader> object(std::string_view key);
  /// Every value must be a string, number or boolean; numbers and booleans are given as their JSON
  /// text (`5`, `true`).
  std::optional<std::map<std::string, std::string>> scalarMap(std::string_view key);
  /// An array of nothing but strings.
  std::optional<std::vector<std::string>> strings(std::string_view key);
  /// An array of nothing but objects; their fields are named `key[0].field` in errors.
  std::optional<std::vector<Reader>> objects(std::string_view key);
  /// The field's value as JSON text, whatever its type.
  std::optional<std::string> rawText(std::string_view key);
  std::vector<std::string> keys() const;  ///< all that are there, in the document's order

  /// Empty when it is wrong or missing; the FieldErrors say so.
  std::string requireString(std::string_view key, std::size_t min_length = 1,
                            std::size_t max_length = 65535);
  /// `min` when it is wrong or missing; the FieldErrors say so.
  std::int64_t requireInteger(std::string_view key, std::int64_t min, std::int64_t max);

  /// To be called last: adds an error for every field that no getter has asked for.
  void rejectUnknown();

 private:
  struct Impl;
  explicit Reader(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

/// True when `text` is exactly one JSON object or array.
bool isValid(std::string_view text);

}  // namespace oscar::json
