#pragma once

#include "domain/error.hpp"
#include "domain/page.hpp"
#include "domain/time.hpp"
#include "http/request.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace oscar::http {

/// The query parameters of a request, read strictly: a wrong value, an unknown name and a name
/// given twice are all refused, each by its name. An empty value counts as absent, because a form
/// sends its empty fields too.
class QueryReader {
 public:
  /// Throws ServiceError kBadRequest when the query cannot be decoded.
  explicit QueryReader(const Request& request);

  std::optional<std::string> text(std::string_view name, std::size_t max_bytes);
  std::optional<std::int64_t> integer(std::string_view name, std::int64_t min, std::int64_t max);
  std::optional<bool> boolean(std::string_view name);
  std::optional<Timestamp> timestamp(std::string_view name);
  /// The end of a range, which is not part of it: a date alone includes that whole day (UTC).
  std::optional<Timestamp> endTimestamp(std::string_view name);
  /// `parse` turns the word into an enum; `words` lists the words for the complaint.
  template <typename Parse>
  auto word(std::string_view name, Parse parse, std::string_view words)
      -> decltype(parse(std::string_view{})) {
    const auto value = text(name, 64);
    if (!value) return std::nullopt;
    auto parsed = parse(std::string_view{*value});
    if (!parsed) complainWord(name, words);
    return parsed;
  }
  /// `a,b,c`, each a word.
  template <typename Enum, typename Parse>
  std::vector<Enum> wordList(std::string_view name, Parse parse, std::string_view words) {
    std::vector<Enum> values;
    for (const std::string& part : parts(name)) {
      const auto parsed = parse(std::string_view{part});
      if (!parsed) {
        complainWord(name, words);
        return {};
      }
      values.push_back(*parsed);
    }
    return values;
  }
  /// `page`, `page_size` (at most 200) and `before_number`.
  PageRequest page();

  /// Call last: refuses what nobody asked for and throws when anything was wrong.
  void finish();

 private:
  std::vector<std::string> parts(std::string_view name);
  void complain(std::string_view name, Text reason);
  void complainWord(std::string_view name, std::string_view words);

  std::vector<std::pair<std::string, std::string>> pairs_;
  std::set<std::string, std::less<>> asked_;
  std::vector<FieldError> errors_;
};

}  // namespace oscar::http
