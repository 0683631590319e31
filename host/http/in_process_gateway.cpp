#include "http/in_process_gateway.hpp"

#include "http/error_mapper.hpp"

namespace oscar::http {
namespace {

constexpr std::size_t kMaxCollectedBytes = 8 << 20;

std::string collect(const Response& response) {
  if (!response.stream) return response.body;
  std::string body;
  response.stream([&body](std::string_view piece) {
    if (body.size() + piece.size() > kMaxCollectedBytes) return false;
    body.append(piece);
    return true;
  });
  return body;
}

}  // namespace

InProcessGateway::InProcessGateway(const Dispatcher& dispatcher, FindPrincipal find_principal,
                                   const ports::Clock& clock)
    : dispatcher_{dispatcher}, find_principal_{std::move(find_principal)}, clock_{clock} {}

ports::ApiGateway::Response InProcessGateway::call(const std::string& user_id,
                                                   const std::string& method,
                                                   const std::string& path,
                                                   const std::string& json_body) {
  Request request;
  request.method = method;
  const auto question = path.find('?');
  request.path = path.substr(0, question);
  if (question != std::string::npos) request.query = path.substr(question + 1);
  request.body = json_body;
  request.peer_address = "in-process";
  http::Response response;
  try {
    request.principal = find_principal_(user_id);
    response = dispatcher_.handle(std::move(request));
    return {response.status, collect(response)};
  } catch (...) {
    response =
        errorResponse(toServiceError(std::current_exception()), Language::kZh, "", clock_.now());
    return {response.status, response.body};
  }
}

}  // namespace oscar::http
