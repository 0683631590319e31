#pragma once

#include "http/route.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace oscar::http {

/// Finds the route of a request. Immutable after construction: any thread.
class Router {
 public:
  struct Match {
    const Route* route = nullptr;  ///< nullptr: see `allowed`
    std::map<std::string, std::string> params;
    /// Methods that the path has, for 405 and OPTIONS; empty when there is no such path.
    std::vector<std::string> allowed;
  };

  explicit Router(std::vector<Route> routes);

  /// HEAD finds the route of GET. A literal segment wins over a `{parameter}`. Throws ServiceError
  /// kBadRequest when the path cannot be decoded.
  Match find(std::string_view method, std::string_view path) const;

  const std::vector<Route>& routes() const { return routes_; }

 private:
  struct Compiled {
    std::vector<std::string> segments;
    std::size_t literals = 0;  ///< segments that are no parameter: more is more specific
    std::size_t route = 0;
  };

  std::vector<Route> routes_;
  std::vector<Compiled> compiled_;  ///< most specific first
};

}  // namespace oscar::http
