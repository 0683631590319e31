#pragma once

#include "domain/time.hpp"

#include <string>

namespace oscar::ctl {

/// oscard's time (RFC 3339 in UTC) as the reader's clock shows it, by TZ: `2026-01-15 18:30:00`.
/// Text that is no time stays as it is.
std::string localTime(const std::string& utc);
/// The same with the offset, where a single time is shown: `2026-01-15 18:30:00 +08:00`.
std::string localTimeWithOffset(const std::string& utc);

/// Which end of a period an option names.
enum class PeriodEnd { kFrom = 1, kTo };

/// What a person typed behind `--from` or `--to`, as RFC 3339 in UTC for the API: `2026-01-15` (the
/// whole day belongs to the period) or `2026-01-15 10:30:00` by the reader's clock, or a time with
/// `Z` or an offset. Throws CtlError kUsage that names the option and the forms.
std::string instantOf(const std::string& option, const std::string& typed, PeriodEnd end);

}  // namespace oscar::ctl
