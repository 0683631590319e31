#pragma once

#include "domain/text.hpp"

#include <string>

/// Forms of single values. Each gives the reason why the value is wrong, empty when it is right.
namespace oscar::settings {

/// At least one character.
Text notEmpty(const std::string& value);
/// IPv4 or IPv6, without brackets.
Text ipAddress(const std::string& value);
/// `http://host[:port]` or `https://...`, nothing behind it: what a browser sends as Origin.
Text origin(const std::string& value);
/// Begins with `/`.
Text absolutePath(const std::string& value);
/// Anything, also nothing.
Text anyText(const std::string& value);
/// `sqlite`, or `mysql://user@host[:port]/database` without a password.
Text storeUrl(const std::string& value);
/// `Threads_running=50`, several with commas; `:` stands for `=` as well.
Text loadLimits(const std::string& value);
/// The form of a plugin's backend type (`local`), not whether there is one.
Text backendType(const std::string& value);
/// `debug`, `info`, `warn` or `error`.
Text logLevel(const std::string& value);
/// `text` or `json`.
Text logFormat(const std::string& value);

}  // namespace oscar::settings
