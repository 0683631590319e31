#include "ddl/ptosc_preview.hpp"

#include <algorithm>
#include <cctype>

namespace oscar::ddl {
namespace {

bool isPlain(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view{"_@%+=:,./-"}.find(c) != std::string_view::npos;
  });
}

std::string quoted(std::string_view text) {
  if (isPlain(text)) return std::string{text};
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

}  // namespace

std::string shellQuote(std::string_view argument) {
  const auto equals = argument.find('=');
  if (argument.starts_with("--") && equals != argument.npos &&
      isPlain(argument.substr(0, equals)) && equals + 1 < argument.size()) {
    return std::string{argument.substr(0, equals + 1)} + quoted(argument.substr(equals + 1));
  }
  return quoted(argument);
}

std::string renderCommand(const std::vector<std::string>& argv) {
  if (argv.empty()) return {};
  std::string out = shellQuote(argv.front());
  out += " \\\n  --user=*** --password=***";
  for (auto argument = argv.begin() + 1; argument != argv.end(); ++argument) {
    out += " \\\n  " + shellQuote(*argument);
  }
  return out;
}

}  // namespace oscar::ddl
