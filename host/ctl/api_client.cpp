#include "ctl/api_client.hpp"

#include "ctl/http_link.hpp"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/StreamCopier.h>
#include <Poco/URI.h>

namespace oscar::ctl {
namespace {

using Poco::Net::HTTPRequest;
using Poco::Net::HTTPResponse;

Exit exitFor(int status) {
  if (status == HTTPResponse::HTTP_UNAUTHORIZED) return Exit::kNoServer;
  // The target server or the backend cannot be used: nothing was started.
  const bool unusable =
      status == HTTPResponse::HTTP_BAD_GATEWAY || status == HTTPResponse::HTTP_SERVICE_UNAVAILABLE;
  return unusable || (status >= 400 && status < 500) ? Exit::kRefused : Exit::kFailed;
}

/// Takes `sentence` out of `text`, with the space before it; nothing when it is not in there.
void takeOut(std::string& text, const std::string& sentence) {
  const auto at = sentence.empty() ? std::string::npos : text.find(sentence);
  if (at == std::string::npos) return;
  text.erase(at, sentence.size());
  if (at > 0 && text[at - 1] == ' ') text.erase(at - 1, 1);
}

/// The server's message, each reason on a line of its own, and the request id for the log. The
/// message holds the reasons too, for clients that show nothing else.
std::string explain(json::Reader& envelope, int status) {
  std::string message = envelope.string("message").value_or("HTTP " + std::to_string(status));
  auto data = envelope.object("data");
  if (!data) return message;
  std::string text;
  for (auto& reason : data->objects("findings").value_or(std::vector<json::Reader>{})) {
    if (reason.string("severity") == "info") continue;
    const std::string sentence = reason.string("text").value_or("");
    takeOut(message, sentence);
    text += "\n  - " + sentence;
  }
  if (const auto confirm = data->string("confirm_text"); confirm && !confirm->empty()) {
    text += "\n  --confirm " + *confirm;
  }
  if (const auto id = data->string("request_id")) text += "\n  [" + *id + "]";
  return message + text;
}

}  // namespace

json::Reader Answer::object() const {
  auto parsed = json::Reader::parse(text, *errors_, 64 << 20);
  if (!parsed)
    throw CtlError{Exit::kFailed,
                   {"oscard 的回答不是 JSON 对象：" + parsed.error().message,
                    "oscard's answer is no object: " + parsed.error().message}};
  return parsed.value();
}

ApiClient::ApiClient(std::string url, std::string token, Language language)
    : url_{std::move(url)}, token_{std::move(token)}, language_{language} {
  while (url_.ends_with('/')) url_.pop_back();
}

ApiClient::Reply ApiClient::send(const std::string& method, const std::string& path,
                                 const std::string& body) {
  try {
    const Poco::URI uri{url_};
    const auto link = openLink(uri);
    HTTPRequest request{method, uri.getPath() + path, HTTPRequest::HTTP_1_1};
    request.set("Accept-Language", language_ == Language::kZh ? "zh-CN" : "en");
    request.set("User-Agent", "oscarctl");
    if (!token_.empty()) request.set("Authorization", "Bearer " + token_);
    if (!body.empty()) {
      request.setContentType("application/json");
      request.setContentLength64(static_cast<Poco::Int64>(body.size()));
    }
    auto& out = link->sendRequest(request);
    out.write(body.data(), static_cast<std::streamsize>(body.size()));
    HTTPResponse response;
    auto& in = link->receiveResponse(response);
    Reply reply;
    reply.status = response.getStatus();
    Poco::StreamCopier::copyToString(in, reply.body);
    return reply;
  } catch (const Poco::Exception& e) {
    throw CtlError{Exit::kNoServer,
                   {"无法连接 oscard（" + url_ + "）：" + e.displayText(),
                    "cannot reach oscard at " + url_ + ": " + e.displayText()}};
  }
}

Answer ApiClient::call(const std::string& method, const std::string& path,
                       const std::string& body) {
  const Reply reply = send(method, path, body);
  json::FieldErrors errors;
  auto envelope = json::Reader::parse(reply.body, errors, 64 << 20);
  if (!envelope) {
    const std::string status = "HTTP " + std::to_string(reply.status);
    throw CtlError{Exit::kFailed,
                   {status + "，但回答不是 oscard 的格式：" + url_ + " 是 oscard 吗？",
                    status + " without an envelope: is " + url_ + " an oscard?"}};
  }
  if (reply.status >= 400) {
    throw CtlError::quoting(exitFor(reply.status), explain(envelope.value(), reply.status),
                            reply.body, reply.status);
  }
  Answer answer;
  answer.text = envelope.value().rawText("data").value_or("{}");
  return answer;
}

std::string ApiClient::download(const std::string& path) {
  Reply reply = send("GET", path, "");
  if (reply.status >= 400) {
    json::FieldErrors errors;
    auto envelope = json::Reader::parse(reply.body, errors);
    throw CtlError::quoting(
        exitFor(reply.status),
        envelope ? explain(envelope.value(), reply.status) : "HTTP " + std::to_string(reply.status),
        envelope ? reply.body : "", reply.status);
  }
  return std::move(reply.body);
}

std::string urlEncode(const std::string& text) {
  std::string encoded;
  Poco::URI::encode(text, "!#$&'()*+,/:;=?@[]%\"<>\\^`{|}", encoded);
  return encoded;
}

}  // namespace oscar::ctl
