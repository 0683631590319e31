#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace oscar::store {

/// Distinct texts, each kept once under an id that counts from 0, packed so closely that a hundred
/// thousand of them can be searched for a part within milliseconds. Texts are only ever added. Not
/// thread-safe.
class TextPool {
 public:
  using Id = std::uint32_t;

  /// The text's id, a new one when it is new. Texts are at most 1 MiB; more throws
  /// std::length_error.
  Id add(std::string_view text);
  std::optional<Id> find(std::string_view text) const;
  std::string_view text(Id id) const;
  std::size_t size() const { return entries_.size(); }
  /// Memory that the pool holds, about.
  std::size_t bytes() const;

  /// Marks in `found` which texts contain `part` (not empty), by id; those that `found` has entries
  /// for already are not looked at again. Compares bytes.
  void markContaining(std::string_view part, std::vector<bool>& found) const;

 private:
  struct Entry {
    std::uint32_t block;
    std::uint32_t offset;
    std::uint32_t length;
  };
  struct Block {
    std::unique_ptr<char[]> bytes;  // NOLINT: not yet written pages cost no memory
    std::uint32_t size;
    std::uint32_t used;
    Id first;  ///< the first text that lies in it
  };

  void markInBlock(std::size_t block, Id from, std::string_view part,
                   std::vector<bool>& found) const;
  std::size_t slotOf(std::string_view text) const;
  void growSlots();

  std::vector<Block> blocks_;
  std::vector<Entry> entries_;
  std::vector<Id> slots_;  ///< open addressing: id + 1, 0 is free
};

}  // namespace oscar::store
