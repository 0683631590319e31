#include "plugin_runtime/elf_exports.hpp"

#include "support/temp_folder.hpp"

#include <fstream>
#include <iterator>

namespace oscar::plugin_runtime {
namespace {

constexpr std::string_view kEntry = "oscar_plugin_entry";

std::filesystem::path fixture(const std::string& name) {
  std::filesystem::path path{OSCAR_BINARY_DIR "/tests/fixtures/plugins"};
  return path / name / ("libfixture_" + name + ".so");
}

std::string contentOf(const std::filesystem::path& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

TEST(ElfExports, FindsTheEntryWithoutLoading) {
  EXPECT_EQ(findExportedSymbol(fixture("good"), kEntry), SymbolPresence::kPresent);
  EXPECT_EQ(findExportedSymbol(fixture("stripped"), kEntry), SymbolPresence::kPresent);
  EXPECT_EQ(findExportedSymbol(fixture("no_entry"), kEntry), SymbolPresence::kAbsent);
  EXPECT_EQ(findExportedSymbol(fixture("good"), "oscar_plugin_entr"), SymbolPresence::kAbsent);
  EXPECT_EQ(findExportedSymbol(fixture("good"), "oscar_plugin_entry2"), SymbolPresence::kAbsent);
}

TEST(ElfExports, DoesNotCountAnImportedSymbol) {
  EXPECT_EQ(findExportedSymbol(fixture("undefined_symbol"), "oscar_fixture_nobody_defines_this"),
            SymbolPresence::kAbsent);
}

TEST(ElfExports, RefusesWhatIsNoLibrary) {
  const test::TempFolder folder;
  EXPECT_EQ(findExportedSymbol(folder.path() / "none", kEntry), SymbolPresence::kNotALibrary);
  EXPECT_EQ(findExportedSymbol(folder.path(), kEntry), SymbolPresence::kNotALibrary);
  EXPECT_EQ(findExportedSymbol(folder.write("empty", ""), kEntry), SymbolPresence::kNotALibrary);
  EXPECT_EQ(findExportedSymbol(folder.write("text", std::string(5000, 'x')), kEntry),
            SymbolPresence::kNotALibrary);
}

TEST(ElfExports, SurvivesTruncationAndDamageAnywhereInTheHeaders) {
  const test::TempFolder folder;
  const std::string good = contentOf(fixture("good"));
  ASSERT_GT(good.size(), 4096u);
  for (std::size_t size = 0; size < good.size(); size += 997) {
    const auto path = folder.write("cut", good.substr(0, size));
    EXPECT_EQ(findExportedSymbol(path, kEntry), SymbolPresence::kNotALibrary) << size;
  }
  for (std::size_t at = 0; at < 64; ++at) {
    std::string damaged = good;
    damaged[at] = static_cast<char>(0xff);
    findExportedSymbol(folder.write("damaged", damaged), kEntry);  // must return, whatever it says
  }
}

}  // namespace
}  // namespace oscar::plugin_runtime
