#include "plugin_runtime/elf_exports.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <elf.h>
#include <fstream>
#include <link.h>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace oscar::plugin_runtime {
namespace {

using Header = ElfW(Ehdr);
using Section = ElfW(Shdr);
using Symbol = ElfW(Sym);

constexpr std::size_t kMaxTableBytes = 64u << 20;
constexpr unsigned char kNativeClass = sizeof(void*) == 8 ? ELFCLASS64 : ELFCLASS32;

/// A file from which every read is bounded by its size.
class BoundedFile {
 public:
  explicit BoundedFile(const std::filesystem::path& path) : in_{path, std::ios::binary} {
    in_.seekg(0, std::ios::end);
    if (in_) size_ = static_cast<std::uint64_t>(in_.tellg());
  }

  template <typename T>
  std::optional<std::vector<T>> table(std::uint64_t offset, std::uint64_t bytes) {
    static_assert(std::is_trivially_copyable_v<T>);
    if (bytes > kMaxTableBytes || offset > size_ || bytes > size_ - offset) return std::nullopt;
    std::vector<T> items(bytes / sizeof(T));
    in_.clear();
    in_.seekg(static_cast<std::streamoff>(offset));
    in_.read(reinterpret_cast<char*>(items.data()),
             static_cast<std::streamsize>(items.size() * sizeof(T)));
    if (!in_) return std::nullopt;
    return items;
  }

 private:
  std::ifstream in_;
  std::uint64_t size_ = 0;
};

/// The ELF machine number that this program is built for; EM_NONE where we do not know it.
std::uint16_t nativeMachine() {
  std::uint16_t machine = EM_NONE;
#if defined(__x86_64__)
  machine = EM_X86_64;
#elif defined(__aarch64__)
  machine = EM_AARCH64;
#endif
  return machine;
}

bool isNativeLibrary(const Header& header) {
  return std::memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 &&
         header.e_ident[EI_CLASS] == kNativeClass && header.e_type == ET_DYN &&
         (nativeMachine() == EM_NONE || header.e_machine == nativeMachine()) &&
         header.e_shentsize == sizeof(Section);
}

bool isNamed(const Symbol& symbol, const std::vector<char>& names, std::string_view wanted) {
  if (symbol.st_shndx == SHN_UNDEF || symbol.st_name >= names.size()) return false;
  const char* name = names.data() + symbol.st_name;
  const std::size_t room = names.size() - symbol.st_name;
  return strnlen(name, room) == wanted.size() && wanted == std::string_view{name, wanted.size()};
}

}  // namespace

SymbolPresence findExportedSymbol(const std::filesystem::path& path, std::string_view symbol) {
  BoundedFile file{path};
  const auto header = file.table<Header>(0, sizeof(Header));
  if (!header || !isNativeLibrary(header->front())) return SymbolPresence::kNotALibrary;
  const Header& elf = header->front();
  const auto sections =
      file.table<Section>(elf.e_shoff, std::uint64_t{elf.e_shnum} * sizeof(Section));
  if (!sections) return SymbolPresence::kNotALibrary;

  for (const Section& section : *sections) {
    if (section.sh_type != SHT_DYNSYM) continue;
    if (section.sh_link >= sections->size()) return SymbolPresence::kNotALibrary;
    const Section& strings = (*sections)[section.sh_link];
    const auto symbols = file.table<Symbol>(section.sh_offset, section.sh_size);
    const auto names = file.table<char>(strings.sh_offset, strings.sh_size);
    if (!symbols || !names) return SymbolPresence::kNotALibrary;
    for (const Symbol& entry : *symbols) {
      if (isNamed(entry, *names, symbol)) return SymbolPresence::kPresent;
    }
    return SymbolPresence::kAbsent;
  }
  return SymbolPresence::kNotALibrary;
}

}  // namespace oscar::plugin_runtime
