#pragma once

#include "domain/text.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace oscar::http {

/// An execution backend and whether it can be used now.
struct BackendLine {
  std::string type;
  bool ready = false;
  Text reason;  ///< why not
};

/// What the start page shows.
struct HomePage {
  std::string version;
  std::string store;
  std::vector<BackendLine> backends;
  std::int64_t running = 0;
  std::int64_t queued = 0;
};

/// A page without script or outside resources; its style sheet is /home.css, so that the content
/// security policy needs no exception. Every value is escaped.
std::string renderHome(const HomePage& page);
std::string_view homeStyleSheet();

/// `<`, `>`, `&` and both quotes as entities.
std::string escapeHtml(std::string_view text);

}  // namespace oscar::http
