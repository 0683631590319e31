#include "store/text_pool.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <stdexcept>

namespace oscar::store {
namespace {

constexpr std::uint32_t kFirstBlock = 16 << 10;
constexpr std::uint32_t kMaxBlock = 1 << 20;

/// Sixteen bytes that are compared at once, on every processor that GCC and Clang know.
using Lane = unsigned char __attribute__((vector_size(16)));
constexpr std::size_t kLane = sizeof(Lane);

Lane laneAt(const char* at) {
  Lane lane;
  std::memcpy(&lane, at, kLane);
  return lane;
}

/// The first place of `part` from `at` on, or null. Looks for its first and last byte at once,
/// which is several times as fast as memmem on short parts of short words.
const char* findPart(const char* at, const char* end, std::string_view part) {
  const Lane first = Lane{} + static_cast<unsigned char>(part.front());
  const Lane last = Lane{} + static_cast<unsigned char>(part.back());
  const std::size_t reach = part.size() - 1;
  for (; static_cast<std::size_t>(end - at) >= reach + kLane; at += kLane) {
    const auto both = (laneAt(at) == first) & (laneAt(at + reach) == last);
    std::array<std::uint64_t, 2> bits;
    std::memcpy(bits.data(), &both, kLane);
    if ((bits[0] | bits[1]) == 0) continue;
    for (std::size_t i = 0; i < kLane; ++i) {
      if (both[i] != 0 && std::memcmp(at + i, part.data(), part.size()) == 0) return at + i;
    }
  }
  const auto rest = static_cast<std::size_t>(end - at);
  return static_cast<const char*>(::memmem(at, rest, part.data(), part.size()));
}

}  // namespace

std::string_view TextPool::text(Id id) const {
  const Entry& entry = entries_[id];
  return {blocks_[entry.block].bytes.get() + entry.offset, entry.length};
}

std::size_t TextPool::bytes() const {
  std::size_t sum = entries_.capacity() * sizeof(Entry) + slots_.capacity() * sizeof(Id);
  for (const auto& block : blocks_) sum += block.size;
  return sum;
}

std::size_t TextPool::slotOf(std::string_view text) const {
  std::size_t slot = std::hash<std::string_view>{}(text) & (slots_.size() - 1);
  while (slots_[slot] != 0 && this->text(slots_[slot] - 1) != text) {
    slot = (slot + 1) & (slots_.size() - 1);
  }
  return slot;
}

void TextPool::growSlots() {
  slots_.assign(std::max<std::size_t>(64, slots_.size() * 2), 0);
  for (Id id = 0; id < entries_.size(); ++id) slots_[slotOf(text(id))] = id + 1;
}

std::optional<TextPool::Id> TextPool::find(std::string_view text) const {
  if (slots_.empty()) return std::nullopt;
  const Id found = slots_[slotOf(text)];
  return found == 0 ? std::nullopt : std::optional{found - 1};
}

TextPool::Id TextPool::add(std::string_view text) {
  if (text.size() > kMaxBlock) throw std::length_error{"TextPool: the text is too long"};
  if (entries_.size() * 3 >= slots_.size() * 2) growSlots();
  const std::size_t slot = slotOf(text);
  if (slots_[slot] != 0) return slots_[slot] - 1;

  const Id id = static_cast<Id>(entries_.size());
  const auto length = static_cast<std::uint32_t>(text.size());
  if (blocks_.empty() || blocks_.back().size - blocks_.back().used < length) {
    // Blocks grow with the pool, so that small pools stay small.
    const std::uint32_t wanted = blocks_.empty() ? kFirstBlock : blocks_.back().size * 2;
    const std::uint32_t size = std::max(std::min(wanted, kMaxBlock), length);
    // NOLINTNEXTLINE: make_unique would write zeros into all of it
    blocks_.push_back({std::unique_ptr<char[]>{new char[size]}, size, 0, id});
  }
  Block& block = blocks_.back();
  std::copy(text.begin(), text.end(), block.bytes.get() + block.used);
  entries_.push_back({static_cast<std::uint32_t>(blocks_.size() - 1), block.used, length});
  block.used += length;
  slots_[slot] = id + 1;
  return id;
}

void TextPool::markContaining(std::string_view part, std::vector<bool>& found) const {
  const auto from = static_cast<Id>(found.size());
  found.resize(entries_.size(), false);
  if (from == entries_.size()) return;
  for (std::size_t block = entries_[from].block; block < blocks_.size(); ++block) {
    markInBlock(block, std::max(from, blocks_[block].first), part, found);
  }
}

/// Looks through the whole block at once, which is several times as fast as text by text, and then
/// which text a hit lies in.
void TextPool::markInBlock(std::size_t block, Id from, std::string_view part,
                           std::vector<bool>& found) const {
  const char* const begin = blocks_[block].bytes.get();
  const char* const end = begin + blocks_[block].used;
  const char* at = begin + entries_[from].offset;
  Id id = from;
  while (true) {
    at = findPart(at, end, part);
    if (!at) return;
    const auto offset = static_cast<std::uint32_t>(at - begin);
    while (entries_[id].offset + entries_[id].length <= offset) ++id;
    const std::uint32_t end_of_text = entries_[id].offset + entries_[id].length;
    if (offset + part.size() > end_of_text) {
      ++at;  // reaches into the next text
      continue;
    }
    found[id] = true;
    at = begin + end_of_text;
  }
}

}  // namespace oscar::store
