#pragma once

#include "domain/error.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace oscar::services {

/// Checks of request fields. Each `check...` appends to the list what is wrong and returns whether
/// the field was right; lengths are in code points, and text that is not UTF-8 is wrong.

/// Number of code points; -1 when the text is not valid UTF-8.
int codePoints(std::string_view text);
/// C0 controls and DEL.
bool hasControlCharacters(std::string_view text, std::string_view allowed = {});
/// ASCII letters in lower case, the rest untouched.
std::string lowerAscii(std::string_view text);
/// At most `max_bytes`, cut between code points.
std::string truncated(std::string_view text, std::size_t max_bytes);

/// Between `min` and `max` code points, no control characters but those in `allowed`.
bool checkText(std::vector<FieldError>& errors, const std::string& field, std::string_view text,
               int min, int max, std::string_view allowed = {});
bool checkRange(std::vector<FieldError>& errors, const std::string& field, int value, int min,
                int max);
/// An IPv4 or IPv6 address (without brackets) or a DNS name (letters, digits, `-`, `_`, labels of
/// 1–63 characters, 253 in all).
bool checkHost(std::vector<FieldError>& errors, const std::string& field, const std::string& host);

/// Throws ServiceError::invalidFields when there are any.
void throwIfAny(std::vector<FieldError> errors);

}  // namespace oscar::services
