#pragma once

#include "ddl/alter_statement.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace oscar::ddl {

/// pt-osc does not parse ALTER: it finds renames by a pattern (`CHANGE [COLUMN] word word`) after
/// deleting what it takes for comments, which reaches from the first COMMENT to the *last* quote of
/// the line. A rename that it misses is copied as an empty column; words in a string that it takes
/// for one send a column's values elsewhere. (pt-osc 3.2.1: find_renamed_cols, check_alter.)
/// Names are as pt-osc reads them: of a quoted name with dots it takes the second part.
struct PtoscRename {
  std::string from;
  std::string to;
  std::size_t offset = 0;  ///< of the word CHANGE, in the ALTER text
  bool operator==(const PtoscRename&) const = default;
};

/// Every place where the pattern matches, wherever it stands; same-name pairs are left out. A
/// superset of what pt-osc sees.
std::vector<PtoscRename> renamePatterns(std::string_view alter_text);

/// How pt-osc will understand the renames of a statement.
struct RenameReading {
  enum class Verdict {
    kNone = 1,   ///< there is no rename and pt-osc sees none
    kSafe,       ///< exactly one, which pt-osc sees for certain
    kMisread,    ///< none, but pt-osc may see `misread` in a string or comment
    kUncertain,  ///< one that pt-osc might not see, or might take for another
    kSeveral,    ///< more than one: pt-osc is known to mix them up
  };
  Verdict verdict = Verdict::kNone;
  std::optional<PtoscRename> rename;  ///< of kSafe and, where a clause renames, kUncertain
  std::vector<PtoscRename> misread;   ///< of kMisread
};
RenameReading readRenames(const AlterStatement& statement);

}  // namespace oscar::ddl
