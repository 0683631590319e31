#pragma once

#include "ctl/ctl_error.hpp"
#include "domain/text.hpp"
#include "json/reader.hpp"

#include <map>
#include <memory>
#include <string>

namespace oscar::ctl {

/// The `data` of a successful answer.
struct Answer {
  std::string text;  ///< JSON of `data`
  /// `data` as an object. Fields of another form read as absent.
  json::Reader object() const;

 private:
  friend class ApiClient;
  std::shared_ptr<json::FieldErrors> errors_ = std::make_shared<json::FieldErrors>();
};

/// Talks to one oscard. HTTPS is verified against the system's authorities (and OSCAR_CA_FILE).
class ApiClient {
 public:
  /// `url` may end in `/`; `token` is empty before the login; oscard's messages come in `language`.
  ApiClient(std::string url, std::string token, Language language);

  /// `body` is JSON text, empty for none. Throws CtlError: kNoServer when oscard cannot be reached
  /// or does not know us, kRefused with its words (and every reason) for 4xx, kFailed otherwise.
  Answer call(const std::string& method, const std::string& path, const std::string& body = {});

  /// The raw text of a download. Throws as call().
  std::string download(const std::string& path);

  const std::string& url() const { return url_; }  ///< without a `/` at the end
  const std::string& token() const { return token_; }
  Language language() const { return language_; }

 private:
  struct Reply {
    int status = 0;
    std::string body;
  };
  Reply send(const std::string& method, const std::string& path, const std::string& body);

  std::string url_;
  std::string token_;
  Language language_;
};

/// Percent-encodes a path segment or query value (RFC 3986, unreserved characters stay).
std::string urlEncode(const std::string& text);

}  // namespace oscar::ctl
