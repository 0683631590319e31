#include "http/router.hpp"

#include "domain/error.hpp"
#include "http/url.hpp"

#include <algorithm>

namespace oscar::http {
namespace {

bool isParameter(const std::string& segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

bool matches(const std::vector<std::string>& pattern, const std::vector<std::string>& path,
             std::map<std::string, std::string>& params) {
  if (pattern.size() != path.size()) return false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (!isParameter(pattern[i])) {
      if (pattern[i] != path[i]) return false;
    } else if (path[i].empty()) {
      return false;
    } else {
      params[pattern[i].substr(1, pattern[i].size() - 2)] = path[i];
    }
  }
  return true;
}

}  // namespace

std::string_view toString(Access access) {
  switch (access) {
    case Access::kPublic:
      return "public";
    case Access::kViewer:
      return "viewer";
    case Access::kOperator:
      return "operator";
    case Access::kAdmin:
      return "admin";
  }
  return "";
}

Router::Router(std::vector<Route> routes) : routes_{std::move(routes)} {
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    Compiled compiled;
    compiled.segments = splitPath(routes_[i].pattern).value();
    compiled.literals = static_cast<std::size_t>(
        std::count_if(compiled.segments.begin(), compiled.segments.end(),
                      [](const std::string& segment) { return !isParameter(segment); }));
    compiled.route = i;
    compiled_.push_back(std::move(compiled));
  }
  std::stable_sort(compiled_.begin(), compiled_.end(),
                   [](const Compiled& a, const Compiled& b) { return a.literals > b.literals; });
}

Router::Match Router::find(std::string_view method, std::string_view path) const {
  const auto segments = splitPath(path);
  if (!segments) {
    throw ServiceError{ErrorCode::kBadRequest,
                       {"请求路径无法解码：% 后必须是两位十六进制数字，且不能是 %00。",
                        "The path cannot be decoded: % must be followed by two hexadecimal digits "
                        "and must not be %00."}};
  }
  const std::string_view wanted = method == "HEAD" ? std::string_view{"GET"} : method;
  Match match;
  for (const Compiled& candidate : compiled_) {
    std::map<std::string, std::string> params;
    if (!matches(candidate.segments, *segments, params)) continue;
    const Route& route = routes_[candidate.route];
    if (route.method == wanted) {
      match.route = &route;
      match.params = std::move(params);
      return match;
    }
    match.allowed.emplace_back(route.method);
    if (route.method == "GET") match.allowed.emplace_back("HEAD");
  }
  if (!match.allowed.empty()) match.allowed.emplace_back("OPTIONS");
  return match;
}

}  // namespace oscar::http
