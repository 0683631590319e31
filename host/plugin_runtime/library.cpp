#include "plugin_runtime/library.hpp"

// Boost 1.74's headers use these two without including them when std::filesystem is chosen.
#include <fstream>
#include <vector>

#define BOOST_DLL_USE_STD_FS
#include <boost/dll/shared_library.hpp>

#include <new>

namespace oscar::plugin_runtime {

namespace dll = boost::dll;

/// Holds the handle in place and never destroys it: see the class comment. (Leaking it from the
/// heap would do the same, and be reported by LeakSanitizer.)
struct Library::Impl {
  union Mapped {
    Mapped() {}
    ~Mapped() {}
    dll::shared_library library;
  } mapped;
};

Library::Library(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
Library::~Library() = default;

Result<std::unique_ptr<Library>, std::string> Library::open(const std::filesystem::path& path) {
  auto impl = std::make_unique<Impl>();
  try {
    // The throwing form: the error_code one loses the loader's text.
    new (&impl->mapped.library)
        dll::shared_library{path, dll::load_mode::rtld_now | dll::load_mode::rtld_local};
  } catch (const std::exception& failure) {
    return std::string{failure.what()};
  }
  return std::unique_ptr<Library>{new Library{std::move(impl)}};
}

oscar_plugin_entry_fn Library::entry() const {
  return &impl_->mapped.library.get<const oscar_plugin_descriptor*(std::uint32_t)>(
      OSCAR_PLUGIN_ENTRY_SYMBOL);
}

}  // namespace oscar::plugin_runtime
