#include "store/execution_listing.hpp"

#include "store/execution_rows.hpp"

#include <string>

namespace oscar::store {

std::string_view listedExecutionColumns() {
  static const std::string columns = [] {
    std::string all{executionColumns()};
    for (const std::string_view left_out :
         {"e.alter_text,", "e.argv,", "e.generated_command,", "e.confirmed_findings,"}) {
      if (const auto at = all.find(left_out); at != std::string::npos) {
        all.replace(at, left_out.size(), "NULL,");
      }
    }
    return all;
  }();
  return columns;
}

}  // namespace oscar::store
