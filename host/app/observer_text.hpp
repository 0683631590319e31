#pragma once

#include <string_view>

namespace oscar::app {

/// host/observer/oscar_observer.pm as it was when this was built: a run always gets the observer
/// that this host understands.
std::string_view observerText();

}  // namespace oscar::app
