#pragma once

#include <filesystem>
#include <string_view>

namespace oscar::plugin_runtime {

/// The answer of findExportedSymbol.
enum class SymbolPresence {
  kPresent = 1,
  kAbsent,       ///< a shared library of this platform without that symbol
  kNotALibrary,  ///< not an ELF shared library of this platform, truncated, or unreadable
};

/// Looks into the dynamic symbol table of the library at `path` without loading it: loading would
/// already run its static constructors. Any content is safe to look at.
SymbolPresence findExportedSymbol(const std::filesystem::path& path, std::string_view symbol);

}  // namespace oscar::plugin_runtime
