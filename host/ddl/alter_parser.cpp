#include "ddl/alter_parser.hpp"

#include "ddl/clause_parser.hpp"
#include "ddl/danger_rules.hpp"
#include "ddl/lexer.hpp"
#include "ddl/partition_parser.hpp"
#include "ddl/table_option_parser.hpp"
#include "ddl/token_cursor.hpp"

#include <string>
#include <utility>

namespace oscar::ddl {
namespace {

constexpr std::string_view kBlanks = " \t\n\v\f\r";

const Text kStandsAlone{
    "分区操作必须单独成句，不能与其他子句写在一起，请拆成两次变更。",
    "An operation on partitions must be the only change; split this into two changes."};
const Text kCommaBeforePartitioning{
    "PARTITION BY 和 REMOVE PARTITIONING 前不能有逗号，请去掉逗号。",
    "PARTITION BY and REMOVE PARTITIONING take no comma in front; remove the comma."};
const Text kPrefixInComment{
    "ALTER TABLE 不能写在版本注释里，请移到注释之外或去掉。",
    "ALTER TABLE cannot stand in a version comment; move it out of the comment or remove it."};
const Text kSemicolonInComment{"版本注释里不能有分号，请去掉。",
                               "A semicolon cannot stand in a version comment; remove it."};
const Text kOneStatement{"一次只能提交一条语句，请去掉分号之后的内容。",
                         "One statement only; remove what follows the semicolon."};

class AlterParser {
 public:
  explicit AlterParser(TokenCursor cursor) : cursor_{std::move(cursor)} {}

  Result<AlterStatement, ParseError> run() {
    if (!parsePrefix() || !parseClauses() || !parseEnd()) return cursor_.error();
    for (Clause& clause : statement_.clauses) clause.dangers = dangersOf(clause);
    cutAlterText();
    noteWhatServersReadDifferently();
    return std::move(statement_);
  }

 private:
  bool atPrefix() const {
    std::size_t ahead = 1;
    while (cursor_.atWord("ONLINE", ahead) || cursor_.atWord("OFFLINE", ahead) ||
           cursor_.atWord("IGNORE", ahead)) {
      // One of each is all that any server takes, and it bounds the look ahead.
      if (++ahead > 3) return false;
    }
    return cursor_.atWord("ALTER") && cursor_.atWord("TABLE", ahead);
  }

  bool parsePrefix() {
    const bool prefix = atPrefix();
    if (prefix) {
      bool if_exists = false;  // says nothing here: a table that is not there is an error
      while (!cursor_.acceptWord("TABLE")) cursor_.advance();
      if (!cursor_.optionalIfExists(if_exists) ||
          !cursor_.expectTableName(statement_.altered_table.emplace())) {
        return false;
      }
    }
    if (cursor_.atWord("WAIT") && cursor_.peek(1).kind == TokenKind::kInteger) {
      cursor_.advance();
      cursor_.advance();
    } else if (cursor_.atWord("NOWAIT")) {
      cursor_.advance();
    }
    if (!prefix) return true;
    if (cursor_.last().in_version_comment) {
      return cursor_.fail(cursor_.last().offset, kPrefixInComment);
    }
    statement_.removed_prefix = true;
    statement_.alter_offset = cursor_.lastEnd();
    return true;
  }

  bool parseClauses() {
    while (true) {
      if (!parseClause()) return false;
      if (cursor_.acceptSymbol(",")) {
        after_comma_ = true;
        continue;
      }
      after_comma_ = false;
      if (last_was_option_ && atTableOption(cursor_)) continue;
      if (!alone_ && atPartitioning(cursor_)) continue;
      return true;
    }
  }

  bool parseClause() {
    last_was_option_ = false;
    // An error names the first few alternatives: these are what most people want.
    for (const char* word : {"ADD", "DROP", "MODIFY", "CHANGE", "RENAME", "ALTER"}) {
      cursor_.note(word);
    }
    if (alone_) return cursor_.fail(cursor_.peek().offset, kStandsAlone);
    if (atPartitioning(cursor_)) {
      if (after_comma_) return cursor_.fail(cursor_.peek().offset, kCommaBeforePartitioning);
      alone_ = true;
      return parseOne(parsePartitioning);
    }
    if (atPartitionOperation(cursor_)) {
      if (!onlySettingsSoFar()) return cursor_.fail(cursor_.peek().offset, kStandsAlone);
      alone_ = true;
      return parseOne(parsePartitionOperation);
    }
    if (atTableOption(cursor_)) {
      last_was_option_ = true;
      return parseOne(parseTableOption);
    }
    return parseAlteration(cursor_, statement_.clauses);
  }

  template <typename Parse>
  bool parseOne(Parse parse) {
    Clause& clause = statement_.clauses.emplace_back();
    clause.start = cursor_.peek().offset;
    if (!parse(cursor_, clause)) return false;
    clause.end = cursor_.lastEnd();
    return true;
  }

  /// ALGORITHM, LOCK and VALIDATION may stand before an operation on partitions.
  bool onlySettingsSoFar() const {
    for (const Clause& clause : statement_.clauses) {
      if (!clause.onlySaysHow()) return false;
    }
    return true;
  }

  bool parseEnd() {
    cursor_.note("end of statement");
    if (cursor_.peek().kind == TokenKind::kEnd) {
      end_ = cursor_.text().size();
      return true;
    }
    if (!cursor_.atSymbol(";")) return cursor_.fail();
    if (cursor_.peek().in_version_comment) {
      return cursor_.fail(cursor_.peek().offset, kSemicolonInComment);
    }
    end_ = cursor_.peek().offset;
    statement_.removed_semicolon = true;
    while (cursor_.acceptSymbol(";")) {
    }
    if (cursor_.peek().kind == TokenKind::kEnd) return true;
    return cursor_.fail(cursor_.peek().offset, kOneStatement);
  }

  /// Only outer white space goes: a comment may be a hint, and quotes may end the text.
  void cutAlterText() {
    const std::string_view text = cursor_.text();
    const std::size_t start = text.find_first_not_of(kBlanks, statement_.alter_offset);
    const std::size_t last = text.find_last_not_of(kBlanks, end_ - 1);
    statement_.alter_offset = start;
    statement_.alter_text = text.substr(start, last + 1 - start);
  }

  void noteWhatServersReadDifferently() {
    for (const Token& token : cursor_.tokens()) {
      if (token.after_conditional_comment) statement_.conditional_comment = true;
      if (token.kind != TokenKind::kString) continue;
      const std::string_view text = cursor_.text().substr(token.offset, token.length);
      if (text.find('\\') != text.npos) statement_.escapes_in_strings = true;
      if (text.back() == '"') statement_.double_quoted_strings = true;
    }
  }

  TokenCursor cursor_;
  AlterStatement statement_;
  std::size_t end_ = 0;
  bool after_comma_ = false;
  bool last_was_option_ = false;
  bool alone_ = false;  ///< nothing may follow any more
};

}  // namespace

Result<AlterStatement, ParseError> parseAlter(std::string_view text) {
  if (text.size() > kMaxAlterBytes) {
    return errorAt(text, kMaxAlterBytes,
                   Text{"语句超过 64 KiB，请拆成几次变更。",
                        "The statement is longer than 64 KiB; split it into several changes."});
  }
  Result<std::vector<Token>, LexError> tokens = tokenize(text);
  if (!tokens) return errorAt(text, tokens.error().offset, tokens.error().reason);
  return AlterParser{TokenCursor{text, std::move(tokens).value()}}.run();
}

}  // namespace oscar::ddl
