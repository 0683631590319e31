#pragma once

#include "domain/settings.hpp"
#include "store/link.hpp"

#include <optional>
#include <string>

namespace oscar::store {

/// The MySQL server that `settings.url` names, with `settings.password`; nullopt for `sqlite`.
/// Throws StoreSetupError for anything else.
std::optional<MysqlOptions> parseStoreUrl(const StoreSettings& settings);

}  // namespace oscar::store
