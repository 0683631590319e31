#pragma once

#include "domain/settings.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace oscar::settings {

/// What a value must look like. Each function gives the reason why it does not, empty when it does.
using TextRule = Text (*)(const std::string& value);

/// A whole number from `min` to `max`. The targets of all kinds point into the Settings that
/// keysOf() got, and live as long as those.
struct IntegerKey {
  std::variant<int*, std::int64_t*> target;
  std::int64_t min = 0;
  std::int64_t max = 0;
};
/// A number from `min` to `max`.
struct NumberKey {
  double* target = nullptr;
  double min = 0;
  double max = 0;
};
/// true or false.
struct FlagKey {
  bool* target = nullptr;
};
/// A text.
struct TextKey {
  std::string* target = nullptr;
  TextRule rule = nullptr;  ///< nullptr = any text will do
};
/// zh or en.
struct LanguageKey {
  Language* target = nullptr;
};
/// A list of texts.
struct ListKey {
  std::vector<std::string>* target = nullptr;
  TextRule rule = nullptr;  ///< for each element
};

/// One key of the configuration and where its value goes.
struct Key {
  std::string_view path;  ///< `http.port`
  std::variant<IntegerKey, NumberKey, FlagKey, TextKey, LanguageKey, ListKey> value;
  std::string_view variable = {};  ///< the environment variable that wins over the file, if any
};

/// Every key but `plugins.configuration`, which is free-form. The result points into `settings`.
std::vector<Key> keysOf(Settings& settings);

/// The section whose keys are plugin ids.
inline constexpr std::string_view kPluginConfiguration = "plugins.configuration";

}  // namespace oscar::settings
