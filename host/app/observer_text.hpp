#pragma once

#include <string_view>

namespace oscar::app {

/// host/observer/oscar_observer.pm as it was when this was built: a run always gets the observer
/// that this host understands.
std::string_view observerText();

/// host/observer/oscar_events.pm and oscar_table_watch.pm, likewise: joined to the observer, so
/// that a run directory has one file of it.
std::string_view eventsText();
std::string_view tableWatchText();

/// host/observer/oscar_row_check.pm, likewise: for the runs that need it.
std::string_view rowCheckText();

}  // namespace oscar::app
