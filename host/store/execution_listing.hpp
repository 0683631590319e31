#pragma once

#include <string_view>

namespace oscar::store {

/// executionColumns() for lists: alter_text, argv, generated_command and confirmed_findings, the
/// long ones that only details show, are NULL and so stay empty.
std::string_view listedExecutionColumns();

}  // namespace oscar::store
