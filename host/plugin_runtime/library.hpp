#pragma once

#include "domain/result.hpp"
#include <oscar/sdk/plugin_abi.h>

#include <filesystem>
#include <memory>
#include <string>

namespace oscar::plugin_runtime {

/// A plugin library in this process. Once opened it stays mapped until the process ends, also after
/// this object died: unloading is often a no-op with libstdc++, and where it is not, whatever of
/// the library is still referenced (a thread, a static destructor, a sanitizer report) would crash.
/// library.cpp is the only file that includes Boost.DLL.
class Library {
 public:
  /// Opens the library at the absolute `path` with all symbols resolved now and none of them
  /// offered to others. The error is the dynamic loader's own text.
  static Result<std::unique_ptr<Library>, std::string> open(const std::filesystem::path& path);
  ~Library();
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

  /// The plugin's entry function. Precondition: the library exports it.
  oscar_plugin_entry_fn entry() const;

 private:
  struct Impl;
  explicit Library(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace oscar::plugin_runtime
