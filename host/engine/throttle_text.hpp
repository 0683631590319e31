#pragma once

#include "domain/text.hpp"
#include "json/reader.hpp"

#include <string>
#include <string_view>

namespace oscar::engine {

/// Why the copy waits, in words, from an observer `throttle` event.
Text throttleFromEvent(json::Reader& event);

/// That a statement is being tried again, from an observer `retry` event.
Text retryFromEvent(json::Reader& event);

/// Why the copy waits, from one of pt-osc's own lines; empty when the line says nothing of the
/// kind.
Text throttleFromLine(std::string_view line);

}  // namespace oscar::engine
