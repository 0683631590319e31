#pragma once

#include <span>
#include <string>
#include <string_view>

namespace oscar::http {

/// A request body as the audit log may hold it: JSON, with `***` for the value of every field, at
/// any depth, whose name says that it is a secret (password, token, ...) or that is listed in
/// `secret_fields`; the text of a certificate is replaced by its length. A body that is not a JSON
/// object is told by its size only, because nothing can be known about what it contains. At most
/// 16 KiB: what is longer is cut and says so. Empty body: `{}`.
std::string redactedBody(std::string_view body, std::span<const std::string_view> secret_fields);

}  // namespace oscar::http
