#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace oscar {

/// Which part of a list is wanted. Page numbers start at 1; `page_size` is 1–200, default 20.
/// When `before_number` is set it wins over `page` (keyset paging: rows older than that number), so
/// that deep paging stays as fast as the first page.
struct PageRequest {
  int page = 1;
  int page_size = 20;
  std::int64_t before_number = 0;
};

/// One part of a list.
template <typename T>
struct Page {
  std::vector<T> items;
  std::int64_t total = 0;  ///< rows that match the filter, over all pages
};

}  // namespace oscar
