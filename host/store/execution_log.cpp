#include "store/execution_log.hpp"

#include "store/clean_text.hpp"

#include <algorithm>
#include <charconv>

namespace oscar::store {
namespace {

/// Beyond this a commit's lines become several rows: far below any server's max_allowed_packet.
constexpr std::size_t kMaxPayload = 256 << 10;
/// Rows fetched at once while reading: a page of a quiet log is one fetch, a search takes few.
constexpr std::int64_t kChunksPerFetch = 128;

constexpr std::string_view kInsertChunk =
    "INSERT INTO execution_log_chunks (execution_id, first_line, line_count, payload)"
    " VALUES (?, ?, ?, ?)";
constexpr Query kSelectChunkStart{
    "SELECT MAX(first_line) FROM execution_log_chunks WHERE execution_id = ? AND first_line <= ?",
    "i"};
constexpr Query kSelectChunks{
    "SELECT first_line, payload FROM execution_log_chunks WHERE execution_id = ?"
    " AND first_line >= ? ORDER BY first_line LIMIT ?",
    "is"};
constexpr Query kSelectLastLine{
    "SELECT first_line + line_count - 1 FROM execution_log_chunks WHERE execution_id = ?"
    " ORDER BY first_line DESC LIMIT 1",
    "i"};

bool takeNumber(std::string_view& rest, std::int64_t& number) {
  const auto parsed = std::from_chars(rest.data(), rest.data() + rest.size(), number);
  if (parsed.ec != std::errc{} || parsed.ptr == rest.data() + rest.size()) return false;
  rest.remove_prefix(static_cast<std::size_t>(parsed.ptr - rest.data()) + 1);
  return true;
}

}  // namespace

std::string encodeLines(const std::vector<LogLine>& lines, std::size_t begin, std::size_t end) {
  std::string payload;
  for (std::size_t i = begin; i < end; ++i) {
    payload += std::to_string(toMillis(lines[i].at)) + ' ' + std::to_string(lines[i].text.size()) +
               ' ' + lines[i].text + '\n';
  }
  return payload;
}

std::vector<LogLine> decodeLines(std::string_view payload, std::int64_t first_line) {
  std::vector<LogLine> lines;
  while (!payload.empty()) {
    std::int64_t millis = 0;
    std::int64_t size = 0;
    if (!takeNumber(payload, millis) || !takeNumber(payload, size)) break;
    if (size < 0 || static_cast<std::size_t>(size) >= payload.size()) break;
    const auto length = static_cast<std::size_t>(size);
    lines.push_back({first_line++, fromMillis(millis), std::string{payload.substr(0, length)}});
    payload.remove_prefix(length + 1);
  }
  return lines;
}

void appendLog(Sql& sql, const std::string& execution_id, const std::vector<LogLine>& lines) {
  std::size_t begin = 0;
  while (begin < lines.size()) {
    std::size_t end = begin;
    for (std::size_t bytes = 0; end < lines.size() && (end == begin || bytes < kMaxPayload);
         ++end) {
      bytes += lines[end].text.size();
    }
    sql.execute(kInsertChunk,
                {execution_id, lines[begin].number, static_cast<std::int64_t>(end - begin),
                 encodeLines(lines, begin, end)});
    begin = end;
  }
}

std::vector<LogLine> readLogLines(Sql& sql, const std::string& execution_id, std::int64_t from_line,
                                  int limit, const std::string& search) {
  std::vector<LogLine> result;
  if (limit <= 0) return result;
  const std::string wanted = asciiLower(search);
  const auto start =
      sql.one(kSelectChunkStart, {execution_id, std::max<std::int64_t>(from_line, 1)})
          ->optionalInteger();
  if (!start) return result;
  std::int64_t next_chunk = *start;
  while (true) {
    auto chunks = sql.query(kSelectChunks, {execution_id, next_chunk, kChunksPerFetch});
    for (auto& chunk : chunks) {
      const std::int64_t first = chunk.integer();
      next_chunk = first + 1;
      for (auto& line : decodeLines(chunk.text(), first)) {
        if (line.number < from_line) continue;
        if (!wanted.empty() && asciiLower(line.text).find(wanted) == std::string::npos) continue;
        result.push_back(std::move(line));
        if (result.size() == static_cast<std::size_t>(limit)) return result;
      }
    }
    if (static_cast<std::int64_t>(chunks.size()) < kChunksPerFetch) return result;
  }
}

std::int64_t lastStoredLine(Sql& sql, const std::string& execution_id) {
  auto row = sql.one(kSelectLastLine, {execution_id});
  return row ? row->integer() : 0;
}

}  // namespace oscar::store
