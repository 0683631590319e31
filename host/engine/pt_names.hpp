#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace oscar::engine {

/// How pt-online-schema-change (3.2 to 3.7) names what it makes for a table. A name that does not
/// fit is nothing that a run of ours has made, whatever its output says.

/// `_orders_new`, `__orders_new` ... up to 10 underscores, cut off at 64 (bytes or characters: the
/// tool counts what it was given as).
bool isNewTableName(std::string_view name, std::string_view table);

/// The same with `_old`. (From the 11th on the tool tries random names; the observer tells those.)
bool isOldTableName(std::string_view name, std::string_view table);

/// `pt_osc_shop_orders_del`, `_upd`, `_ins`; what is no letter, digit or underscore is one, and
/// the part before the ending is cut off at 60.
std::vector<std::string> triggerNames(std::string_view database, std::string_view table);

/// One of `triggerNames`, or as the tool writes it where it sees characters instead of bytes.
bool isTriggerName(std::string_view name, std::string_view database, std::string_view table);

}  // namespace oscar::engine
