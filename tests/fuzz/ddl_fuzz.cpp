// Feeds arbitrary bytes to the ALTER parser and checks what must hold for every text.

#include "ddl/alter_parser.hpp"
#include "ddl/column_parser.hpp"
#include "ddl/narrowing.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace {

void require(bool condition, const char* rule) {
  if (condition) return;
  std::fprintf(stderr, "broken rule: %s\n", rule);
  std::abort();
}

void checkError(const oscar::ddl::ParseError& error, std::string_view text) {
  require(error.offset <= text.size(), "the error is inside the text");
  require(error.line >= 1 && error.column >= 1, "line and column start at 1");
  require(!error.message.zh.empty() && !error.message.en.empty(), "the error is explained");
}

void checkStatement(const oscar::ddl::AlterStatement& statement, std::string_view text) {
  require(!statement.clauses.empty(), "a statement has clauses");
  require(text.substr(statement.alter_offset, statement.alter_text.size()) == statement.alter_text,
          "alter_text is the user's bytes");
  require(!statement.alter_text.empty(), "alter_text is not empty");
  const std::size_t last = statement.alter_offset + statement.alter_text.size();
  std::size_t previous = statement.alter_offset;
  for (const oscar::ddl::Clause& clause : statement.clauses) {
    require(previous <= clause.start && clause.start < clause.end && clause.end <= last,
            "clauses are in order, not empty and inside alter_text");
    previous = clause.end;
    require(!oscar::ddl::toString(clause.kind).empty(), "a kind has a word");
    for (oscar::ddl::Danger danger : clause.dangers) {
      require(!oscar::ddl::explain(danger).empty(), "a danger is explained");
    }
    if (clause.column) {
      require(!clause.column->type.empty(), "a column has a type");
      oscar::ddl::narrows(*clause.column, *clause.column);
    }
  }
  static_cast<void>(statement.ddlType());
}

/// What was cut out must mean the same when it is read again.
void checkAgain(const oscar::ddl::AlterStatement& statement) {
  const auto again = oscar::ddl::parseAlter(statement.alter_text);
  require(again.ok(), "alter_text parses again");
  require(again.value().alter_text == statement.alter_text, "alter_text is cut only once");
  require(again.value().clauses.size() == statement.clauses.size(), "with the same clauses");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto result = oscar::ddl::parseAlter(text);
  if (result.ok()) {
    checkStatement(result.value(), text);
    checkAgain(result.value());
  } else {
    checkError(result.error(), text);
  }
  const auto column = oscar::ddl::parseColumnDefinition(text);
  if (!column.ok()) checkError(column.error(), text);
  return 0;
}
