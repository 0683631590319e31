#include "ddl/ptosc_renames.hpp"

#include <algorithm>

namespace oscar::ddl {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool sameWord(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::size_t findWord(std::string_view text, std::string_view word, std::size_t from) {
  for (; from + word.size() <= text.size(); ++from) {
    if (sameWord(text.substr(from, word.size()), word)) return from;
  }
  return text.npos;
}

bool isSpace(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

bool isWordCharacter(char c) {
  return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') || c == '_' || c == '$' ||
         (static_cast<unsigned char>(c) & 0x80) != 0;
}

/// pt-osc splits even a quoted name at its first dots and takes the second part, unless that is
/// false in Perl (Quoter::split_unquote): it reads `x.note` as note.
std::string withoutQualifier(std::string_view raw) {
  const std::size_t dot = raw.find('.');
  std::string_view part = raw.substr(0, dot);
  if (dot != raw.npos) {
    const std::string_view rest = raw.substr(dot + 1);
    const std::string_view second = rest.substr(0, rest.find('.'));
    if (!second.empty() && second != "0") part = second;
  }
  if (part.starts_with('`')) part.remove_prefix(1);
  if (part.ends_with('`')) part.remove_suffix(1);
  return std::string{part};
}

/// Reads what the pattern allows, from `at` on.
class Scanner {
 public:
  Scanner(std::string_view text, std::size_t at) : text_{text}, at_{at} {}

  bool spaces() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && isSpace(text_[at_])) ++at_;
    return at_ > begin;
  }

  bool word(std::string_view expected) {
    if (!sameWord(text_.substr(at_, expected.size()), expected)) return false;
    at_ += expected.size();
    return true;
  }

  /// The name that pt-osc makes of the identifier here.
  std::optional<std::string> identifier() {
    if (at_ >= text_.size()) return std::nullopt;
    if (text_[at_] == '`' || text_[at_] == '"') {
      const auto name = quoted(text_[at_]);
      return name ? std::optional{withoutQualifier("`" + *name + "`")} : std::nullopt;
    }
    const std::size_t begin = at_;
    while (at_ < text_.size() && isWordCharacter(text_[at_])) ++at_;
    if (at_ == begin) return std::nullopt;
    return withoutQualifier(text_.substr(begin, at_ - begin));
  }

  bool quote() const { return at_ < text_.size() && (text_[at_] == '\'' || text_[at_] == '"'); }

  std::size_t position() const { return at_; }
  void moveTo(std::size_t at) { at_ = at; }

 private:
  // A doubled quote stands for one.
  std::optional<std::string> quoted(char quote) {
    std::string name;
    for (std::size_t i = at_ + 1; i < text_.size(); ++i) {
      if (text_[i] != quote) {
        name += text_[i];
      } else if (i + 1 < text_.size() && text_[i + 1] == quote) {
        name += text_[i++];
      } else {
        at_ = i + 1;
        return name;
      }
    }
    return std::nullopt;
  }

  std::string_view text_;
  std::size_t at_;
};

std::optional<PtoscRename> patternAt(std::string_view text, std::size_t change) {
  Scanner scanner{text, change};
  if (!scanner.word("CHANGE") || !scanner.spaces()) return std::nullopt;
  const std::size_t after_change = scanner.position();
  if (!(scanner.word("COLUMN") && scanner.spaces())) scanner.moveTo(after_change);
  auto from = scanner.identifier();
  if (!from || !scanner.spaces()) return std::nullopt;
  auto to = scanner.identifier();
  if (!to) return std::nullopt;
  return PtoscRename{std::move(*from), std::move(*to), change};
}

// True for `CHANGE [COLUMN] [name] COMMENT '`, which no clause can hold, but a string or comment
// can: pt-osc deletes from COMMENT to the quote's end, and what follows moves up to CHANGE.
bool mayCloseUpAt(std::string_view text, std::size_t change) {
  Scanner scanner{text, change};
  if (!scanner.word("CHANGE")) return false;
  for (int names = 0; names <= 2 && scanner.spaces(); ++names) {
    const std::size_t here = scanner.position();
    if (scanner.word("COMMENT") && scanner.spaces() && scanner.quote()) return true;
    scanner.moveTo(here);
    if (!scanner.identifier()) return false;
  }
  return false;
}

bool mayCloseUp(std::string_view text) {
  for (std::size_t at = 0; (at = findWord(text, "CHANGE", at)) != text.npos; ++at) {
    if (mayCloseUpAt(text, at)) return true;
  }
  return false;
}

// Names that pt-osc reads, compares and writes without any doubt about quoting, dots or encoding.
bool isCertainName(std::string_view name) {
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    return isWordCharacter(c) && (static_cast<unsigned char>(c) & 0x80) == 0;
  });
  return plain && std::any_of(name.begin(), name.end(), [](char c) { return c < '0' || c > '9'; });
}

bool isRename(const Clause& clause) {
  return clause.kind == ClauseKind::kChangeColumn && !sameWord(clause.name, clause.new_name);
}

bool touchesColumn(const Clause& clause, const PtoscRename& rename) {
  const bool of_columns =
      clause.kind == ClauseKind::kAddColumn || clause.kind == ClauseKind::kDropColumn ||
      clause.kind == ClauseKind::kModifyColumn || clause.kind == ClauseKind::kChangeColumn;
  return of_columns && (sameWord(clause.name, rename.from) || sameWord(clause.name, rename.to));
}

// Certain when the pattern matches once, at this clause, with these names, and nothing in front of
// it can be what pt-osc takes for the beginning of a comment.
bool isCertain(const AlterStatement& statement, const Clause& clause, const PtoscRename& rename,
               const std::vector<PtoscRename>& patterns) {
  const std::string_view text = statement.alter_text;
  const std::size_t at = clause.start - statement.alter_offset;
  if (patterns.size() != 1 || patterns.front().offset != at) return false;
  if (patterns.front().from != rename.from || patterns.front().to != rename.to) return false;
  if (!isCertainName(rename.from) || !isCertainName(rename.to)) return false;
  if (findWord(text.substr(0, at), "COMMENT", 0) != text.npos) return false;
  return std::none_of(statement.clauses.begin(), statement.clauses.end(), [&](const Clause& other) {
    return &other != &clause && touchesColumn(other, rename);
  });
}

}  // namespace

std::vector<PtoscRename> renamePatterns(std::string_view alter_text) {
  std::vector<PtoscRename> found;
  for (std::size_t at = 0; (at = findWord(alter_text, "CHANGE", at)) != alter_text.npos; ++at) {
    if (at > 0 && isWordCharacter(alter_text[at - 1]) && alter_text[at - 1] != '$') continue;
    auto rename = patternAt(alter_text, at);
    if (rename && !sameWord(rename->from, rename->to)) found.push_back(std::move(*rename));
  }
  return found;
}

RenameReading readRenames(const AlterStatement& statement) {
  using Verdict = RenameReading::Verdict;
  auto patterns = renamePatterns(statement.alter_text);
  const auto count = std::count_if(statement.clauses.begin(), statement.clauses.end(), isRename);
  if (mayCloseUp(statement.alter_text)) return {Verdict::kUncertain, std::nullopt, {}};
  if (count == 0) {
    if (patterns.empty()) return {};
    return {Verdict::kMisread, std::nullopt, std::move(patterns)};
  }
  const auto clause = std::find_if(statement.clauses.begin(), statement.clauses.end(), isRename);
  const PtoscRename rename{clause->name, clause->new_name, clause->start - statement.alter_offset};
  if (count > 1) return {Verdict::kSeveral, rename, {}};
  const bool certain = isCertain(statement, *clause, rename, patterns);
  return {certain ? Verdict::kSafe : Verdict::kUncertain, rename, {}};
}

}  // namespace oscar::ddl
